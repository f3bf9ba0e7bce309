/** What is kept of a rehearsal's outcome. */
import { expect, test } from 'vitest';
import { type NightRun, runOf } from '../../nightly/night.ts';
import type { Outcome } from '../../outcome.ts';
import { MINUTE } from '../reports/fixture-policy.ts';
import { liveReport } from '../reports/fixture-live.ts';
import { outcome } from '../reports/fixture-outcome.ts';

const OF = { rehearsal: 'steady', key: 'key' };
const ROLLED_BACK = outcome('rolled-back');
const rollback = (completeMs: number | null): NightRun => {
  const { decidedAtMs } = ROLLED_BACK.rollback!;
  const end = completeMs === null ? null : decidedAtMs + completeMs;
  const timing = { ...ROLLED_BACK.timing, simulatedMs: decidedAtMs + 60 * MINUTE };
  return runOf({ ...ROLLED_BACK, timing, rollback: { ...ROLLED_BACK.rollback!, completeMs: end } }, OF);
};
const live = (changes: Parameters<typeof liveReport>[0], load: 'k6' | 'builtin' = 'k6'): Outcome => {
  const report = liveReport(changes);
  return { ...ROLLED_BACK, world: 'live', live: { ...report, load: { ...report.load, generator: load } } };
};

test('a rollback that was left incomplete took until the rehearsal ended, at least', () => {
  expect(rollback(2 * MINUTE).figures['rollback-time']).toBe(2 * MINUTE);
  expect(rollback(null).figures['rollback-time']).toBe(60 * MINUTE);
  expect(runOf(outcome('promoted'), OF).figures['rollback-time']).toBeNull();
});

test('what was measured under another load or with another feature store is another rehearsal', () => {
  const keys = [ROLLED_BACK, live({}), live({}, 'builtin'), live({ features: 'redis' })].map(
    (each) => runOf(each, OF).key,
  );
  expect(new Set(keys).size).toBe(4);
  expect(keys[0]).toBe('key');
});

test('a live run that proves nothing is kept as such', () => {
  expect(runOf(live({ valid: false }), OF)).toMatchObject({ isLive: true, isInvalid: true });
  expect(runOf(live({}), OF).isInvalid).toBe(false);
});
