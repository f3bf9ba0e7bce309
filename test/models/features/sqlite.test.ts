import { fork } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { BadInput } from '../../../config/issues.ts';
import { buildFeatureStore, storedFeatures } from '../../../models/features/build.ts';
import { type FeatureStore, openFeatureStore, StoreUnavailable } from '../../../models/features/store.ts';
import { openContent } from '../../../models/table.ts';
import { tableOf, testFolder } from '../june.ts';
import { table, valuesOf } from './support.ts';

async function opened(file: string): Promise<FeatureStore> {
  const store = await openFeatureStore(file);
  onTestFinished(() => store.close());
  return store;
}

test('a store gives back the bits that were put in, one by one and several at once', async () => {
  const file = join(testFolder(), 'features.db');
  await buildFeatureStore(file, table(1000));
  const store = await opened(file);
  expect({ entities: store.entities, width: store.width }).toEqual({ entities: 1000, width: 4 });
  expect(await store.get(0)).toEqual(valuesOf(0));
  expect(await store.get(999)).toEqual(valuesOf(999));
  expect(await store.get(1000)).toBeNull();
  expect(await store.get(-1)).toBeNull();
  const asked = [5, 1000, 5, ...Array.from({ length: 200 }, (_, i) => i)];
  expect(await store.getMany(asked)).toEqual(asked.map((entity) => (entity === 1000 ? null : valuesOf(entity))));
});

test('building leaves one file, and replaces the store that was there', async () => {
  const folder = testFolder();
  const file = join(folder, 'features.db');
  await buildFeatureStore(file, table(10));
  await buildFeatureStore(file, table(3, 2));
  expect(readdirSync(folder)).toEqual(['features.db']);
  const store = await opened(file);
  expect([await store.get(2), await store.get(3)]).toEqual([valuesOf(2, 2), null]);
});

test('a table that cannot be read leaves nothing behind', async () => {
  const folder = testFolder();
  const broken = {
    ...table(10),
    read: () => {
      throw new Error('no such row');
    },
  };
  await expect(buildFeatureStore(join(folder, 'features.db'), broken)).rejects.toThrow('no such row');
  expect(readdirSync(folder)).toEqual([]);
});

test('several processes read one store at a time, and a writer does not stop them', async () => {
  const file = join(testFolder(), 'features.db');
  await buildFeatureStore(file, table(500));
  const readers = [0, 1, 2].map(() => fork(join(import.meta.dirname, 'reader.ts'), [file, '500']));
  for (const reader of readers) onTestFinished(() => void reader.kill());
  const answers = readers.map(
    (reader) =>
      new Promise<unknown>((resolve, reject) => {
        reader.once('message', resolve);
        reader.once('exit', (code) => reject(new Error(`a reader ended with ${code}`)));
      }),
  );
  const writer = new DatabaseSync(file);
  onTestFinished(() => writer.close());
  writer.exec('begin immediate');
  writer.prepare('update features set value = ? where entity = 0').run(new Uint8Array(valuesOf(7).buffer));
  expect(await Promise.all(answers)).toEqual([499_000, 499_000, 499_000]);
  writer.exec('commit');
  expect(await (await opened(file)).get(0)).toEqual(valuesOf(7));
});

test('no file is StoreUnavailable, another file is BadInput', async () => {
  const folder = testFolder();
  await expect(openFeatureStore(join(folder, 'none.db'))).rejects.toThrow(StoreUnavailable);
  const file = join(folder, 'text.db');
  writeFileSync(file, 'not a database at all');
  await expect(openFeatureStore(file)).rejects.toThrow(BadInput);
  await expect(openFeatureStore(file)).rejects.toThrow('got a file that is no feature store');
});

test('a closed store refuses to be read', async () => {
  const file = join(testFolder(), 'features.db');
  await buildFeatureStore(file, table(1));
  const store = await openFeatureStore(file);
  await store.close();
  await store.close();
  await expect(store.get(0)).rejects.toThrow(StoreUnavailable);
});

test('entities take the stored features of the content rows in turn', async () => {
  const content = await openContent(await tableOf('from june limit 3'));
  const stored = storedFeatures(content, 7);
  const file = join(testFolder(), 'features.db');
  await buildFeatureStore(file, stored);
  const store = await opened(file);
  const width = content.features.length;
  const rowOf = (row: number): number[] =>
    content.features.flatMap((feature, i) => (feature.stored ? [content.matrix[row * width + i]!] : []));
  expect(store.width).toBe(4);
  expect([...(await store.get(1))!]).toEqual(rowOf(1));
  expect([...(await store.get(5))!]).toEqual(rowOf(2));
  expect(rowOf(0)).not.toEqual(rowOf(1));
});
