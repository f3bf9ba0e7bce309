/** A guard's metric over one tally. */
import type { WindowHeader } from '../../telemetry/window.ts';
import type { Guard, Metric, Stage } from '../policy.ts';
import { totalOf } from '../sparse.ts';
import type { Tally } from '../tally.ts';
import { counterOf, exceedances } from './latency.ts';
import { type Count, countOf, ratioOf } from './ratios.ts';
import { scoreQuantile } from './scores.ts';
import { timeQuantile } from './times.ts';

export interface Measurement {
  /** Requests, impressions, predictions or pairs: the metric's own denominator. */
  readonly samples: number;
  /** The counts that decide the guard; null when a quantile does. */
  readonly count: Count | null;
  /** Infinity: a quantile that falls among the requests without an answer. Null: unknown. */
  readonly value: number | null;
}

/** The metric's own denominator. */
export function samplesOf(metric: Metric, tally: Tally): number {
  switch (metric.kind) {
    case 'latency':
    case 'slow-ratio':
      return tally.requests;
    case 'distribution':
      return metric.of === 'score' ? totalOf(tally.scores) : tally.requests;
    case 'feature-fetch':
      return totalOf(tally.featureFetch.buckets);
    case 'score':
      return totalOf(tally.scores);
    default:
      return countOf(metric, tally)?.samples ?? 0;
  }
}

export function measure(guard: Guard, tally: Tally, header: WindowHeader): Measurement {
  const { metric } = guard;
  const counter = counterOf(guard);
  const counted = counter === null ? null : exceedances(counter, tally, header);
  const samples = samplesOf(metric, tally);
  switch (metric.kind) {
    case 'latency':
      return { samples, count: counted, value: timeQuantile(tally.latency, metric.quantile, samples) };
    case 'slow-ratio':
      return { samples, count: counted, value: counted === null ? null : ratioOf(counted) };
    case 'distribution':
      return { samples, count: null, value: null };
    case 'feature-fetch':
      return { samples, count: null, value: timeQuantile(tally.featureFetch, metric.quantile, samples) };
    case 'score':
      return { samples, count: null, value: scoreQuantile(tally.scores, metric.quantile, header.scoreGrid) };
    default: {
      const count = countOf(metric, tally);
      return { samples, count, value: count === null ? null : ratioOf(count) };
    }
  }
}

/**
 * Whether a guard compares the two answers to the same mirrored requests: while the candidate sees copies only, those pairs
 * differ in nothing but the model, whereas the arms' own predictions differ in the requests as well.
 */
export const comparesPairs = ({ metric, bound }: Guard, stage: Stage): boolean =>
  (metric.kind === 'score' || (metric.kind === 'distribution' && metric.of === 'score')) &&
  bound?.kind === 'relative' &&
  bound.to === 'baseline' &&
  stage.weightPercent === 0;

/** The baseline's or the candidate's predictions in mirrored pairs, which the candidate's tally carries. */
export function measurePairs(
  guard: Guard,
  candidate: Tally,
  side: 'baseline' | 'candidate',
  { scoreGrid }: WindowHeader,
): Measurement {
  const scores = side === 'baseline' ? candidate.pairedBaseline : candidate.pairedCandidate;
  const value = guard.metric.kind === 'score' ? scoreQuantile(scores, guard.metric.quantile, scoreGrid) : null;
  return { samples: totalOf(scores), count: null, value };
}
