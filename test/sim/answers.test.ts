/** Errors, labels, pairs: what an answer leads to. */
import { describe, expect, test } from 'vitest';
import { Stream } from '../../sim/random.ts';
import { pairing } from '../invariants/checkers.ts';
import {
  arrivingAt,
  COMPLETED,
  FAILED,
  fault,
  mirror,
  type Request,
  rowsOf,
  run,
  scenarioOf,
  setWeight,
  sum,
} from './support.ts';

test.each([0.02, 0.3, 1])('a share of %d of the requests fails, independently of each other', async (ratio) => {
  const scenario = scenarioOf({
    arm: `slots: 50, errorRatio: ${ratio}`,
    traffic: '{ requests: 1k, rate: 1000/s, arrivals: regular }',
  });
  const { requests } = await run(scenario, 50_000);
  const failed = requests.map(({ status }) => (status === FAILED ? 1 : 0));
  const n = failed.length;
  const count = sum(failed, (x) => x);
  expect(Math.abs(count - n * ratio)).toBeLessThanOrEqual(4 * Math.sqrt(n * ratio * (1 - ratio)));
  // Independent: a failure follows a failure as often as anything else.
  const twice = failed.slice(1).filter((x, i) => x === 1 && failed[i] === 1).length;
  const p = ratio * ratio;
  expect(Math.abs(twice - n * p)).toBeLessThanOrEqual(1 + 4 * Math.sqrt(3 * n * p * (1 - ratio)));
});

describe('labels', () => {
  test.each([
    ['0', 0],
    ['1s', 1],
    ['2500ms', 2.5],
  ])('mature exactly %s after the answer', async (labelDelay, windows) => {
    const scenario = scenarioOf({
      outcomes: `{ kind: bernoulli, baseline: 100%, candidate: 0, labelDelay: ${labelDelay} }`,
    });
    // Answered 10 ms later: at 400, 1000 (the next window's first instant), 1600 ms.
    const at = await arrivingAt(scenario, [390, 990, 1590]);
    const rows = rowsOf((await run(at, 8000)).windows);
    const expected = rows.map(() => 0);
    for (const doneMs of [400, 1000, 1600]) expected[Math.floor(doneMs / 1000 + windows)]!++;
    expect(rows.map((row) => row.impressions)).toEqual(expected);
    expect(rows.map((row) => row.outcomes)).toEqual(expected);
  });

  test('are positive as often as the arm’s probability says; mirrored copies have none', async () => {
    const scenario = scenarioOf({
      arm: 'slots: 50',
      traffic: '{ requests: 1k, rate: 1000/s }',
      outcomes: '{ kind: bernoulli, baseline: 5%, candidate: 20% }',
    });
    const { windows } = await run(scenario, 40_000, [
      [0, mirror(100)],
      [10_000, mirror(0), setWeight(50)],
    ]);
    for (const [arm, p] of [
      ['baseline', 0.05],
      ['candidate', 0.2],
    ] as const) {
      const rows = rowsOf(windows, arm);
      const impressions = sum(rows, (row) => row.impressions);
      expect(impressions).toBe(sum(rows, (row) => row.completed - row.mirrored));
      const positive = sum(rows, (row) => row.outcomes);
      expect(Math.abs(positive - impressions * p)).toBeLessThan(4 * Math.sqrt(impressions * p * (1 - p)));
    }
    expect(sum(rowsOf(windows, 'candidate').slice(0, 10), (row) => row.impressions)).toBe(0);
  });
});

const arms = (requests: readonly Request[], arm: number): Request[] => requests.filter((r) => r.arm === arm);

describe('pairs', () => {
  test('join the copies of one request, though they answer in another order', async () => {
    const scenario = scenarioOf({
      arm: 'slots: 8, service: { kind: exponential, mean: 20ms }',
      traffic: '{ requests: 1k, rate: 200/s }',
    });
    const { requests, windows } = await run(scenario, 30_000, [[0, mirror(100)]]);
    const [b, c] = [arms(requests, 0), arms(requests, 1)];
    const known = b.flatMap((each, i) => {
      const [x, y] = [each, c[i]!].map((r) => ({ arrival: r.arrivalMs, done: r.doneMs }));
      return x!.done < 30_000 && y!.done < 30_000 ? [[x!, y!] as const] : [];
    });
    const shadows = rowsOf(windows, 'candidate').map((row) => row.shadow!);
    expect(sum(shadows, (s) => s.compared)).toBe(known.length);
    expect(
      pairing(
        known,
        sum(shadows, (s) => s.slowerSumMs),
      ),
    ).toBeNull();
  });

  test('are lost when either copy fails, is rejected or times out, once each', async () => {
    const scenario = scenarioOf({
      arm: 'slots: 2, service: { kind: exponential, mean: 10ms }, errorRatio: 10%, queueLimit: 2, timeout: 60ms',
      traffic: '{ requests: 1k, rate: 150/s }',
    });
    const { requests, windows } = await run(scenario, 30_000, [
      [0, mirror(100)],
      [20_000, mirror(0)],
    ]);
    const [b, c] = [arms(requests, 0), arms(requests, 1)];
    const both = c.filter((each, i) => each.status === COMPLETED && b[i]!.status === COMPLETED).length;
    const shadows = rowsOf(windows, 'candidate').flatMap(({ shadow }) => (shadow === null ? [] : [shadow]));
    expect(sum(shadows, (s) => s.compared)).toBe(both);
    expect(sum(shadows, (s) => s.incomplete)).toBe(c.length - both);
    expect(both).toBeGreaterThan(100);
    expect(c.length - both).toBeGreaterThan(100);
  });

  test('lose nothing but their own when a crash takes back an answer whose pair was lost before', async () => {
    // Many lost candidates, slow baselines, and baselines crashing with answers in hand.
    const stream = new Stream('crashes');
    const faults = Array.from({ length: 60 }, (_, i) => ({
      ...fault('replica-crash', 200 + 300 * i + 100 * stream.next(), 10, 1, 'baseline'),
      name: `crash-${i}`,
    }));
    const scenario = scenarioOf({
      baseline: 'replicas: 3, slots: 20, service: { kind: constant, value: 150ms }',
      candidate: 'slots: 20, errorRatio: 50%',
      traffic: '{ requests: 1k, rate: 200/s }',
    });
    const { requests, windows } = await run({ ...scenario, faults }, 30_000, [
      [0, mirror(100)],
      [20_000, mirror(0)],
    ]);
    const [b, c] = [arms(requests, 0), arms(requests, 1)];
    // A crash takes the lowest-numbered replica, which is back before the next one.
    const crashes = faults.map(({ trigger }) => (trigger.on === 'time' ? trigger.atMs : 0));
    const lost = (r: Request): boolean =>
      r.status !== COMPLETED || (r.replica === 0 && crashes.some((at) => r.startMs < at && at < r.finishMs));
    const both = b.slice(0, c.length).filter((each, i) => !lost(each) && c[i]!.status === COMPLETED).length;
    const shadows = rowsOf(windows, 'candidate').flatMap(({ shadow }) => (shadow === null ? [] : [shadow]));
    expect(sum(shadows, (s) => s.compared)).toBe(both);
    expect(sum(shadows, (s) => s.incomplete)).toBe(c.length - both);
  });
});

test('a mirror copies its share of the requests, and none that the candidate serves anyway', async () => {
  const scenario = scenarioOf({ arm: 'slots: 50', traffic: '{ requests: 1k, rate: 1000/s }' });
  const { windows, world } = await run(scenario, 40_000, [[0, mirror(30), setWeight(20)]]);
  const copies = sum(rowsOf(windows, 'candidate'), (row) => row.mirrored);
  const served = sum(rowsOf(windows, 'candidate'), (row) => row.requests) - copies;
  const n = world.arrivedTotal;
  expect(Math.abs(served / n - 0.2)).toBeLessThan(0.01);
  expect(Math.abs(copies / (n - served) - 0.3)).toBeLessThan(0.015);
});

test('a trace that ends inside a window is counted to its last request, whatever else happens in that window', async () => {
  const plain = scenarioOf({
    baseline: 'replicas: 2, autoscaler: { min: 1, max: 4, syncEvery: 300ms, metricLag: 0 }',
    window: '1s',
  });
  const scenario = await arrivingAt(plain, [100, 1100, 2450]);
  // Without the sentinel that keeps other tests' worlds going.
  const { generateTrace } = await import('../../scenarios/trace/generate.ts');
  const process = scenario.traffic.arrivals as { file: string };
  const zeros = new Int32Array(3);
  const timesUs = Float64Array.of(100_000, 1_100_000, 2_450_000);
  await generateTrace(
    [{ timesUs, keys: zeros, users: zeros, contents: zeros, segments: new Uint8Array(3) }],
    `${process.file}-short`,
  );
  const arrivals = {
    ...plain.traffic.arrivals,
    kind: 'trace',
    file: `${process.file}-short`,
    repeat: false,
    speedUp: 1,
  } as const;
  const short = { ...plain, traffic: { ...plain.traffic, arrivals } };
  const { windows } = await run(short, 3000, [[1000], [2000]]);
  const rest = await run(short, 3000);
  for (const each of [windows, rest.windows]) expect(sum(rowsOf(each), (row) => row.arrived)).toBe(3);
});
