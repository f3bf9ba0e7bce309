/** A guard's metric over one tally. */
import { meanOf, sideOf } from '../../statistics/means.ts';
import type { WindowHeader } from '../../telemetry/window.ts';
import type { Guard, Metric, Stage } from '../policy.ts';
import { type Sparse, totalOf } from '../sparse.ts';
import type { Tally } from '../tally.ts';
import { counterOf, exceedances } from './latency.ts';
import { type Count, countOf, ratioOf } from './ratios.ts';
import { momentsOf, pairsOf } from './measure-sums.ts';
import { scaleOf, scoreQuantile } from './scores.ts';
import { timeQuantile } from './times.ts';

export interface Measurement {
  /** Requests, impressions, predictions or pairs: the metric's own denominator. */
  readonly samples: number;
  /** The counts that decide the guard; null when a quantile does. */
  readonly count: Count | null;
  /** Infinity: a quantile that falls among the requests without an answer. Null: unknown. */
  readonly value: number | null;
  /** What a change against this value is divided by; null or absent: by the value itself. */
  readonly scale?: number | null;
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
    case 'measure':
      return momentsOf(metric, tally).count;
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
      return { samples, count: null, ...scoresAt(guard, metric.quantile, tally.scores, header) };
    case 'measure':
      return { samples, count: null, value: inUnit(metric, meanOf(momentsOf(metric, tally)), header) };
    default: {
      const count = countOf(metric, tally);
      return { samples, count, value: count === null ? null : ratioOf(count) };
    }
  }
}

type Measured = Extract<Metric, { kind: 'measure' }>;

/** The unit in which a run counts a measure. */
export function stepOf({ name }: Measured, { measures = [], pairMeasures = [] }: WindowHeader): number {
  const info = [...measures, ...pairMeasures].find((each) => each.name === name);
  if (info === undefined) throw new RangeError(`got no measure '${name}' in the run, expected one: see misfits`);
  return info.step;
}

const inUnit = (metric: Measured, steps: number | null, header: WindowHeader): number | null =>
  steps === null ? null : steps * stepOf(metric, header);

/**
 * Whether a guard compares the two answers to the same mirrored requests: while the candidate sees copies only, those pairs
 * differ in nothing but the model, whereas the arms' own predictions differ in the requests as well.
 */
export const comparesPairs = ({ metric, bound }: Guard, stage: Stage): boolean =>
  (metric.kind === 'score' || metric.kind === 'measure' || (metric.kind === 'distribution' && metric.of === 'score')) &&
  bound?.kind === 'relative' &&
  bound.to === 'baseline' &&
  stage.weightPercent === 0;

/** The baseline's or the candidate's predictions or measures in mirrored pairs, which the candidate's tally carries. */
export function measurePairs(
  guard: Guard,
  candidate: Tally,
  side: 'baseline' | 'candidate',
  header: WindowHeader,
): Measurement {
  if (guard.metric.kind === 'measure') {
    const moments = sideOf(pairsOf(guard.metric, candidate), side);
    return { samples: moments.count, count: null, value: inUnit(guard.metric, meanOf(moments), header) };
  }
  const scores = side === 'baseline' ? candidate.pairedBaseline : candidate.pairedCandidate;
  const found =
    guard.metric.kind === 'score' ? scoresAt(guard, guard.metric.quantile, scores, header) : { value: null };
  return { samples: totalOf(scores), count: null, ...found };
}

/** Tests relate quantiles in ways of their own. */
function scoresAt(
  { test }: Guard,
  quantile: number,
  scores: Sparse,
  { scoreGrid }: WindowHeader,
): Pick<Measurement, 'value' | 'scale'> {
  const value = scoreQuantile(scores, quantile, scoreGrid);
  return test === null ? { value, scale: scaleOf(scores, value, scoreGrid) } : { value };
}
