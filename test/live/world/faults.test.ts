/** Every kind of fault is really injected into real processes, where the windows show it, and is over when it ends. */
import { describe, expect, test } from 'vitest';
import type { OpenLive } from '../../../live/open.ts';
import type { ArmWindow, Window } from '../../../telemetry/window.ts';
import { rowOf, startWorld, tinyScenario } from './support.ts';

const ALL: Action = { kind: 'mirror', percent: 100, stage: 'shadow' };
type Action = Parameters<OpenLive['world']['apply']>[0];

/** Windows of a world that mirrors everything, so that both arms see the same requests. */
async function windowsOf(
  options: Parameters<typeof tinyScenario>[0],
  untilMs: number,
): Promise<{ live: OpenLive; windows: Window[] }> {
  const live = await startWorld(await tinyScenario(options), untilMs + 5000);
  await live.world.apply(ALL);
  const { windows } = await live.world.advance(untilMs);
  return { live, windows: [...windows] };
}

const fault = (kind: string, at: string, size: string): string =>
  `{ kind: ${kind}, at: ${at}, for: 1s, size: ${size}, target: candidate }`;
const most = (rows: readonly ArmWindow[], of: (row: ArmWindow) => number): number => Math.max(...rows.map(of));
const sum = (rows: readonly ArmWindow[], of: (row: ArmWindow) => number): number =>
  rows.reduce((total, row) => total + of(row), 0);

test('faults on requests hit the arm and the time they are for, and nothing else', { timeout: 60_000 }, async () => {
  const { live, windows } = await windowsOf(
    {
      // No cache: every request reads the store.
      features: '{ latency: { kind: constant, value: 4ms } }',
      faults: `[${[
        // The stage begins before time 0, when the route is set: its times count from 0 all the same.
        fault('upstream-brownout', '{ on: stage, stage: shadow, after: 1s }', '60'),
        fault('feature-delay', '3s', '150'),
        fault('feature-missing', '5s', '100%'),
        fault('error-burst', '7s', '50%'),
        fault('score-skew', '9s', '3'),
      ].join(', ')}]`,
    },
    12_000,
  );
  const candidate = windows.map((window) => rowOf(window, 'candidate'));
  const baseline = windows.map((window) => rowOf(window, 'baseline'));
  // What began in the window of a fault may end in the next: both belong to it.
  const during = (second: number): ArmWindow[] => candidate.slice(second, second + 2);
  const calm = (second: number): ArmWindow[] => candidate.filter((_, i) => i !== second && i !== second + 1);

  // 60 · 10 ms is declared, and no timer is early by more than a few.
  expect(
    most(during(1), (row) => row.latency.maxMs),
    'upstream-brownout',
  ).toBeGreaterThan(590);
  expect(
    most(during(3), (row) => row.featureFetch.maxMs),
    'feature-delay',
  ).toBeGreaterThan(590);
  expect(
    sum(during(5), (row) => row.featuresMissing),
    'feature-missing',
  ).toBeGreaterThan(30);
  expect(sum(calm(5), (row) => row.featuresMissing)).toBe(0);
  expect(
    sum(during(7), (row) => row.failed),
    'error-burst',
  ).toBeGreaterThan(10);
  expect(sum(calm(7), (row) => row.failed)).toBe(0);
  expect(sum(during(7), (row) => row.failed)).toBeLessThan(50);
  const meanScore = (rows: readonly ArmWindow[]): number =>
    sum(rows, (r) => r.scores.sum) / sum(rows, (r) => r.scores.count);
  expect(meanScore([candidate[9]!]) / meanScore(calm(9)), 'score-skew').toBeGreaterThan(2);
  expect(meanScore([candidate[11]!]) / meanScore(calm(9))).toBeLessThan(1.5);
  // The baseline, with the same requests at the same times, knows of none of it.
  expect(sum(baseline, (row) => row.featuresMissing + row.failed)).toBe(0);
  expect(live.world.faultSpans.map(({ kind, startMs }) => [kind, startMs])).toEqual([
    ['upstream-brownout', 1000],
    ['feature-delay', 3000],
    ['feature-missing', 5000],
    ['error-burst', 7000],
    ['score-skew', 9000],
  ]);
  expect((await live.finish()).sums.mismatches).toEqual([]);
});

test('cold-cache empties the replicas’ caches, replica-crash kills one and brings another, replica-hang freezes one', {
  timeout: 60_000,
}, async () => {
  const { live, windows } = await windowsOf(
    {
      candidate: { replicas: '2', timeout: '600ms', startUp: '300ms' },
      // Everything fits, and is there from the start.
      features: '{ latency: { kind: constant, value: 4ms }, cache: { capacity: 200, scope: replica, eviction: lru } }',
      faults: `[
        { kind: cold-cache, at: 2s, target: candidate },
        { kind: replica-crash, at: 4s, for: 500ms, size: 1, target: candidate },
        { kind: replica-hang, at: 7s, for: 2s, size: 1, target: candidate }]`,
    },
    12_000,
  );
  const candidate = windows.map((window) => rowOf(window, 'candidate'));
  const misses = candidate.map(({ cacheMisses }) => cacheMisses);
  expect(misses.slice(0, 2)).toEqual([0, 0]);
  expect(misses[2]).toBeGreaterThan(5);
  expect(windows.map((window) => rowOf(window, 'baseline').cacheMisses)).toEqual(windows.map(() => 0));

  const ready = candidate.map(({ readyReplicas }) => readyReplicas);
  expect(ready.slice(0, 4)).toEqual([2, 2, 2, 2]);
  expect(Math.min(...ready.slice(4, 7).map(Number))).toBe(1);
  expect(ready[10]).toBe(2);
  const { all } = live.world.parts.fleets.candidate;
  expect(all.map(({ index }) => index)).toEqual(expect.arrayContaining([0, 1, 0]));
  expect(all.filter(({ process }) => !process.alive)).toHaveLength(1);

  const timedOut = candidate.map((row) => row.timedOut);
  expect(timedOut.slice(0, 4)).toEqual([0, 0, 0, 0]);
  expect(timedOut.slice(7, 10).reduce((a, b) => a + b)).toBeGreaterThan(0);
  expect(timedOut[11]).toBe(0);
  const report = await live.finish();
  expect(report.troubles).toEqual([]);
  expect(report.sums.mismatches).toEqual([]);
  expect(report.sums.sentToLostServers).toBeGreaterThan(0);
});

describe('fleets that follow the load', () => {
  const autoscaler = '{ min: 1, max: 3, targetUtilisation: 20%, metricLag: 0, metricWindow: 1s, syncEvery: 1s }';

  /** When the candidate's second replica became ready, ms, if it was wanted from the first sync on. */
  async function readyAfter(faults: string): Promise<number> {
    const { live, windows } = await windowsOf(
      { rate: 200, candidate: { slots: '4', startUp: '200ms', modelLoad: '200ms', autoscaler }, faults },
      8000,
    );
    const capacity = windows.map((window) => rowOf(window, 'candidate').capacityMs!);
    const first = capacity.findIndex((ms) => ms > 4000.001);
    if (first < 0) return Number.POSITIVE_INFINITY;
    const ready = rowOf(windows[first]!, 'candidate').readyReplicas!;
    await live.finish();
    return (first + 1) * 1000 - (capacity[first]! - 4000) / 4 / (ready - 1);
  }

  test('a wanted replica really starts and loads, and comes later by autoscaling-lag and model-load-slow', {
    timeout: 90_000,
  }, async () => {
    const usual = await readyAfter('[]');
    expect(usual).toBeGreaterThan(1400);
    expect(usual).toBeLessThan(7900);
    const late = await readyAfter(`[
      { kind: autoscaling-lag, at: 0, for: infinite, size: 4, target: candidate },
      { kind: model-load-slow, at: 0, for: infinite, size: 2, target: candidate }]`);
    // Start-up 4 · 200 ms and load 4 · 2 · 200 ms instead of 200 ms each.
    expect(late).toBeGreaterThan(1000 + 800 + 1600);
  });
});

test('a traffic spike is in the load', { timeout: 60_000 }, async () => {
  const { windows } = await windowsOf({ faults: '[{ kind: traffic-spike, at: 2s, for: 2s, size: 4 }]' }, 6000);
  const arrived = windows.map((window) => rowOf(window, 'baseline').arrived);
  const [before, during, after] = [0, 2, 4].map((from) => arrived[from]! + arrived[from + 1]!);
  expect(during! / before!).toBeGreaterThan(2.5);
  expect(during! / after!).toBeGreaterThan(2.5);
});
