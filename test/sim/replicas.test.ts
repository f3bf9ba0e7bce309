/** Replicas that crash, hang, drain, unload and come back. */
import { describe, expect, test } from 'vitest';
import {
  arrivingAt,
  COMPLETED,
  FAILED,
  fault,
  REJECTED,
  rowsOf,
  run,
  scenarioOf,
  setWeight,
  sum,
  TIMED_OUT,
} from './support.ts';

const cache = (scope: string): string =>
  `{ latency: { kind: constant, value: 5ms }, cache: { capacity: 10, scope: ${scope}, warm: false } }`;

const hitsAfterCrash = async (scope: string): Promise<number> => {
  const at = await arrivingAt(scenarioOf({ features: cache(scope) }), [10, 50, 500]);
  const { windows } = await run({ ...at, faults: [fault('replica-crash', 100, 100)] }, 2000);
  return sum(rowsOf(windows), (row) => row.cacheHits);
};

describe('a replica that crashes', () => {
  test('fails what it has in hand, turns away what comes, and takes requests again after restart, start-up and load', async () => {
    const scenario = scenarioOf({
      baseline: 'slots: 2, startUp: 300ms, modelLoad: 200ms, service: { kind: constant, value: 100ms }',
    });
    const at = await arrivingAt(scenario, [50, 60, 70, 150, 1100, 1299, 1301, 1400]);
    const { windows, requests } = await run({ ...at, faults: [fault('replica-crash', 100, 700)] }, 3000);
    // Down from 100 to 100 + 700 + 300 + 200 = 1300: three lost, three turned away, two served.
    const [first] = rowsOf(windows);
    expect([first!.failed, first!.rejected, first!.completed]).toEqual([3, 1, 0]);
    expect(requests.slice(3).map(({ status }) => status)).toEqual([REJECTED, REJECTED, REJECTED, COMPLETED, COMPLETED]);
    expect(requests[6]!.startMs).toBe(1301);
    expect(sum(rowsOf(windows), (row) => row.busyMs!)).toBeCloseTo(50 + 40 + 200, 9);
  });

  test('starts with an empty cache when the cache is its own, even when it is the only replica', async () => {
    expect(await hitsAfterCrash('shared')).toBe(2);
    expect(await hitsAfterCrash('replica')).toBe(1);
  });

  test('fails a request that was fetching its features for it', async () => {
    const scenario = scenarioOf({ features: '{ latency: { kind: constant, value: 50ms } }', baseline: 'replicas: 1' });
    const at = await arrivingAt(scenario, [80, 300]);
    const { requests } = await run({ ...at, faults: [fault('replica-crash', 100, 100)] }, 2000);
    expect(requests.map(({ status }) => status)).toEqual([FAILED, COMPLETED]);
  });
});

describe('a replica that hangs', () => {
  test('ends all its work later by the length of the hang', async () => {
    const at = await arrivingAt(scenarioOf({ baseline: 'service: { kind: constant, value: 100ms }' }), [0, 10, 500]);
    const { windows } = await run({ ...at, faults: [fault('replica-hang', 50, 400)] }, 3000);
    const [row] = rowsOf(windows);
    // 0 → 100 + 400; 10 waits for it: 200 + 400; 500 waits for that: 600 … 700.
    expect(row!.completed).toBe(3);
    expect(row!.latency.sumMs).toBeCloseTo(500 + 590 + 200, 9);
  });

  test('times out what waits too long in its queue or in all, at the limits', async () => {
    const waiting = await arrivingAt(
      scenarioOf({ baseline: 'queueTimeout: 150ms, service: { kind: constant, value: 100ms }', window: '10ms' }),
      [0, 10],
    );
    const queue = rowsOf((await run({ ...waiting, faults: [fault('replica-hang', 50, 400)] }, 1000)).windows);
    expect(queue.findIndex((row) => row.timedOut === 1)).toBe(16);
    const given = await arrivingAt(
      scenarioOf({ baseline: 'timeout: 250ms, service: { kind: constant, value: 100ms }', window: '10ms' }),
      [0, 10],
    );
    const all = rowsOf((await run({ ...given, faults: [fault('replica-hang', 50, 400)] }, 1000)).windows);
    expect(all.flatMap((row, i) => (row.timedOut > 0 ? [i] : []))).toEqual([25, 26]);
  });

  test('does not count requests that had stopped waiting before as waiting still', async () => {
    // Three waited at 10, 20 and 30 ms and are long gone when the replica hangs.
    const at = await arrivingAt(scenarioOf({ baseline: 'queueLimit: 3' }), [0, 0, 0, 0, 200]);
    const { requests } = await run({ ...at, faults: [fault('replica-hang', 100, 1000)] }, 5000);
    expect(requests.map(({ status }) => status)).toEqual([0, 0, 0, 0, 0]);
  });
});

describe('the baseline after the candidate has taken all traffic', () => {
  test('is unloaded when it is not kept loaded, needs its load time to come back, and turns requests away until then', async () => {
    const at = await arrivingAt(scenarioOf({ baseline: 'keepLoaded: false, modelLoad: 300ms' }), [150, 250, 450, 550]);
    const { requests, arms } = await run(at, 1000, [
      [100, setWeight(100)],
      [200, { kind: 'load', arm: 'baseline' }, setWeight(0)],
    ]);
    expect(requests.map(({ arm, status }) => [arm, status])).toEqual([
      [1, COMPLETED],
      [0, REJECTED],
      [0, REJECTED],
      [0, COMPLETED],
    ]);
    expect(arms[0]).toMatchObject({ loaded: true, readyReplicas: 1, wantedReplicas: 1 });
  });

  test('INV-4: has no more slots than before when it comes back while it still works', async () => {
    const scenario = scenarioOf({ baseline: 'keepLoaded: false, service: { kind: constant, value: 1s }' });
    const { requests, windows } = await run(await arrivingAt(scenario, [0, 300]), 5000, [
      [100, setWeight(100)],
      [200, { kind: 'load', arm: 'baseline' }, setWeight(0)],
    ]);
    expect(requests[1]!.startMs).toBe(1000);
    expect(sum(rowsOf(windows), (row) => row.busyMs!)).toBeCloseTo(2000, 9);
  });

  test('can be loaded although one of its replicas is restarting after a crash', async () => {
    const scenario = scenarioOf({ baseline: 'replicas: 2, keepLoaded: false, modelLoad: 100ms' });
    const at = await arrivingAt({ ...scenario, faults: [fault('replica-crash', 50, 400, 1, 'baseline')] }, [1500]);
    const { arms } = await run(at, 2000, [
      [100, setWeight(100)],
      [200, { kind: 'load', arm: 'baseline' }, setWeight(0)],
    ]);
    expect(arms[0]).toMatchObject({ loaded: true, readyReplicas: 2, wantedReplicas: 2 });
  });

  test('has no ready replica while it is unloaded, not even one that restarts after a crash', async () => {
    const scenario = scenarioOf({ baseline: 'replicas: 2, keepLoaded: false, modelLoad: 100ms' });
    const at = await arrivingAt({ ...scenario, faults: [fault('replica-crash', 50, 400, 1, 'baseline')] }, [1500]);
    const { arms } = await run(at, 2000, [[100, setWeight(100)]]);
    expect(arms[0]).toMatchObject({ loaded: false, readyReplicas: 0 });
  });
});

test('a request that waits longer than its caller stays times out when the caller leaves, not when it leaves the queue', async () => {
  const scenario = scenarioOf({
    baseline: 'queueTimeout: 60ms, timeout: 25ms, service: { kind: constant, value: 1s }',
  });
  const { requests } = await run(await arrivingAt(scenario, [0, 100]), 5000);
  expect(requests[1]).toMatchObject({ status: TIMED_OUT, doneMs: 125 });
});
