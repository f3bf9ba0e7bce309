/** How much a guard must have seen before it may say anything, where the policy does not say. */
import type { Test } from './guard-tests.ts';
import type { Bound, Metric, Sustained } from './policy.ts';

/** Predictions per arm: fewer say little about a distribution's shape. */
const SCORES = 1000;
/** Values per arm of a mean: what is asymptotic wants many. */
const VALUES = 1000;
/** Events per arm of a relative bound on ratios. */
const POSITIVES = 50;
/** Expected events at the bound that a pooled sum needs; a single evaluation window needs one. */
const POOLED_EVENTS = 5;

/** The share of requests at the bound, θ; null when the bound is not on a share. */
function thetaOf(metric: Metric, bound: Bound | null): number | null {
  if (metric.kind === 'latency' || metric.kind === 'feature-fetch') return 1 - metric.quantile;
  return bound?.kind === 'absolute' && !('quantile' in metric) && metric.kind !== 'distribution' ? bound.value : null;
}

/** ⌈5/θ⌉ for a pooled sum, ⌈1/θ⌉ per evaluation window of reading `every`; null when θ is 0, which only a person can answer. */
export function defaultMinSamples(metric: Metric, bound: Bound | null, reading: Sustained['reading']): number | null {
  if (metric.kind === 'score' || metric.kind === 'distribution') return SCORES;
  if (metric.kind === 'measure') return VALUES;
  const theta = thetaOf(metric, bound);
  if (theta === null) return 1;
  if (theta <= 0) return null;
  // 5/0.05 must not become 101 because 1 − 0.95 is a little less than 0.05.
  return Math.ceil((reading === 'pooled' ? POOLED_EVENTS : 1) / theta - 1e-6);
}

/** Of a test: evidence is its own sample size, except where a formula is only right for many samples. */
export function defaultTestSamples({ method }: Test, metric: Metric): number {
  if (metric.kind === 'measure') return VALUES;
  return method === 'psi' || method === 'ks' ? SCORES : 1;
}

/** An exact test of counts needs none, nor do ranks, which want windows; what is asymptotic, or only an estimate, does. */
export const defaultMinPositives = (metric: Metric, bound: Bound | null, test: Test | null): number =>
  bound?.kind === 'relative' && !EXACT.includes(test?.method) && COUNTED.includes(metric.kind) ? POSITIVES : 0;

const EXACT: readonly (Test['method'] | undefined)[] = ['two-arm', 'mann-whitney'];
const COUNTED: readonly Metric['kind'][] = ['error-ratio', 'outcome-ratio', 'young-outcome-ratio', 'slow-ratio'];
