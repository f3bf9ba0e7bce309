/** Tables of measured times: pure arithmetic on samples. */
import type { MeasuredTimes } from '../../scenarios/calibration.ts';

/** Every hundredth, and ever finer towards the end: what a p99.9 is read from. */
export const PROBABILITIES: readonly number[] = [
  ...Array.from({ length: 100 }, (_, i) => i / 100),
  ...Array.from({ length: 9 }, (_, i) => (991 + i) / 1000),
  ...Array.from({ length: 9 }, (_, i) => (9991 + i) / 10_000),
  1,
];

/** Consecutive batches whose means are taken for independent, and the t quantile of their interval (0.975, 19 degrees of freedom). */
const BATCHES = 20;
const T_19 = 2.093;
/** Fewer values in a batch make its mean anything but normal. */
const FEWEST_IN_BATCH = 5;

/** Of values in order of time; null when there are none. */
export function measuredTimes(values: readonly number[]): MeasuredTimes | null {
  const { length } = values;
  if (length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  return {
    samples: length,
    mean: rounded(meanOf(values)),
    interval: intervalOf(values),
    quantiles: PROBABILITIES.map((p) => rounded(quantileOf(sorted, p))),
  };
}

/** Linear between order statistics. `sorted` is not empty. */
export function quantileOf(sorted: Float64Array, p: number): number {
  const at = (sorted.length - 1) * p;
  const low = Math.floor(at);
  const value = sorted[low]!;
  return value + ((sorted[low + 1] ?? value) - value) * (at - low);
}

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** 95 % interval of the mean: mean ± t·s/√20 over the means of 20 consecutive batches. Null with too few values. */
function intervalOf(values: readonly number[]): readonly [number, number] | null {
  const size = Math.floor(values.length / BATCHES);
  if (size < FEWEST_IN_BATCH) return null;
  const means = Array.from({ length: BATCHES }, (_, i) => meanOf(values.slice(i * size, (i + 1) * size)));
  const mean = meanOf(means);
  const variance = means.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (BATCHES - 1);
  const half = T_19 * Math.sqrt(variance / BATCHES);
  const centre = meanOf(values);
  return [rounded(centre - half), rounded(centre + half)];
}

/** To the microsecond, which is what the clocks are good for. */
export const rounded = (ms: number): number => Math.round(ms * 1000) / 1000;
