import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { buildFeatureStore } from '../../../models/features/build.ts';
import { dropRedisStore } from '../../../models/features/redis.ts';
import { type FeatureStore, openFeatureStore, StoreUnavailable } from '../../../models/features/store.ts';
import { freePort, redisProgram, startRedis, table, valuesOf } from './support.ts';

const program = redisProgram();

async function opened(url: string, namespace?: string): Promise<FeatureStore> {
  const store = await openFeatureStore(url, namespace);
  onTestFinished(() => store.close());
  return store;
}

describe.skipIf(program === null)('a store in a real Redis server', () => {
  let server: Awaited<ReturnType<typeof startRedis>>;
  beforeAll(async () => {
    server = await startRedis(program!);
  });
  afterAll(() => server.kill());

  test('gives back the bits that were put in, one by one and several at once', async () => {
    await buildFeatureStore(server.url, table(2500), 'bits');
    const store = await opened(server.url, 'bits');
    expect({ entities: store.entities, width: store.width }).toEqual({ entities: 2500, width: 4 });
    expect(await store.get(0)).toEqual(valuesOf(0));
    expect(await store.get(2499)).toEqual(valuesOf(2499));
    expect(await store.get(2500)).toBeNull();
    expect(await store.getMany([7, 9999, 7, 1003])).toEqual([valuesOf(7), null, valuesOf(7), valuesOf(1003)]);
    expect(await store.getMany([])).toEqual([]);
  });

  test('keeps namespaces apart; building again replaces all, dropping removes all', async () => {
    await buildFeatureStore(server.url, table(1500), 'one');
    await buildFeatureStore(server.url, table(3, 2), 'other');
    await buildFeatureStore(server.url, table(5), 'one');
    const one = await opened(server.url, 'one');
    expect([await one.get(4), await one.get(5)]).toEqual([valuesOf(4), null]);
    await dropRedisStore(server.url, 'one');
    expect(await one.get(0)).toBeNull();
    await expect(openFeatureStore(server.url, 'one')).rejects.toThrow("has no features of 'one'");
    expect(await (await opened(server.url, 'other')).get(2)).toEqual(valuesOf(2, 2));
  });

  test('that is killed fails every read at once, and is found again when it is back', async () => {
    const short = await startRedis(program!);
    await buildFeatureStore(short.url, table(10));
    const store = await opened(short.url);
    await short.kill();
    await expect(store.get(1)).rejects.toThrow(StoreUnavailable);
    await expect(store.getMany([1, 2])).rejects.toThrow('the feature store cannot be read');
    const again = await startRedis(program!, short.port);
    onTestFinished(() => again.kill());
    await buildFeatureStore(again.url, table(10));
    await expect.poll(() => store.get(1).catch(() => null), { timeout: 20_000 }).toEqual(valuesOf(1));
  });
});

test('a Redis that cannot be reached is refused with its address and the reason, without its password', async () => {
  const port = await freePort();
  const opening = openFeatureStore(`redis://user:secret@127.0.0.1:${port}`);
  await expect(opening).rejects.toThrow(StoreUnavailable);
  await expect(opening).rejects.toThrow(
    `the feature store redis://127.0.0.1:${port} cannot be reached: connect ECONNREFUSED`,
  );
  await expect(opening).rejects.not.toThrow('secret');
  await expect(buildFeatureStore(`redis://127.0.0.1:${port}`, table(1))).rejects.toThrow(StoreUnavailable);
});
