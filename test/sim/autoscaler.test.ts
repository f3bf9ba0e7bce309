/** The autoscaler: the usual formula, on a measurement that is old, with patience before it scales down. */
import { describe, expect, test } from 'vitest';
import { type Run, run, scenarioOf } from './support.ts';
import type { Scenario } from '../../scenarios/scenario.ts';

/** Two one-slot replicas at `rate` requests of 10 ms per second. */
const scaled = (rate: number, autoscaler: string, more = ''): Scenario =>
  scenarioOf({
    traffic: `{ requests: 1k, rate: ${rate}/s, arrivals: regular }`,
    baseline: `replicas: 2, balancer: round-robin, ${more} autoscaler: { min: 1, max: 20, ${autoscaler} }`,
    window: '1s',
  });

const readyAt = ({ windows }: Run): (number | null)[] =>
  windows.map(({ rows }) => rows.find(({ arm }) => arm === 'baseline')!.readyReplicas);

const AT_ONCE = 'metricLag: 0, metricWindow: 1s, syncEvery: 1s, tolerance: 0, scaleDownStabilisation: 0';

describe('wanted = ⌈ready · utilisation / target⌉', () => {
  test.each([
    // rate·10 ms = busy slots; utilisation = busy/2.
    [160, '20%', 8],
    [160, '50%', 4],
    [160, '79%', 3],
    [100, '50%', 2],
    [30, '50%', 1],
  ])('%d requests per second at a target of %s want %d replicas', async (rate, target, wanted) => {
    // Utilisation is 80 % and less: before the first sync both replicas keep up.
    const { arms } = await run(scaled(rate, `targetUtilisation: ${target}, ${AT_ONCE}`), 1001);
    expect(arms[0]!.wantedReplicas).toBe(wanted);
  });

  test('never beyond its limits', async () => {
    const more = await run(scaled(190, `targetUtilisation: 5%, ${AT_ONCE}`), 1001);
    expect(more.arms[0]!.wantedReplicas).toBe(20);
    const fewer = await run(scaled(1, `targetUtilisation: 90%, ${AT_ONCE}`), 5001);
    expect(fewer.arms[0]!.wantedReplicas).toBe(1);
  });

  test('not within the tolerance', async () => {
    const autoscaler = 'metricLag: 0, metricWindow: 1s, syncEvery: 1s, scaleDownStabilisation: 0';
    const inside = await run(scaled(108, `targetUtilisation: 50%, tolerance: 10%, ${autoscaler}`), 1001);
    expect(inside.arms[0]!.wantedReplicas).toBe(2);
    const outside = await run(scaled(112, `targetUtilisation: 50%, tolerance: 10%, ${autoscaler}`), 1001);
    expect(outside.arms[0]!.wantedReplicas).toBe(3);
  });
});

const lag = (seconds: number): Scenario =>
  scaled(
    160,
    `targetUtilisation: 40%, metricLag: ${seconds}s, metricWindow: 1s, syncEvery: 1s, tolerance: 0, scaleDownStabilisation: 0`,
  );

const firstChange = async (seconds: number): Promise<number> =>
  readyAt(await run(lag(seconds), 10_000)).findIndex((ready) => ready !== 2);

test('what it sees is old by the metric lag', async () => {
  // Windows close before the sync at the same instant: the change shows in the next one.
  expect(await firstChange(0)).toBe(1);
  expect(await firstChange(3)).toBe(4);
});

test('new replicas take requests after start-up and model load; those on their way are not ordered twice', async () => {
  const scenario = scaled(160, `targetUtilisation: 40%, ${AT_ONCE}`, 'startUp: 2s, modelLoad: 1s,');
  const result = await run(scenario, 10_000);
  const ready = readyAt(result);
  // Ordered at 1 s, ready at 4 s.
  expect(ready.slice(0, 4)).toEqual([2, 2, 2, 2]);
  expect(ready[4]).toBe(4);
  expect(Math.max(...ready.map((each) => each ?? 0))).toBe(4);
});

test('it scales down only to the largest recommendation of the stabilisation time', async () => {
  const points = '[{ at: 0, rate: 160/s }, { at: 3s, rate: 20/s }]';
  const scenario = {
    ...scaled(
      100,
      'targetUtilisation: 40%, metricLag: 0, metricWindow: 1s, syncEvery: 1s, tolerance: 0, scaleDownStabilisation: 4s',
    ),
    traffic: scenarioOf({
      traffic: `{ requests: 1k, arrivals: { kind: profile, period: 1000s, points: ${points} } }`,
    }).traffic,
  };
  const ready = readyAt(await run(scenario, 12_000));
  const peak = Math.max(...ready.map((each) => each ?? 0));
  expect(peak).toBeGreaterThanOrEqual(4);
  // The last recommendation of the busy time is at 3 s: until 7 s nothing shrinks.
  expect(ready[6]).toBe(peak);
  expect(ready[8]).toBeLessThan(peak);
  expect(ready.at(-1)).toBe(1);
});
