import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Ledger } from '../../ledger.ts';
import { histogramsReady, NO_TIMES, TimeRecorder } from '../../telemetry/histogram.ts';
import type {
  ArmWindow,
  LatencyThreshold,
  ScoreHistogram,
  TimeHistogram,
  WindowHeader,
} from '../../telemetry/window.ts';
import { rowOf, windowOf } from '../controller/support.ts';

beforeAll(histogramsReady);
const open: Ledger[] = [];
afterEach(() => {
  for (const ledger of open.splice(0)) ledger.destroy();
});

const headerOf = (thresholds: readonly LatencyThreshold[]): WindowHeader => ({
  windowMs: 10_000,
  arms: ['baseline', 'candidate'],
  segments: ['all'],
  thresholds,
  scoreGrid: { low: 0, high: 100, bins: 100 },
});
/** The tightest one is not the first, and has two operators. */
const BOUNDS: readonly LatencyThreshold[] = [
  { thresholdMs: 200, operator: '>' },
  { thresholdMs: 50, operator: '>=' },
  { thresholdMs: 50, operator: '>' },
];

/** A ledger of these [baseline, candidate] rows, one pair per window. */
function ledgerOf(pairs: readonly (readonly [Partial<ArmWindow>, Partial<ArmWindow>])[], thresholds = BOUNDS): Ledger {
  const ledger = new Ledger(headerOf(thresholds));
  open.push(ledger);
  const over = thresholds.map(() => 0);
  for (const [index, [baseline, candidate]] of pairs.entries()) {
    const rows = [rowOf('baseline', index, { over, ...baseline }), rowOf('candidate', index, { over, ...candidate })];
    ledger.add(windowOf(index, rows));
  }
  return ledger;
}
const times = (...values: number[]): TimeHistogram => {
  const recorder = new TimeRecorder();
  for (const ms of values) recorder.record(ms);
  return recorder.close();
};
const scores = (bin: number, count: number): ScoreHistogram => ({
  count,
  sum: (bin + 0.5) * count,
  bins: Uint32Array.of(bin),
  counts: Uint32Array.of(count),
});
const BASELINE = { requests: 900, errors: 9, over: [0, 45, 40], impressions: 800, outcomes: 400 };

describe('harm is what the candidate did, less what the baseline would have done to as many', () => {
  test('worked by hand: 1 % errors, 5 % slow and half accepted are the baseline’s share', () => {
    const candidate = { requests: 100, errors: 3, over: [1, 20, 18], impressions: 80, outcomes: 30 };
    expect(ledgerOf([[BASELINE, candidate]]).harm.close()).toEqual({
      requestsToCandidate: 100,
      excessErrors: 3 - 1,
      excessSlow: 20 - 5,
      lostOutcomes: 40 - 30,
    });
  });

  test('is negative when the candidate is better', () => {
    const candidate = { requests: 900, errors: 4, over: [0, 15, 15], impressions: 800, outcomes: 450 };
    expect(ledgerOf([[BASELINE, candidate]]).harm.close()).toMatchObject({
      excessErrors: -5,
      excessSlow: -30,
      lostOutcomes: -50,
    });
  });

  test('compares window by window: a bad hour of both arms harms nobody', () => {
    const bad = { requests: 500, errors: 250, over: [0, 400, 400] };
    const good = { requests: 100, errors: 0 };
    // Weights differ between the windows, so the ratios of the sums would say otherwise.
    const pairs = [
      [bad, { ...bad, requests: 50, errors: 25, over: [0, 40, 40] }],
      [good, { ...good, requests: 900 }],
    ] as const;
    expect(ledgerOf(pairs).harm.close()).toMatchObject({ excessErrors: 0, excessSlow: 0 });
  });

  test('compares segment by segment: a candidate of one bad city is no worse than its baseline', () => {
    const ledger = new Ledger({ ...headerOf([]), segments: ['all', 'ATL', 'LAX'] });
    open.push(ledger);
    const bad = { segment: 'ATL', requests: 100, errors: 10 };
    const good = { segment: 'LAX', requests: 900, errors: 0 };
    const rows = [
      rowOf('baseline', 0, { requests: 1000, errors: 10 }),
      rowOf('baseline', 0, bad),
      rowOf('baseline', 0, good),
      rowOf('candidate', 0, { requests: 50, errors: 5 }),
      rowOf('candidate', 0, { ...bad, requests: 50, errors: 5 }),
      rowOf('candidate', 0, { ...good, requests: 0 }),
    ];
    ledger.add(windowOf(0, rows));
    expect(ledger.harm.close()).toMatchObject({ requestsToCandidate: 50, excessErrors: 0 });
  });

  test('leaves out windows that cannot be compared: no baseline, or copies among the candidate’s requests', () => {
    const pairs = [
      [{ requests: 0 }, { requests: 50, errors: 50, over: [50, 50, 50] }],
      [BASELINE, { requests: 60, mirrored: 10, errors: 30, over: [30, 30, 30] }],
    ] as const;
    expect(ledgerOf(pairs).harm.close()).toEqual({
      requestsToCandidate: 100,
      excessErrors: null,
      excessSlow: null,
      lostOutcomes: null,
    });
  });

  test('in shadow there is none, since no user saw an answer: absent is null', () => {
    expect(ledgerOf([[BASELINE, { requests: 900, mirrored: 900, errors: 90 }]]).harm.close()).toEqual({
      requestsToCandidate: 0,
      excessErrors: null,
      excessSlow: null,
      lostOutcomes: null,
    });
  });

  test('slow means nothing in a policy without a latency bound', () => {
    const ledger = ledgerOf([[{ requests: 9 }, { requests: 9 }]], []);
    expect(ledger.harm.close()).toMatchObject({ excessErrors: 0, excessSlow: null });
  });

  test('never says −0', () => {
    const { excessErrors } = ledgerOf([[{ requests: 1000, errors: 1 }, { requests: 100 }]]).harm.close();
    expect(Object.is(excessErrors, 0)).toBe(true);
  });
});

/** Mean latencies of both arms, as they are compared. */
const latencies = (ledger: Ledger): (number | null)[] =>
  (['baseline', 'candidate'] as const).map((arm) => ledger.arms.get(arm)!.times(ledger.hasShared).latency.mean());

describe('what an arm did over the whole run', () => {
  test('is the sum of its windows', () => {
    const ledger = ledgerOf([
      [
        {
          requests: 2,
          arrived: 9,
          arrivedMirrored: 2,
          latency: times(10, 20),
          busyMs: 30,
          capacityMs: 100,
          cacheHits: 3,
          cacheMisses: 1,
        },
        {},
      ],
      [
        {
          requests: 1,
          arrived: 1,
          arrivedMirrored: 0,
          latency: times(60),
          busyMs: 60,
          capacityMs: 100,
          cacheHits: 3,
          cacheMisses: 1,
        },
        {},
      ],
    ]);
    const baseline = ledger.arms.get('baseline')!;
    expect([
      baseline.requests,
      baseline.arrived - baseline.arrivedMirrored,
      baseline.utilisation(),
      baseline.cacheHitRatio(),
    ]).toEqual([3, 8, 0.45, 0.75]);
    const { latency } = baseline.times(ledger.hasShared);
    expect([latency.mean(), latency.maxMs]).toEqual([30, 60]);
  });

  test('is compared by the windows in which users saw both arms, when there were any', () => {
    const both = { requests: 1, latency: times(60) };
    const shadow = [
      { requests: 1, latency: times(10) },
      { requests: 1, mirrored: 1, latency: times(20) },
    ] as const;
    expect(latencies(ledgerOf([shadow, shadow]))).toEqual([10, 20]);
    expect(latencies(ledgerOf([shadow, [both, both], [{ requests: 1, latency: times(10) }, {}]]))).toEqual([60, 60]);
  });

  test('without requests has no utilisation, no hit ratio and no percentiles', () => {
    const candidate = ledgerOf([[{}, { latency: NO_TIMES }]]).arms.get('candidate')!;
    expect([candidate.utilisation(), candidate.cacheHitRatio(), candidate.times(false).latency.quantile(0.5)]).toEqual([
      null,
      null,
      null,
    ]);
  });

  test('counts the rows of all segments only', () => {
    const ledger = new Ledger(headerOf([]));
    open.push(ledger);
    const rows = (['baseline', 'candidate'] as const).flatMap((arm) => [
      rowOf(arm, 0, { requests: 10 }),
      rowOf(arm, 0, { requests: 10, segment: 'nyc' }),
    ]);
    ledger.add(windowOf(0, rows));
    expect(ledger.arms.get('baseline')!.requests).toBe(10);
    expect(ledger.servedBetween(0, 10_000)).toBe(20);
  });
});

describe('requests between two instants', () => {
  test('are those of the windows that end there, copies left out; neighbouring stretches share none', () => {
    const ledger = ledgerOf([
      [{ requests: 100 }, { requests: 100, mirrored: 100 }],
      [{ requests: 80 }, { requests: 20 }],
      [{ requests: 70 }, { requests: 30 }],
    ]);
    expect([ledger.servedBetween(0, 10_000), ledger.servedBetween(10_000, 30_000)]).toEqual([100, 200]);
    expect(ledger.servedBetween(30_000, 30_000)).toBe(0);
  });
});

const pairs = (baseline: number, candidate: number, count: number, mismatches: number): Partial<ArmWindow> => ({
  shadow: {
    compared: count,
    mismatches,
    baselineSum: 0,
    candidateSum: 0,
    absoluteDifferenceSum: 0,
    baselineScores: scores(baseline, count),
    candidateScores: scores(candidate, count),
    slowerSumMs: 0,
    incomplete: 0,
  },
});

describe('the shadow comparison over the run', () => {
  test('shifts are the candidate over the baseline, less one, on all pairs together', () => {
    const shadow = ledgerOf([
      [{}, pairs(49, 59, 100, 40)],
      [{}, pairs(49, 59, 300, 0)],
    ]).shadow();
    expect(shadow).toMatchObject({ compared: 400, mismatchRatio: 0.1 });
    expect(shadow.scoreMeanShift).toBeCloseTo(59.5 / 49.5 - 1, 12);
    expect(shadow.scoreMedianShift).toBeCloseTo(59.5 / 49.5 - 1, 12);
  });

  test('of nothing is absent', () => {
    expect(ledgerOf([[{}, {}]]).shadow()).toEqual({
      compared: 0,
      scoreMedianShift: null,
      scoreMeanShift: null,
      mismatchRatio: null,
    });
  });
});
