/** A scenario that falls silent is not over: in both worlds the policy goes on looking, at nothing. */
import { expect, test } from 'vitest';
import type { Scenario } from '../../../scenarios/scenario.ts';
import { rowOf, startWorld, tinyScenario } from './support.ts';

const SILENT_FROM_MS = 2000;

test('after the last request windows go on, empty, and the traffic has not ended', { timeout: 60_000 }, async () => {
  const tiny = await tinyScenario({});
  const segments = [
    { startMs: 0, endMs: SILENT_FROM_MS, fromRps: 60, toRps: 60 },
    { startMs: SILENT_FROM_MS, endMs: 86_400_000, fromRps: 0, toRps: 0 },
  ];
  const arrivals: Scenario['traffic']['arrivals'] = { kind: 'profile', segments, periodMs: 86_400_000 };
  const live = await startWorld({ ...tiny, traffic: { ...tiny.traffic, arrivals } }, 8000);
  const { nowMs, trafficEnded, windows } = await live.world.advance(6000);
  expect(nowMs).toBeGreaterThanOrEqual(6000);
  expect(trafficEnded).toBe(false);
  const arrived = windows.map((window) => rowOf(window, 'baseline').arrived);
  expect(arrived.slice(0, 2).every((n) => n > 0)).toBe(true);
  // On a busy machine the last ones come late.
  expect(arrived.slice(4, 6)).toEqual([0, 0]);
  // What was asked for ends all the same.
  expect((await live.world.advance(9000)).trafficEnded).toBe(true);
  const report = await live.finish();
  expect(report.sums.balanced).toBe(true);
});
