/** The little statistics that the gates need. */
import { createHash } from 'node:crypto';
import { kolmogorovTail } from '../../statistics/kolmogorov.ts';
import { normalTail } from '../../statistics/normal.ts';

/** Student's t with 39 degrees of freedom, two-sided 99.9 %. */
export const T_39 = 3.5581;

/** A seed that depends on nothing but a name: chosen before the first run, never shopped for. */
export const seedOf = (name: string): number =>
  createHash('sha256').update(`coalmine/theory/${name}`).digest().readUInt32BE(0);

export interface Estimate {
  readonly mean: number;
  /** Of the mean. */
  readonly standardError: number;
  /** Correlation of neighbouring batches. */
  readonly lag1: number;
}

/** Ratio Σnum/Σden of batches, with the standard error of a ratio estimator (den = 1: the mean of batch means). */
export function estimate(terms: readonly (readonly [num: number, den: number])[]): Estimate {
  const n = terms.length;
  const den = terms.reduce((sum, [, d]) => sum + d, 0);
  const mean = terms.reduce((sum, [x]) => sum + x, 0) / den;
  const residuals = terms.map(([x, d]) => ((x - mean * d) * n) / den);
  const squares = residuals.reduce((sum, e) => sum + e * e, 0);
  const neighbours = residuals.slice(1).reduce((sum, e, i) => sum + e * residuals[i]!, 0);
  return {
    mean,
    standardError: Math.sqrt(squares / (n - 1) / n),
    lag1: squares === 0 ? 0 : neighbours / squares,
  };
}

/** The range that a Binomial(n, 1/2) leaves on either side with probability at most (1 − p)/2. */
export function fairRange(n: number, p: number): readonly [number, number] {
  let tail = 0.5 ** n;
  let mass = tail;
  let low = 0;
  while (tail <= (1 - p) / 2) {
    low++;
    mass *= (n - low + 1) / low;
    tail += mass;
  }
  return [low, n - low];
}

/** p-value of Kolmogorov and Smirnov's test of `sample` against a continuous distribution function. */
export function ksTest(sample: Float64Array, cdf: (x: number) => number): number {
  const sorted = Float64Array.from(sample).sort();
  const n = sorted.length;
  let distance = 0;
  for (let i = 0; i < n; i++) {
    const f = cdf(sorted[i]!);
    distance = Math.max(distance, (i + 1) / n - f, f - i / n);
  }
  const lambda = (Math.sqrt(n) + 0.12 + 0.11 / Math.sqrt(n)) * distance;
  return kolmogorovTail(lambda);
}

/** Distribution function of Student's t with 39 degrees of freedom, by way of the normal one (Wallace 1959). */
export function studentCdf(x: number): number {
  const z = Math.sign(x) * Math.sqrt(39 * Math.log1p((x * x) / 39)) * (1 - 3 / (4 * 39));
  return 1 - normalTail(z);
}

/** Pearson's statistic. */
export const chiSquareOf = (observed: readonly number[], expected: readonly number[]): number =>
  observed.reduce((sum, o, i) => sum + (o - expected[i]!) ** 2 / expected[i]!, 0);
