/** How much a guard must have seen before it may say anything, where the policy does not say (statistics §2.2). */
import type { Bound, Metric, Sustained } from './policy.ts';

/** Predictions per arm: fewer say little about a distribution's shape. */
const SCORES = 1000;
/** Events per arm of a relative bound on ratios. */
const POSITIVES = 50;
/** Expected events at the bound that a pooled sum needs; a single evaluation window needs one. */
const POOLED_EVENTS = 5;

/** The share of requests at the bound, θ; null when the bound is not on a share. */
function thetaOf(metric: Metric, bound: Bound | null): number | null {
  if (metric.kind === 'latency' || metric.kind === 'feature-fetch') return 1 - metric.quantile;
  return bound?.kind === 'absolute' && metric.kind !== 'score' ? bound.value : null;
}

/** ⌈5/θ⌉ for a pooled sum, ⌈1/θ⌉ per evaluation window of reading `every`; null when θ is 0, which only a person can answer. */
export function defaultMinSamples(metric: Metric, bound: Bound | null, { reading }: Sustained): number | null {
  if (metric.kind === 'score') return SCORES;
  const theta = thetaOf(metric, bound);
  if (theta === null) return 1;
  if (theta <= 0) return null;
  // 5/0.05 must not become 101 because 1 − 0.95 is a little less than 0.05.
  return Math.ceil((reading === 'pooled' ? POOLED_EVENTS : 1) / theta - 1e-6);
}

export const defaultMinPositives = (metric: Metric, bound: Bound | null): number =>
  bound?.kind === 'relative' && (metric.kind === 'error-ratio' || metric.kind === 'outcome-ratio') ? POSITIVES : 0;
