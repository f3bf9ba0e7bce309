/** The control cohort: a fresh fleet of the baseline's model and the candidate's size, which gets the candidate's share of everything. */
import { describe, expect, test } from 'vitest';
import { WindowChecker } from '../../telemetry/invariants.ts';
import { fault, mirror, rowsOf, run, scenarioOf, setWeight, sum } from './support.ts';

const CONTROL = 2;
const SECOND = 1000;
const traffic = '{ requests: 10k, rate: 500/s, keys: { count: 50, zipf: 0.5 } }';
const features = '{ latency: { kind: constant, value: 4ms }, cache: { capacity: 50, hitLatency: 0ms } }';

describe('the control cohort', () => {
  const scenario = scenarioOf({
    traffic,
    features,
    baseline: 'replicas: 24, slots: 4, errorRatio: 10%',
    candidate: 'service: { kind: constant, value: 30ms }, replicas: 2, slots: 1',
  });

  test("has the candidate's size and share, the baseline's service time and errors, and users of its own", async () => {
    const { requests, windows } = await run(scenario, 60 * SECOND, [[0, setWeight(5, 'canary', 5)]], true);
    const control = requests.filter(({ arm }) => arm === CONTROL);
    const [ofCandidate, ofControl] = ['candidate', 'control'].map((arm) => sum(rowsOf(windows, arm), (r) => r.arrived));
    // 1,500 expected in each: four standard errors are 10 %.
    for (const n of [ofCandidate!, ofControl!]) expect(Math.abs(n - 1500)).toBeLessThan(150);
    expect(new Set(control.map(({ replica }) => replica))).toEqual(new Set([0, 1]));
    for (const { startMs, finishMs } of control) expect(finishMs - startMs).toBeCloseTo(10, 9);
    const failed = sum(rowsOf(windows, 'control'), (r) => r.failed);
    expect(failed).toBeGreaterThan(90);
    expect(sum(rowsOf(windows, 'candidate'), (r) => r.failed)).toBe(0);
    expect(rowsOf(windows, 'baseline').at(-1)!.weightPercent).toBe(90);
  });

  test('adding it changes no draw of the other arms', async () => {
    const alone = await run(scenario, 20 * SECOND, [[0, mirror(100)]]);
    const beside = await run(scenario, 20 * SECOND, [[0, mirror(100)]], true);
    const ofTwo = beside.requests.filter(({ arm }) => arm !== CONTROL);
    expect(ofTwo).toEqual(alone.requests);
    expect(beside.requests.length).toBeGreaterThan(ofTwo.length);
  });

  test('gets a copy of what is mirrored, so that it is as warm as the candidate when users come', async () => {
    const { windows } = await run(scenario, 20 * SECOND, [[0, mirror(100)]], true);
    const [candidate, control] = ['candidate', 'control'].map((arm) => rowsOf(windows, arm));
    expect(sum(control!, (r) => r.arrivedMirrored)).toBe(sum(candidate!, (r) => r.arrivedMirrored));
    expect(sum(control!, (r) => r.impressions)).toBe(0);
    expect(control!.every((r) => r.shadow === null)).toBe(true);
  });

  test.each([
    ['cold-cache', 1, 'is emptied with the candidate', true],
    ['upstream-brownout', 5, 'is not slowed down with the candidate', false],
  ] as const)('%s aimed at the candidate: the control %#s', async (kind, size, _, befalls) => {
    const hit = { ...scenario, faults: [fault(kind, 10 * SECOND, SECOND, size, 'candidate')] };
    const { requests, windows } = await run(hit, 20 * SECOND, [[0, mirror(100), setWeight(20, 'c', 20)]], true);
    const misses = (arm: string): number => sum(rowsOf(windows, arm).slice(10), (r) => r.cacheMisses);
    expect(misses('control') > 0).toBe(befalls);
    const slow = requests.filter(({ arm, startMs, finishMs }) => arm === CONTROL && finishMs - startMs > 11);
    expect(slow).toEqual([]);
  });

  test('every window keeps the invariants while shares come and go, and nobody is sent to it afterwards', async () => {
    const steps = [
      [0, mirror(100)],
      [5 * SECOND, mirror(0), setWeight(1, 'a', 1)],
      [10 * SECOND, setWeight(30, 'b', 30)],
      [15 * SECOND, setWeight(0, 'rollback', 0)],
    ] as const;
    const { windows } = await run(scenario, 20 * SECOND, steps, true);
    const checker = new WindowChecker();
    for (const window of windows) {
      for (const [atMs, ...actions] of steps) if (atMs === window.startMs) checker.acted(actions, atMs);
      checker.check(window);
    }
    expect(sum(rowsOf(windows, 'control').slice(15), (r) => r.arrived)).toBe(0);
  });
});
