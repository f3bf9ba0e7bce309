/** Negative controls (§6) that are a wrong scenario or a damaged measurement: each must turn the named check red. */
import { describe, expect, test } from 'vitest';
import { causality, fifo, littlesLaw, areaUnder, pairing, type Requests, pasta } from '../invariants/checkers.ts';
import type { RequestProbe } from '../../sim/probe.ts';
import { Stream } from '../../sim/random.ts';
import { SimWorld } from '../../sim/world.ts';
import { left, rejected, response, type Terms, wait } from './batch.ts';
import { damaged, holds, isOutside, mm1, of, pool, recordsOf } from './controls.ts';
import { REQUESTS, tier } from './gate.ts';
import { EXPONENTIAL, scenarioOf } from './queue.ts';
import { GENERAL_VALUES, replicated } from './rows-general.ts';
import { LEFT, LOST, MMC } from './rows-markov.ts';
import { reordered } from './reorder.ts';
import type { Stationary } from './stationary.ts';
import { seedOf } from './stats.ts';

/** Half the quick tier: the damage is large. */
const N = REQUESTS.quick / 2;
const NEVER = [
  { queueTimeout: Number.POSITIVE_INFINITY, timeout: Number.POSITIVE_INFINITY },
  { queueTimeout: Number.POSITIVE_INFINITY, timeout: Number.POSITIVE_INFINITY },
];

const staysOf = (r: Requests): [number, number][] =>
  Array.from({ length: r.size }, (_, i) => [r.arrival[i]!, r.done[i]!]);

const only =
  (name: string, exact: number, h: number, terms: Terms): Stationary['metrics'] =>
  () => [{ name, exact, h, terms }];

/** A probe that changes every record's times on the way. */
const changed =
  (change: (times: [arrival: number, queued: number, start: number, finish: number, done: number]) => void) =>
  (inner: RequestProbe): RequestProbe => ({
    dispatched(arm, replica, arrivalMs, queuedMs, startMs, finishMs, status, doneMs) {
      const times: [number, number, number, number, number] = [arrivalMs, queuedMs, startMs, finishMs, doneMs];
      change(times);
      inner.dispatched(arm, replica, times[0], times[1], times[2], times[3], status, times[4]);
    },
  });

describe('another order of service', () => {
  test.each([
    ['N1: last come, first served', 200, (): ((n: number) => number) => (n) => n - 1],
    [
      'N2: random order',
      66.6666667,
      (): ((n: number) => number) => {
        const stream = new Stream('random order');
        return (n) => Math.floor(stream.next() * n);
      },
    ],
  ])('%s leaves Wq at 4 and moves E[Wq²] from 40 to %d; the FIFO check sees it too', async (name, second, chooser) => {
    const damage = (inner: RequestProbe): RequestProbe => reordered(inner, chooser());
    const row = await damaged(name, mm1, {}, { damage }, N);
    expect(isOutside(of(row, 'Wq'))).toBe(false);
    expect(isOutside(of(row, 'E[Wq²]'))).toBe(true);
    expect(holds(of(row, 'E[Wq²]'), second)).toBe(true);
    const records = await recordsOf(scenarioOf(mm1.queue, seedOf(name)), 20_000, { damage, audit: false });
    expect(fifo(records)).toMatch(/FIFO: .* overtook /);
  });
});

describe('a wrong scenario', () => {
  test('N3: one server fewer moves Wq of M/M/16 to 0.207', async () => {
    const row = await damaged('N3', pool, { slots: 15 }, {}, N);
    expect(isOutside(of(row, 'Wq'))).toBe(true);
    expect(holds(of(row, 'Wq'), 0.207470089)).toBe(true);
    expect(isOutside(of(row, `P(R > ${MMC.Q4!.r95[0]})`))).toBe(true);
  });

  test('N4: a service 2 % longer moves Wq of M/M/1 to 4.52', async () => {
    const row = await damaged('N4', mm1, { service: '{ kind: exponential, mean: 10.2ms }' }, {}, N);
    expect(isOutside(of(row, 'Wq'))).toBe(true);
    expect(holds(of(row, 'Wq'), 4.52347826)).toBe(true);
  });

  test.runIf(tier === 'full')('N4 (full tier): a service 2 % longer moves Wq of M/M/16 to 0.119', async () => {
    const row = await damaged('N4/pool', pool, { service: '{ kind: exponential, mean: 10.2ms }' }, {}, REQUESTS.full);
    expect(isOutside(of(row, 'Wq'))).toBe(true);
    expect(holds(of(row, 'Wq'), 0.118769414)).toBe(true);
  });

  test('N5: regular arrivals move Wq of M/M/1 to 1.69, and time sees the slot busy more often than they do', async () => {
    const row = await damaged('N5', mm1, { arrivals: 'regular' }, {}, N);
    expect(isOutside(of(row, 'Wq'))).toBe(true);
    expect(holds(of(row, 'Wq'), 1.69273084)).toBe(true);
    const records = await recordsOf(scenarioOf({ ...mm1.queue, arrivals: 'regular' }, seedOf('N5')), 200_000);
    expect(pasta(records, 1)).toMatch(/PASTA: .* -0.1[67]/);
  });

  test('N9: a random split in place of a pool moves Wq from 0.095 to 4', async () => {
    const row = await damaged('N9', pool, { ...replicated('random'), slots: 1 }, {}, N);
    expect(isOutside(of(row, 'Wq'))).toBe(true);
    expect(holds(of(row, 'Wq'), 4)).toBe(true);
  });

  test('N10: round robin in place of random moves Wq from 4 to 1.84', async () => {
    const metrics = only('Wq', GENERAL_VALUES.Q26.wq, 0.0096, wait);
    const row = await damaged('N10', pool, { ...replicated('round-robin'), slots: 1 }, { metrics }, N);
    expect(isOutside(of(row, 'Wq'))).toBe(true);
    expect(holds(of(row, 'Wq'), GENERAL_VALUES.Q25.wq)).toBe(true);
  });

  test('N15: a timeout on the response in place of the wait loses far more than 3 %', async () => {
    const metrics = only('P(leave)', LEFT.Q20.pLeave, 0.0091, left);
    const row = await damaged('N15', pool, { baseline: 'replicas: 1, timeout: 2.5ms' }, { metrics }, N / 2);
    expect(isOutside(of(row, 'P(leave)'))).toBe(true);
    expect(of(row, 'P(leave)').measured).toBeGreaterThan(0.5);
  });

  test.each([
    [8, 0.0594822148],
    [10, 0.0437323736],
  ])('N16: a queue limit of %d in place of 9 moves P(lost) of M/M/1/10 to %d', async (limit, pLost) => {
    const metrics = only('P(lost)', LOST.Q14.pLost, 0.014, rejected);
    const row = await damaged(
      `N16/${limit}`,
      mm1,
      { rate: 90, baseline: `replicas: 1, queueLimit: ${limit}` },
      { metrics },
      2 * N,
    );
    expect(isOutside(of(row, 'P(lost)'))).toBe(true);
    expect(holds(of(row, 'P(lost)'), pLost)).toBe(true);
  });

  test('N17: a warm-up that is kept (500 requests from empty, ρ 0.9, over and over) moves Wq from 9 to 7.35', async () => {
    // 500 requests in 5.56 s, then silence until the queue is empty for certain: every cycle begins anew.
    const points = '[{ at: 0, rate: 90/s }, { at: 5555.5ms, rate: 0/s }]';
    const queue = { arrivals: `{ kind: profile, period: 30s, points: ${points} }`, windowMs: 300_000 };
    const metrics = only('Wq', 9, 0.015, wait);
    const { rate: _, ...rest } = mm1.queue;
    const row = await damaged('N17', { ...mm1, queue: { ...rest, ...queue } }, {}, { metrics }, 3 * N);
    expect(isOutside(of(row, 'Wq'))).toBe(true);
    expect(Math.abs(of(row, 'Wq').measured - 7.35)).toBeLessThan(0.25);
  });
});

describe('a damaged measurement', () => {
  test('N8: a response recorded without its wait moves P(R > 14.98) from 5 % to nothing', async () => {
    const damage = changed((t) => {
      t[4] -= t[2] - t[1];
    });
    const row = await damaged('N8', mm1, {}, { damage }, N / 2);
    expect(isOutside(of(row, `P(R > ${MMC.Q1!.r95[0]})`))).toBe(true);
    expect(of(row, `P(R > ${MMC.Q1!.r95[0]})`).measured).toBeLessThan(1e-5);
  });

  const q7: Stationary = {
    id: 'Q7',
    title: 'M/M/2, 69.45/s, 20 ms',
    unitMs: 1,
    queue: { rate: 69.45, service: '{ kind: exponential, mean: 20ms }', slots: 2, windowMs: 144_000 },
    // R = Wq + service; its half-width is 0.4 % at 2e7 requests.
    metrics: () => [{ name: 'mean R', exact: 38.6346701, h: 0.004, terms: response }],
    relaxation: 72,
  };
  const floored = changed((t) => {
    t[3] = Math.floor(t[3]);
    t[4] = Math.floor(t[4]);
  });

  test('N13: ends rounded down to whole milliseconds take half a millisecond off mean R of Q7, and end some requests before they start', async () => {
    const row = await damaged('N13', q7, {}, { damage: floored }, 6 * N);
    expect(isOutside(of(row, 'mean R')), JSON.stringify(row)).toBe(true);
    expect(holds(of(row, 'mean R'), 38.6346701 - 0.5)).toBe(true);
    const records = await recordsOf(scenarioOf(q7.queue, seedOf('N13')), 20_000, { damage: floored, audit: false });
    expect(causality(records, NEVER)).toMatch(/INV-2/);
  });

  test("N14: a clock in float32 fails Little's law against the windows", async () => {
    // Rounding to the nearest float32 moves no mean, so no row sees it; the sum over stays does, to nine digits.
    const damage = changed((t) => {
      for (let i = 0; i < 5; i++) t[i] = Math.fround(t[i]!);
    });
    const scenario = scenarioOf(q7.queue, seedOf('N14'));
    // Two hours and more: 0.5 ms is all that float32 can tell apart there.
    const size = 520_000;
    const exact = staysOf(await recordsOf(scenario, size));
    const end = exact.at(-1)![0];
    const area = areaUnder(exact, end);
    expect(end).toBeGreaterThan(7_200_000);
    expect(littlesLaw('system', area, exact, end)).toBeNull();
    const rounded = staysOf(await recordsOf(scenario, size, { damage, audit: false }));
    expect(littlesLaw('system', area, rounded, end)).toMatch(/Little's law: system: the area under N is/);
    await expect(recordsOf(scenario, 50_000, { damage })).rejects.toThrow(/windows and probe disagree/);
  });

  test('N20: pairs joined by order of answering keep the mean of the slower answer and fail the pairing check', async () => {
    const scenario = scenarioOf(
      {
        rate: 200,
        service: EXPONENTIAL,
        slots: 4,
        candidate: `{ service: ${EXPONENTIAL}, replicas: 1, slots: 4 }`,
        windowMs: 100_000,
      },
      seedOf('N20'),
    );
    const arms: { arrival: number; done: number }[][] = [[], []];
    const probe: RequestProbe = {
      dispatched(arm, _replica, arrival, _queued, _start, _finish, _status, done) {
        arms[arm]!.push({ arrival, done });
      },
    };
    const world = await SimWorld.open(scenario, { thresholds: [], content: null, probe });
    world.apply({ kind: 'mirror', percent: 100, stage: 'shadow' });
    let slower = 0;
    let compared = 0;
    for (const window of (await world.advance(1_000_000)).windows) {
      const { shadow } = window.rows.find(({ arm }) => arm === 'candidate')!;
      slower += shadow!.slowerSumMs;
      compared += shadow!.compared;
    }
    // Only pairs of which both copies have answered when the last window ends.
    const [b, c] = arms as [(typeof arms)[0], (typeof arms)[0]];
    const end = 1_000_000;
    const known = b.flatMap((each, i) => (each.done < end && c[i]!.done < end ? [[each, c[i]!] as const] : []));
    expect(known.length).toBe(compared);
    expect(pairing(known, slower)).toBeNull();
    const byAnswer = (list: readonly (typeof b)[0][]): (typeof b)[0][] => [...list].sort((x, y) => x.done - y.done);
    const [answeredB, answeredC] = [byAnswer(known.map(([x]) => x)), byAnswer(known.map(([, y]) => y))];
    const mixed = answeredB.map((each, i) => [each, answeredC[i]!] as const);
    const meanOf = (pairs: readonly (readonly [(typeof b)[0], (typeof b)[0]])[]): number =>
      pairs.reduce((sum, [x, y]) => sum + Math.max(x.done - x.arrival, y.done - y.arrival), 0) / pairs.length;
    expect(Math.abs(meanOf(mixed) / meanOf(known) - 1)).toBeLessThan(0.15);
    expect(pairing(mixed, slower)).toMatch(/pairing: pair \d+ joins requests that arrived at/);
  });
});
