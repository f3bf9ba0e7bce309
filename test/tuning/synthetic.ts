/** Recordings by chance: counts without a simulator, with windows missing, arms silent, labels late and traffic that ends. */
import * as fc from 'fast-check';
import { TimeRecorder } from '../../telemetry/histogram.ts';
import { NO_SCORES } from '../../telemetry/scores.ts';
import type {
  ArmWindow,
  LatencyThreshold,
  ScoreHistogram,
  ShadowComparison,
  TimeHistogram,
  Window,
  WindowHeader,
} from '../../telemetry/window.ts';
import type { Judged } from '../../tuning/judge.ts';
import { scheduleOf } from '../../tuning/schedule.ts';
import type { Policy } from '../../controller/policy.ts';
import { streamsOf } from '../../sim/random.ts';
import { rowOf } from '../controller/support.ts';
import { LATENCIES_MS } from './random-policy.ts';

const WINDOW_MS = 5_000;
const THRESHOLDS: readonly LatencyThreshold[] = LATENCIES_MS.flatMap((thresholdMs) =>
  (['>', '>='] as const).map((operator) => ({ thresholdMs, operator })),
);
export const HEADER: WindowHeader = {
  windowMs: WINDOW_MS,
  arms: ['baseline', 'candidate'],
  segments: ['all'],
  thresholds: THRESHOLDS,
  scoreGrid: { low: 0, high: 1, bins: 20 },
};

export interface Recipe {
  readonly seed: number;
  /** Requests per window and arm; small numbers make guards doubt. */
  readonly rate: number;
  /** Shares: of windows that are lost, and in which an arm is silent. */
  readonly lost: number;
  readonly silent: number;
  /** Ratio of errors and of slow answers at the candidate, against 0.01 at the baseline. */
  readonly bad: number;
  /** The candidate's requests as a multiple of its share; absent: 1. */
  readonly skew?: number;
  /** The traffic ends after this many windows of telemetry; null: the schedule is recorded to its end. */
  readonly endsAfter: number | null;
}

export const recipe: fc.Arbitrary<Recipe> = fc.record({
  seed: fc.nat(),
  rate: fc.constantFrom(2, 3, 40, 400),
  lost: fc.constantFrom(0, 0, 0.05, 0.4),
  silent: fc.constantFrom(0, 0, 0.1, 0.6, 0.9),
  bad: fc.constantFrom(0.005, 0.01, 0.03),
  skew: fc.constantFrom(1, 1, 0.6, 1.1),
  endsAfter: fc.option(fc.integer({ min: 1, max: 49 }), { freq: 4 }),
});

/** A recording of the random policies' schedule. */
export function recordingOf(policy: Policy, { seed, rate, lost, silent, bad, skew = 1, endsAfter }: Recipe): Judged {
  const random = streamsOf(seed)('synthetic');
  const draw = (): number => random.next();
  const poisson = (mean: number): number =>
    Math.max(0, Math.round(mean + (draw() + draw() + draw() - 1.5) * Math.sqrt(4 * mean)));
  const schedule = scheduleOf(policy);
  const endMs = endsAfter === null ? schedule.endMs : Math.min(schedule.endMs, endsAfter * WINDOW_MS);
  const windows: Window[] = [];
  for (let index = 0; (index + 1) * WINDOW_MS <= endMs; index++) {
    const startMs = index * WINDOW_MS;
    const stage = schedule.stages.findLast((each) => each.startMs <= startMs)!;
    const isMirrored = stage.mirrorPercent > 0;
    const isLost = draw() < lost;
    const rows = HEADER.arms.map((arm): ArmWindow => {
      const isSilent = draw() < silent;
      const weight = stage.weightPercent / 100;
      const share = arm === 'baseline' ? 1 - weight : weight * skew;
      const copies = arm === 'candidate' && isMirrored ? poisson((rate * stage.mirrorPercent) / 100) : 0;
      const users = isSilent ? 0 : poisson(rate * share);
      const requests = users + copies;
      const ratio = arm === 'baseline' ? 0.01 : bad;
      const events = (p: number): number => Math.min(requests, poisson(requests * p));
      const impressions = Math.min(users, poisson(users * 0.9));
      return {
        ...rowOf(arm, index, { requests, errors: events(ratio), mirrored: copies }, WINDOW_MS),
        arrived: requests + (!isSilent && draw() < 0.1 ? 1 : 0),
        arrivedMirrored: copies,
        over: THRESHOLDS.map(({ thresholdMs }) => events(ratio * (60 / thresholdMs))),
        impressions,
        outcomes: Math.min(impressions, poisson(impressions * (0.06 - ratio))),
        featuresMissing: events(ratio),
        latency: timesOf(Math.min(requests, 6), 20 + ratio * 500, draw),
        featureFetch: timesOf(Math.min(requests, 5), 2 + ratio * 100, draw),
        scores: scoresOf(Math.min(requests, 12), 0.5 + ratio, draw),
        shadow: arm === 'candidate' && isMirrored ? shadowOf(requests, ratio, draw) : null,
      };
    });
    if (!isLost) windows.push({ index, startMs, endMs: startMs + WINDOW_MS, rows });
  }
  const begun = schedule.stages.filter(({ startMs }) => startMs < endMs || (endsAfter === null && startMs === endMs));
  return {
    header: HEADER,
    windows,
    provenance: {
      scenario: { name: 'synthetic', hash: '', timeScale: 1 },
      seed,
      truth: { candidate: 'healthy', onsetMs: null, cause: null },
      schemaIssues: [],
      stages: begun.map((stage, i) => ({ ...stage, endMs: begun[i + 1]?.startMs ?? endMs })),
      endMs,
      trafficEnded: endsAfter !== null && endMs < schedule.endMs,
      complete: endMs === schedule.endMs,
    },
  };
}

function timesOf(n: number, mean: number, draw: () => number): TimeHistogram {
  const recorder = new TimeRecorder();
  for (let i = 0; i < n; i++) recorder.record(mean * (0.5 + draw()));
  return recorder.close();
}

function scoresOf(n: number, mean: number, draw: () => number): ScoreHistogram {
  if (n === 0) return NO_SCORES;
  const counts = new Map<number, number>();
  for (let i = 0; i < n; i++) {
    const bin = Math.min(19, Math.max(0, Math.floor((mean + (draw() - 0.5) * 0.4) * 20)));
    counts.set(bin, (counts.get(bin) ?? 0) + 1);
  }
  const bins = Uint32Array.from(counts.keys()).sort();
  return { count: n, sum: n * mean, bins, counts: bins.map((bin) => counts.get(bin)!) };
}

function shadowOf(requests: number, ratio: number, draw: () => number): ShadowComparison {
  const pairs = Math.min(requests, 10);
  return {
    compared: pairs,
    mismatches: Math.min(pairs, Math.floor(draw() * ratio * 200)),
    baselineSum: 0,
    candidateSum: 0,
    absoluteDifferenceSum: 0,
    baselineScores: scoresOf(pairs, 0.5, draw),
    candidateScores: scoresOf(pairs, 0.5 + ratio, draw),
    slowerSumMs: 0,
    incomplete: 0,
  };
}
