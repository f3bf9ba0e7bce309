/** Callers that ask again: retries are requests of their own, and can keep a fleet down when what felled it has gone. */
import { describe, expect, test } from 'vitest';
import { WindowChecker } from '../../telemetry/invariants.ts';
import { COMPLETED, fault, type Form, rowsOf, run, scenarioOf, setWeight, sum } from './support.ts';

const SECOND = 1000;
const features = '{ latency: { kind: constant, value: 2ms }, cache: { capacity: 10, hitLatency: 0ms } }';
const keys = 'keys: { count: 20, zipf: 0.5 }';

/** Two replicas of two slots, 20 ms a request: 200 requests a second at most. */
const storm = (rate: number, retries: string, form: Form = {}) =>
  scenarioOf({
    traffic: `{ requests: 20k, rate: ${rate}/s, ${keys}${retries === '' ? '' : `, retries: { ${retries} }`} }`,
    features,
    arm: 'service: { kind: constant, value: 20ms }, replicas: 2, slots: 2, timeout: 100ms, queueLimit: 20',
    ...form,
  });
const brownout = fault('upstream-brownout', 20 * SECOND, 10 * SECOND, 4);

/** Answers in time per second, before, during and long after the brownout. */
async function goodput(rate: number, retries: string): Promise<number[]> {
  const { windows } = await run({ ...storm(rate, retries), faults: [brownout] }, 120 * SECOND);
  const rows = rowsOf(windows, 'baseline');
  return [
    [5, 20],
    [22, 30],
    [100, 120],
  ].map(([from, to]) => sum(rows.slice(from, to), (r) => r.completed) / (to! - from!));
}

describe('retries', () => {
  test('each attempt is a request of its own, conserved in every window, and there are no more than allowed', async () => {
    const scenario = storm(100, 'attempts: 2, backoff: 40ms', { arm: 'replicas: 2, slots: 2, errorRatio: 30%' });
    const { windows, requests } = await run(scenario, 100 * SECOND);
    const checker = new WindowChecker();
    for (const window of windows) checker.check(window);
    const arrived = sum(rowsOf(windows, 'baseline'), (r) => r.arrived);
    // First, second and third attempts: 1 + 0.3 + 0.09 of 10,000; a standard error is under 100.
    expect(Math.abs(arrived - 13_900)).toBeLessThan(400);
    expect(Math.abs(requests.length - arrived)).toBeLessThan(10);
    // What fails three times is given up: 2.7 %.
    const answered = requests.filter(({ status }) => status === COMPLETED).length;
    expect(Math.abs(answered - 9730)).toBeLessThan(400);
  });

  test('asks again after the outcome is known, half to one and a half times the backoff later, doubled every time', async () => {
    const scenario = storm(1, 'attempts: 3, backoff: 100ms', { arm: 'replicas: 1, slots: 1, errorRatio: 100%' });
    const { requests } = await run(scenario, 500 * SECOND);
    const sorted = requests.toSorted((a, b) => a.arrivalMs - b.arrivalMs);
    const gaps = sorted.slice(1).map((r, i) => r.arrivalMs - sorted[i]!.doneMs);
    // At one request a second most are alone: theirs are three gaps of 50–150, 100–300 and 200–600 ms.
    const inside = (low: number, high: number): number => gaps.filter((gap) => gap >= low && gap <= high).length;
    expect(inside(50, 600)).toBeGreaterThan(0.6 * gaps.length);
    expect(Math.abs(requests.length / 500 - 4)).toBeLessThan(0.6);
  });

  test('only what the caller gave up waiting for, when that is asked for', async () => {
    const failing = storm(100, 'attempts: 3, on: timeout', { arm: 'replicas: 2, slots: 2, errorRatio: 30%' });
    const { windows } = await run(failing, 50 * SECOND);
    expect(Math.abs(sum(rowsOf(windows, 'baseline'), (r) => r.arrived) - 5000)).toBeLessThan(300);
  });

  test('a short fault fells the fleet for good; a budget, fewer requests or no retries let it recover', async () => {
    const [before, during, after] = await goodput(150, 'attempts: 3, backoff: 10ms');
    expect(before).toBeGreaterThan(145);
    expect(during).toBeLessThan(75);
    // The brownout is seventy seconds past.
    expect(after).toBeLessThan(75);
    for (const [rate, retries] of [
      [150, 'attempts: 3, backoff: 10ms, budget: 10%'],
      [40, 'attempts: 3, backoff: 10ms'],
      [150, ''],
    ] as const) {
      const recovered = (await goodput(rate, retries))[2]!;
      expect(recovered, retries).toBeGreaterThan(0.95 * rate);
    }
  });

  test('nobody asks the candidate again once it has no traffic (INV-8), and copies are not asked for again', async () => {
    const scenario = storm(100, 'attempts: 3, backoff: 2s', { arm: 'replicas: 2, slots: 2, errorRatio: 50%' });
    const { windows } = await run(scenario, 40 * SECOND, [
      [0, setWeight(50)],
      [20 * SECOND, setWeight(0)],
    ]);
    const rows = rowsOf(windows, 'candidate');
    expect(sum(rows.slice(0, 20), (r) => r.arrived)).toBeGreaterThan(1000);
    expect(sum(rows.slice(21), (r) => r.arrived)).toBe(0);
  });

  test('without failures nothing changes, not even a draw', async () => {
    const calm = await run(storm(50, ''), 20 * SECOND);
    const same = await run(storm(50, 'attempts: 3'), 20 * SECOND);
    expect(same.requests).toEqual(calm.requests);
  });
});

const slow = (balancer: string, rate: number) =>
  scenarioOf({
    traffic: `{ requests: 20k, rate: ${rate}/s }`,
    arm: `replicas: 8, slots: 1, slowReplicas: { count: 1, factor: 3 }, balancer: ${balancer}`,
  });

/** The slow replica's share of the requests. */
async function shareOf(balancer: string): Promise<number> {
  const { requests } = await run(slow(balancer, 220), 50 * SECOND);
  return requests.filter(({ replica }) => replica === 0).length / requests.length;
}

describe('slow replicas', () => {
  test('take that many times as long, the others as long as ever', async () => {
    const { requests } = await run(slow('round-robin', 100), 50 * SECOND);
    for (const { replica, startMs, finishMs } of requests)
      expect(finishMs - startMs).toBeCloseTo(replica === 0 ? 30 : 10, 9);
  });

  test('get their share from a balancer that goes round, and less from one that looks at how busy they are', async () => {
    expect(await shareOf('round-robin')).toBeCloseTo(1 / 8, 2);
    expect(await shareOf('power-of-two')).toBeLessThan(0.11);
  });
});
