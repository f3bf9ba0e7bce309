/** The nights that were: kept whole, read back as they were, and refused when they are something else. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { BadInput } from '../../config/issues.ts';
import { keepNight, nightFile, readHistory } from '../../nightly/history.ts';
import { namesIn, temporaryFolder } from '../cli/process.ts';
import { night, run } from './nights.ts';

const home = temporaryFolder();
afterAll(home.remove);
const at = (name: string): string => join(home.path, name);
const ALL = { beforeMs: Infinity, nowMs: Infinity, atMost: 100 };

const NIGHTS = [2, 0, 1].map((number) =>
  night(number, [
    run(1, { speed: 1000 + number, 'detection-delay': null }, { guard: 'p95', verdict: 'rolled-back', end: 'wrong' }),
    run(2, { speed: 2000 }, { isInvalid: true, isUnexpected: true, isLive: true, end: 'undecided' }),
    run(1, { speed: 3000 }, { rehearsal: 'another, of the same seed' }),
  ]),
);

test('nights are read back as they were kept, oldest first, whatever the order they were kept in', async () => {
  for (const each of NIGHTS) await keepNight(at('kept'), each);
  expect(await readHistory(at('kept'), 'suite', ALL)).toEqual(NIGHTS.toSorted((a, b) => a.startedAtMs - b.startedAtMs));
  expect(namesIn(at('kept'))).toEqual(['night=2026-01-01', 'night=2026-01-02', 'night=2026-01-03']);
});

test('the last ones before a moment, of this suite alone', async () => {
  await keepNight(at('kept'), night(3, [run(1, {})], { suite: { name: 'another', hash: 'sha256:2' } }));
  const dates = async (options: object): Promise<string[]> =>
    (await readHistory(at('kept'), 'suite', { ...ALL, ...options })).map(({ date }) => date);
  expect(await dates({ atMost: 2 })).toEqual(['2026-01-02', '2026-01-03']);
  expect(await dates({ beforeMs: NIGHTS[0]!.startedAtMs })).toEqual(['2026-01-01', '2026-01-02']);
});

test('a night that began at the same moment is the same night: it is replaced, not doubled', async () => {
  await keepNight(at('again'), NIGHTS[0]!);
  await keepNight(at('again'), { ...NIGHTS[0]!, code: 'sha256:2' });
  expect((await readHistory(at('again'), 'suite', ALL)).map(({ code }) => code)).toEqual(['sha256:2']);
});

test('no folder is no history', async () => expect(await readHistory(at('nowhere'), 'suite', ALL)).toEqual([]));

test('a folder that holds something else, and a file that is no night, are refused by name', async () => {
  mkdirSync(at('strange'));
  writeFileSync(join(at('strange'), 'letters.txt'), 'a letter');
  await expect(readHistory(at('strange'), 'suite', ALL)).rejects.toThrow(
    /letters\.txt.*expected folders night=YYYY-MM-DD/,
  );
  const file = nightFile(at('damaged'), NIGHTS[0]!);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, 'no parquet');
  await expect(readHistory(at('damaged'), 'suite', ALL)).rejects.toThrow(BadInput);
});

test('a night from the future is refused: where clocks went back, tonight would have no past', async () => {
  await keepNight(at('future'), NIGHTS[0]!);
  const before = { ...ALL, nowMs: NIGHTS[0]!.startedAtMs - 1 };
  await expect(readHistory(at('future'), 'another suite', before)).rejects.toThrow(
    /got a night that begins at 2026-01-03T00:00:00.000Z, expected one before now, 2026-01-02T23:59:59.999Z/,
  );
});

test('a night under another moment, an ending nobody knows and a value that is no number are refused by name', async () => {
  const kept = async (name: string, runs: Parameters<typeof night>[1]): Promise<string> => {
    await keepNight(at(name), night(0, runs));
    return nightFile(at(name), night(0, []));
  };
  const file = await kept('moved', [run(1, {})]);
  renameSync(file, join(file, '../1.parquet'));
  await expect(readHistory(at('moved'), 'suite', ALL)).rejects.toThrow(/1\.parquet.*the night that began at 17672/);
  await kept('endless', [run(1, {}, { end: 'well' as 'right' })]);
  await expect(readHistory(at('endless'), 'suite', ALL)).rejects.toThrow("got a rehearsal that ended 'well'");
  await kept('infinite', [run(1, { speed: Infinity })]);
  await expect(readHistory(at('infinite'), 'suite', ALL)).rejects.toThrow('got the value Infinity');
});
