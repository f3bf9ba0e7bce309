/** Every kind of fault has the stated effect on the stated arm, and is undone at its end. */
import { describe, expect, test } from 'vitest';
import type { Fault, Scenario } from '../../scenarios/scenario.ts';
import {
  arrivingAt,
  COMPLETED,
  FAILED,
  fault,
  type Request,
  rowsOf,
  run,
  scenarioOf,
  setWeight,
  mirror,
  sum,
} from './support.ts';

const OTHER = { baseline: 'candidate', candidate: 'baseline' } as const;
const ARMS = ['baseline', 'candidate'] as const;

/** Both arms get every request; a fault hits one of them from 2 s to 4 s. */
async function hit(
  arm: 'baseline' | 'candidate',
  kind: Fault['kind'],
  size: number,
  scenario: Scenario,
): Promise<readonly Request[]> {
  const { requests } = await run({ ...scenario, faults: [fault(kind, 2000, 2000, size, arm)] }, 6000, [
    [0, mirror(100)],
  ]);
  return requests;
}

/** Requests of an arm that arrive in [from, to). */
const between = (requests: readonly Request[], arm: string, from: number, to: number): Request[] =>
  requests.filter((r) => ARMS[r.arm] === arm && r.arrivalMs >= from && r.arrivalMs < to);

const PHASES = [
  [0, 2000],
  [2000, 4000],
  [4000, 6000],
] as const;

const meanOf = (requests: readonly Request[], of: (r: Request) => number): number =>
  sum(requests, of) / requests.length;
const service = (r: Request): number => r.finishMs - r.startMs;
const fetching = (r: Request): number => r.queuedMs - r.arrivalMs;

describe.each(ARMS)('on the %s', (arm) => {
  const busy = scenarioOf({ arm: 'slots: 50', traffic: '{ requests: 1k, rate: 200/s, arrivals: regular }' });
  const storing = scenarioOf({
    arm: 'slots: 50',
    traffic: '{ requests: 1k, rate: 200/s, arrivals: regular }',
    features: '{ latency: { kind: constant, value: 4ms } }',
  });

  test('upstream-brownout multiplies the service time', async () => {
    const requests = await hit(arm, 'upstream-brownout', 3, busy);
    expect(PHASES.map(([a, b]) => meanOf(between(requests, arm, a, b), service))).toEqual(
      [10, 30, 10].map((ms) => expect.closeTo(ms, 9)),
    );
    expect(meanOf(between(requests, OTHER[arm], 2000, 4000), service)).toBeCloseTo(10, 9);
  });

  test('feature-delay multiplies the fetch latency', async () => {
    const requests = await hit(arm, 'feature-delay', 5, storing);
    expect(PHASES.map(([a, b]) => meanOf(between(requests, arm, a, b), fetching))).toEqual(
      [4, 20, 4].map((ms) => expect.closeTo(ms, 9)),
    );
    expect(meanOf(between(requests, OTHER[arm], 2000, 4000), fetching)).toBeCloseTo(4, 9);
  });

  test('error-burst fails its share of the requests after they were served', async () => {
    const requests = await hit(arm, 'error-burst', 0.25, busy);
    const failed = PHASES.map(([a, b]) => between(requests, arm, a, b).filter((r) => r.status === FAILED));
    expect(failed.map((each) => each.length)).toEqual([0, expect.anything(), 0]);
    expect(Math.abs(failed[1]!.length - 100)).toBeLessThan(4 * Math.sqrt(400 * 0.25 * 0.75));
    expect(failed[1]!.every((r) => service(r) > 9)).toBe(true);
    expect(between(requests, OTHER[arm], 0, 6000).every((r) => r.status === COMPLETED)).toBe(true);
  });

  test('feature-missing leaves its share of the fetches empty', async () => {
    const scenario = { ...storing, faults: [fault('feature-missing', 2000, 2000, 0.4, arm)] };
    const { windows } = await run(scenario, 6000, [[0, mirror(100)]]);
    const missing = rowsOf(windows, arm).map((row) => row.featuresMissing);
    expect([missing[0], missing[1], missing[4], missing[5]]).toEqual([0, 0, 0, 0]);
    expect(Math.abs(missing[2]! + missing[3]! - 160)).toBeLessThan(4 * Math.sqrt(400 * 0.4 * 0.6));
    expect(sum(rowsOf(windows, OTHER[arm]), (row) => row.featuresMissing)).toBe(0);
  });

  test('cold-cache empties the cache at an instant, which then fills again', async () => {
    const scenario = scenarioOf({
      traffic: '{ requests: 1k, rate: 200/s, arrivals: regular, keys: { count: 10, zipf: 0 } }',
      features: '{ latency: { kind: constant, value: 0 }, cache: { capacity: 10, warm: true } }',
    });
    const { windows } = await run({ ...scenario, faults: [fault('cold-cache', 2000, 0, 1, arm)] }, 6000, [
      [0, mirror(100)],
    ]);
    expect(rowsOf(windows, arm).map((row) => row.cacheMisses)).toEqual([0, 0, 10, 0, 0, 0]);
    expect(sum(rowsOf(windows, OTHER[arm]), (row) => row.cacheMisses)).toBe(0);
  });

  test('score-skew multiplies the score', async () => {
    const { SimWorld } = await import('../../sim/world.ts');
    const rows = 100;
    const ones = {
      model: 'm',
      values: new Float32Array(rows).fill(8),
      withoutFeatures: new Float32Array(rows),
      lists: null,
      until: async () => undefined,
    };
    const actual = new Float32Array(rows).fill(8);
    const content = { rows, segments: new Uint8Array(rows), segmentNames: [], actual, scoreName: 'score' };
    const scenario = { ...busy, faults: [fault('score-skew', 2000, 2000, 1.5, arm)] };
    const world = await SimWorld.open(scenario, { thresholds: [], content: { content, scores: [ones, ones] } });
    world.apply(mirror(100));
    const { windows } = await world.advance(6000);
    const means = (name: string): number[] => rowsOf(windows, name).map(({ scores }) => scores.sum / scores.count);
    // Answers are scored when they are given: ten milliseconds of the requests before belong to the window after.
    expect(means(arm).map((mean) => Math.round(mean))).toEqual([8, 8, 12, 12, 8, 8]);
    expect(means(OTHER[arm])).toEqual([8, 8, 8, 8, 8, 8]);
    await world.close();
  });

  test.each([
    ['autoscaling-lag', 4, 400],
    ['model-load-slow', 5, 100 + 500],
  ] as const)('%s: a replica ordered meanwhile takes longer', async (kind, size, lateMs) => {
    // Start-up 0 and load 100 ms, or a tenth of that: replicas are ordered by the restart after a crash.
    const readyAfter = async (faults: readonly Fault[]): Promise<number> => {
      const startUp = kind === 'model-load-slow' ? '100ms' : '50ms';
      const load = kind === 'model-load-slow' ? '100ms' : '50ms';
      const scenario = scenarioOf({ arm: `startUp: ${startUp}, modelLoad: ${load}`, window: '10ms' });
      const { windows } = await run({ ...scenario, faults }, 5000, [[0, mirror(100)]]);
      const ready = rowsOf(windows, arm).map((row) => row.readyReplicas);
      return 10 * (ready.lastIndexOf(0) - ready.indexOf(0) + 1);
    };
    const crash = fault('replica-crash', 2500, 0, 1, arm);
    const normal = await readyAfter([crash]);
    const slow = await readyAfter([fault(kind, 2000, 2000, size, arm), crash]);
    const late = await readyAfter([fault(kind, 2000, 400, size, arm), crash]);
    expect(Math.abs(normal - (kind === 'model-load-slow' ? 200 : 100))).toBeLessThanOrEqual(10);
    expect(Math.abs(slow - lateMs)).toBeLessThanOrEqual(10);
    expect(late).toBe(normal);
  });

  test('replica-crash and replica-hang hit as many replicas as they say', async () => {
    const scenario = scenarioOf({ arm: 'replicas: 4, startUp: 1s', window: '500ms' });
    const crashed = await run({ ...scenario, faults: [fault('replica-crash', 1000, 0, 3, arm)] }, 4000, [
      [0, mirror(100)],
    ]);
    expect(rowsOf(crashed.windows, arm).map((row) => row.readyReplicas)).toEqual([4, 4, 1, 1, 4, 4, 4, 4]);
    expect(rowsOf(crashed.windows, OTHER[arm]).every((row) => row.readyReplicas === 4)).toBe(true);
    const robin = scenarioOf({
      arm: 'replicas: 4, balancer: round-robin',
      traffic: '{ requests: 1k, rate: 100/s, arrivals: regular }',
    });
    const hung = await run({ ...robin, faults: [fault('replica-hang', 995, 500, 2, arm)] }, 4000, [[0, mirror(100)]]);
    const late = between(hung.requests, arm, 1000, 1400).filter((r) => r.startMs > r.queuedMs);
    expect(new Set(late.map((r) => r.replica))).toEqual(new Set([0, 1]));
  });
});

test('traffic-spike multiplies the arrival rate for both arms', async () => {
  const scenario = scenarioOf({ arm: 'slots: 50', traffic: '{ requests: 1k, rate: 100/s, arrivals: regular }' });
  const { windows } = await run({ ...scenario, faults: [fault('traffic-spike', 2000, 2000, 3)] }, 6000, [
    [0, setWeight(50)],
  ]);
  const arrived = rowsOf(windows).map((row, i) => row.arrived + rowsOf(windows, 'candidate')[i]!.arrived);
  for (const [i, n] of [100, 100, 300, 300, 100, 100].entries())
    expect(Math.abs(arrived[i]! - n)).toBeLessThanOrEqual(1);
});

const spans = async (trigger: Fault['trigger'], ...steps: Parameters<typeof run>[2] & {}): Promise<number[]> => {
  const scenario = { ...scenarioOf({}), faults: [{ ...fault('upstream-brownout', 0, 100, 2), trigger }] };
  const { world } = await run(scenario, 6000, steps);
  return world.faultSpans.map(({ startMs }) => startMs);
};

describe('triggers', () => {
  test('a time', async () => expect(await spans({ on: 'time', atMs: 2345 })).toEqual([2345]));

  test('a while after every change of the weight, but not after a weight set again', async () => {
    const steps = [
      [1000, setWeight(5, 'a')],
      [2000, setWeight(5, 'b')],
      [3000, setWeight(25, 'c')],
    ] as const;
    expect(await spans({ on: 'weight-change', afterMs: 500 }, ...steps)).toEqual([1500, 3500]);
  });

  test('a while after one stage begins, once', async () => {
    const steps = [
      [1000, setWeight(5, 'a')],
      [2000, setWeight(25, 'b'), mirror(0, 'b')],
    ] as const;
    expect(await spans({ on: 'stage', stage: 'b', afterMs: 250 }, ...steps)).toEqual([2250]);
  });

  test('at time 0: before the first request', async () => {
    const at = await arrivingAt({ ...scenarioOf({}), faults: [fault('upstream-brownout', 0, 100, 2)] }, [0, 200]);
    expect((await run(at, 1000)).requests.map(service)).toEqual([20, 10]);
  });
});

test('faults of one kind multiply while they overlap, and each ends by itself', async () => {
  const scenario = scenarioOf({ arm: 'slots: 50' });
  const faults = [
    fault('upstream-brownout', 100, 300, 2),
    { ...fault('upstream-brownout', 200, 300, 5), name: 'second' },
  ];
  const at = await arrivingAt({ ...scenario, faults }, [50, 150, 250, 450, 550]);
  expect((await run(at, 1000)).requests.map(service)).toEqual([10, 20, 100, 50, 10].map((ms) => expect.closeTo(ms, 9)));
});
