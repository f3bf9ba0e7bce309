import * as fc from 'fast-check';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { scoreOf } from '../../../live/gateway/answer-headers.ts';
import {
  type Ask,
  COMPLETED,
  Exchange,
  type ExchangeKeeper,
  FAILED,
  type Outcome,
  REJECTED,
  TIMED_OUT,
} from '../../../live/gateway/exchange.ts';
import type { WindowParts } from '../../../live/gateway/messages.ts';
import { BASELINE, CANDIDATE, type GatewayOptions } from '../../../live/gateway/options.ts';
import { Pair } from '../../../live/gateway/pair.ts';
import { EMPTY_TABLE, type RoutingTable, withSplit } from '../../../live/gateway/routing.ts';
import { WindowCounter } from '../../../live/gateway/window-counter.ts';
import { windowOf } from '../../../live/gateway/window-rows.ts';
import { histogramsReady, TimeTotal } from '../../../telemetry/histogram.ts';
import { WindowChecker } from '../../../telemetry/invariants.ts';
import type { ArmWindow, TimeHistogram } from '../../../telemetry/window.ts';
import { OPTIONS } from './options.ts';

beforeAll(histogramsReady);

const WINDOW_MS = 100;
/** performance.now() at rehearsal time 0: far ahead, so that no real timer ends a window. A power of two keeps sums exact. */
const ORIGIN_MS = 2 ** 30;

/** A counter whose clock the test turns. */
class Bench {
  readonly windows: WindowParts[] = [];
  table: RoutingTable = withSplit(EMPTY_TABLE, 0, 100);
  private readonly counter: WindowCounter;

  constructor(options: Partial<GatewayOptions> = {}) {
    this.counter = new WindowCounter(
      { ...OPTIONS, windowMs: WINDOW_MS, ...options },
      () => this.table,
      (window) => this.windows.push(window),
    );
    this.counter.begin(performance.timeOrigin + ORIGIN_MS);
    onTestFinished(() => this.counter.stop());
  }

  arrive(arm: number, atMs: number, { mirrored = false, pair = null, ...ask }: Partial<Ask> & Copy = {}): Exchange {
    const receivedMs = ORIGIN_MS + atMs;
    const whole: Ask = { ...ASK, receivedMs, ...ask };
    const counted = this.counter.arrived(arm, whole.segment, mirrored, receivedMs);
    const caller = mirrored ? null : ({} as NonNullable<Exchange['caller']>);
    return new Exchange(NOBODY, whole, arm, caller, pair, counted);
  }

  /** What the router does when an exchange's outcome is known. */
  settle(exchange: Exchange, atMs: number, outcome: Outcome, headers: Record<string, string> = {}): void {
    exchange.timing = headers['x-coalmine-timing'] ?? null;
    exchange.score = headers['x-coalmine-score'] ?? null;
    if (exchange.counted) this.counter.settled(exchange, outcome, ORIGIN_MS + atMs);
    else this.counter.advance(ORIGIN_MS + atMs);
  }

  /** Lets time pass and returns the rows of window `index`: baseline, candidate. */
  rows(index: number): readonly ArmWindow[] {
    this.counter.advance(ORIGIN_MS + (index + 1) * WINDOW_MS);
    return this.windows[index]!.rows;
  }
}

interface Copy {
  readonly mirrored?: boolean;
  readonly pair?: Pair | null;
}

const ASK: Ask = {
  number: 1,
  row: 0,
  segment: 0,
  path: '/v2/models/model/infer',
  lines: '',
  body: Buffer.alloc(0),
  receivedMs: 0,
};
const NOBODY: ExchangeKeeper = { answered: () => undefined, broke: () => undefined };

function quantile(times: TimeHistogram, q: number): number | null {
  const total = new TimeTotal();
  total.add(times);
  const value = total.quantile(q);
  total.destroy();
  return value;
}

test('an answer counts in the window in which it came, however late the window is closed', () => {
  const bench = new Bench();
  const early = bench.arrive(BASELINE, 90);
  const late = bench.arrive(BASELINE, 95);
  // Nothing has looked at the clock since: three windows are over when the second answer is seen.
  bench.settle(early, 99.5, COMPLETED);
  bench.settle(late, 310, COMPLETED);
  expect(bench.windows.map(({ index, startMs, endMs }) => [index, startMs, endMs])).toEqual([
    [0, 0, 100],
    [1, 100, 200],
    [2, 200, 300],
  ]);
  const of = (index: number): unknown => {
    const { arrived, completed, inFlight } = bench.rows(index)[BASELINE]!;
    return { arrived, completed, inFlight };
  };
  expect([0, 1, 2, 3].map(of)).toEqual([
    { arrived: 2, completed: 1, inFlight: 1 },
    { arrived: 0, completed: 0, inFlight: 1 },
    { arrived: 0, completed: 0, inFlight: 1 },
    { arrived: 0, completed: 1, inFlight: 0 },
  ]);
});

test('what arrives before the rehearsal counts nowhere, not even when its answer comes later', () => {
  const bench = new Bench();
  const warmUp = bench.arrive(BASELINE, -20);
  bench.settle(warmUp, 10, COMPLETED);
  expect(bench.rows(0)[BASELINE]).toMatchObject({ arrived: 0, completed: 0, inFlight: 0 });
});

test('exceedances are exact at their edge, and every request without an answer is one', () => {
  const bench = new Bench({
    thresholds: ['>=', '>'].map((operator) => ({ thresholdMs: 50, operator: operator as '>' })),
  });
  for (const latencyMs of [49.75, 50, 50.25]) bench.settle(bench.arrive(BASELINE, 0), latencyMs, COMPLETED);
  for (const outcome of [FAILED, REJECTED, TIMED_OUT] as const) bench.settle(bench.arrive(BASELINE, 60), 61, outcome);
  const row = bench.rows(0)[BASELINE]!;
  expect(row.over).toEqual([5, 4]);
  expect(row).toMatchObject({ completed: 3, failed: 1, rejected: 1, timedOut: 1, errors: 3, requests: 6 });
  expect(row.latency).toMatchObject({ count: 3, sumMs: 150, maxMs: 50.25 });
});

describe("a replica's timing header", () => {
  test('gives waits, fetches, hits, misses and missing features', () => {
    const bench = new Bench();
    for (const timing of ['1;300;0;0;0', '0;4000;2500;0;0', '2;9000;0;0;0', ';0;1000;0;0', 'nonsense', '0;-1;2;0;0']) {
      bench.settle(bench.arrive(BASELINE, 0), 10, COMPLETED, { 'x-coalmine-timing': timing });
    }
    const row = bench.rows(0)[BASELINE]!;
    expect(row).toMatchObject({ cacheHits: 1, cacheMisses: 2, featuresMissing: 1 });
    expect(row.featureFetch).toMatchObject({ count: 3, maxMs: 9 });
    expect(row.featureFetch.sumMs).toBeCloseTo(13.3, 9);
    expect(row.wait, 'those who did not wait count as zero').toMatchObject({ count: 6, sumMs: 3.5, maxMs: 2.5 });
    expect(quantile(row.wait, 0.99)).toBe(2.5);
  });
});

test('a score is the float32 that the replica wrote, or none', () => {
  expect(scoreOf('5.6')).toBe(Math.fround(5.6));
  expect(['', 'NaN', 'x', '1, 2', null].map(scoreOf)).toEqual([null, null, null, null, null]);
});

test('labels come from the row and the score, after the label delay, and copies have none', () => {
  const labels = { kind: 'acceptance', actual: Float32Array.of(5, 5), tolerance: 0.5 } as const;
  const bench = new Bench({ labels, labelDelayMs: 150 });
  // float32 5.5 is exactly on the edge; 5.6 is beyond it.
  const answers: [Partial<Ask> & Copy, string][] = [
    [{ row: 0 }, '5.5'],
    [{ row: 1 }, '5.6'],
    [{ row: 0, mirrored: true }, '5'],
    [{ row: 7 }, '5'],
  ];
  for (const [what, score] of answers) {
    bench.settle(bench.arrive(BASELINE, 10, what), 40, COMPLETED, { 'x-coalmine-score': score });
  }
  bench.settle(bench.arrive(BASELINE, 10, { row: 0 }), 60, COMPLETED, { 'x-coalmine-score': '5' });
  const of = (index: number): unknown => {
    const { impressions, outcomes } = bench.rows(index)[BASELINE]!;
    return [impressions, outcomes];
  };
  expect([0, 1, 2].map(of)).toEqual([
    [0, 0],
    [2, 1],
    [1, 1],
  ]);
  expect(bench.windows[0]!.rows[BASELINE]!.scores.count).toBe(5);
});

/** Positive labels of 4,000 answers of each arm. */
function positives(seed: number): readonly number[] {
  const bench = new Bench({ seed, labels: { kind: 'bernoulli', baseline: 0.2, candidate: 0.1 } });
  for (let number = 0; number < 4000; number++) {
    for (const arm of [BASELINE, CANDIDATE]) bench.settle(bench.arrive(arm, 1, { number }), 2, COMPLETED);
  }
  return bench.rows(0).map((row) => row.outcomes);
}

test('synthetic labels depend on seed and request number alone and come at their rate', () => {
  const first = positives(1);
  expect(positives(1)).toEqual(first);
  expect(positives(2)).not.toEqual(first);
  // Six standard deviations of a binomial.
  expect(Math.abs(first[BASELINE]! - 800)).toBeLessThan(6 * Math.sqrt(4000 * 0.2 * 0.8));
  expect(Math.abs(first[CANDIDATE]! - 400)).toBeLessThan(6 * Math.sqrt(4000 * 0.1 * 0.9));
});

test('pairs are joined by request, compared with tolerance, and lost when one side fails', () => {
  const bench = new Bench();
  /** Baseline's and candidate's answers: score or outcome, and when. */
  const cases: [string | Outcome, number, string | Outcome, number][] = [
    ['1', 20, '1.05', 30],
    ['2', 50, '2.2', 40],
    ['3', 10, FAILED, 10],
    [TIMED_OUT, 80, '3', 10],
    [FAILED, 10, '3', 30],
    ['4', 10, '4', 150],
  ];
  const pairs = cases.map(([b, bMs, c, cMs], number) => {
    const pair = new Pair();
    const both = [b, c].map((_, arm) => bench.arrive(arm, 0, { number, pair, mirrored: arm === CANDIDATE }));
    return [
      { exchange: both[0]!, what: b, atMs: bMs },
      { exchange: both[1]!, what: c, atMs: cMs },
    ];
  });
  for (const { exchange, what, atMs } of pairs.flat().sort((x, y) => x.atMs - y.atMs)) {
    if (typeof what === 'string') bench.settle(exchange, atMs, COMPLETED, { 'x-coalmine-score': what });
    else bench.settle(exchange, atMs, what);
  }
  const [first, second] = [bench.rows(0)[CANDIDATE]!.shadow!, bench.rows(1)[CANDIDATE]!.shadow!];
  expect(first).toMatchObject({ compared: 2, mismatches: 1, incomplete: 3, slowerSumMs: 80, baselineSum: 3 });
  expect(first.absoluteDifferenceSum).toBeCloseTo(0.25, 6);
  expect(second).toMatchObject({ compared: 1, mismatches: 0, incomplete: 0, slowerSumMs: 150 });
  expect(bench.rows(0)[BASELINE]!.shadow).toBeNull();
});

test('any traffic at all: windows hold every invariant and add up to what happened', () => {
  const visit = fc.record({
    arm: fc.constantFrom(BASELINE, CANDIDATE),
    segment: fc.nat(2),
    atMs: fc.integer({ min: -50, max: 800 }),
    forMs: fc.integer({ min: 0, max: 500 }),
    outcome: fc.constantFrom<Outcome>(COMPLETED, FAILED, REJECTED, TIMED_OUT),
    mirrored: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(visit, { maxLength: 60 }), (visits) => {
      const bench = new Bench({ segments: ['a', 'b', 'c'], segmentOfRow: Uint8Array.of(0, 1, 2) });
      const happenings = visits.flatMap(({ arm, segment, atMs, forMs, outcome, mirrored }) => {
        let exchange: Exchange | null = null;
        return [
          { atMs, happen: () => (exchange = bench.arrive(arm, atMs, { segment, mirrored })) },
          { atMs: atMs + forMs, happen: () => bench.settle(exchange!, atMs + forMs, outcome) },
        ];
      });
      // Stable: an arrival stays before its own end.
      for (const { happen } of happenings.sort((a, b) => a.atMs - b.atMs)) happen();
      bench.rows(13);
      const checker = new WindowChecker();
      const windows = bench.windows.map(windowOf);
      for (const window of windows) checker.check(window);
      const counted = visits.filter(({ atMs }) => atMs >= 0);
      for (const { index, startMs, endMs, rows } of windows) {
        expect(rows.map((row) => `${row.arm}/${row.segment}`)).toEqual(
          ['baseline', 'candidate'].flatMap((arm) => ['all', 'a', 'b', 'c'].map((segment) => `${arm}/${segment}`)),
        );
        const ended = counted.filter((v) => v.atMs + v.forMs >= startMs && v.atMs + v.forMs < endMs);
        const row = rows.find(({ arm, segment }) => arm === 'candidate' && segment === 'b')!;
        const mine = ended.filter(({ arm, segment }) => arm === CANDIDATE && segment === 1);
        expect(row.requests, `window ${index}`).toBe(mine.length);
        expect(row.mirrored).toBe(mine.filter(({ mirrored }) => mirrored).length);
        expect(row.timedOut).toBe(mine.filter(({ outcome }) => outcome === TIMED_OUT).length);
        const all = rows.filter(({ segment }) => segment === 'all');
        expect(all.reduce((sum, { requests }) => sum + requests, 0)).toBe(ended.length);
      }
    }),
    { numRuns: 40 },
  );
});
