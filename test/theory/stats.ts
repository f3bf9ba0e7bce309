/** The little statistics that the gates need. */
import { createHash } from 'node:crypto';
import { normalTail } from '../../sim/normal.ts';
import { root } from './formulas.ts';

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

/** ln Γ(x), by Stirling's series from x + 8 down: twelve digits. */
function logGamma(x: number): number {
  const y = x + 8;
  let product = 1;
  for (let i = 0; i < 8; i++) product *= x + i;
  const series = 1 / (12 * y) - 1 / (360 * y ** 3) + 1 / (1260 * y ** 5) - 1 / (1680 * y ** 7);
  return (y - 0.5) * Math.log(y) - y + Math.log(2 * Math.PI) / 2 + series - Math.log(product);
}

/** P(χ² with k degrees of freedom ≤ x). */
export function chiSquareCdf(x: number, k: number): number {
  if (x <= 0) return 0;
  const a = k / 2;
  const y = x / 2;
  const scale = Math.exp(a * Math.log(y) - y - logGamma(a));
  if (y < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = 1; n < 10_000 && term > sum * 1e-16; n++) sum += term *= y / (a + n);
    return sum * scale;
  }
  let b = y + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let h = d;
  for (let i = 1; i < 10_000; i++) {
    const an = -i * (i - a);
    b += 2;
    d = 1 / (an * d + b);
    c = b + an / c;
    h *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return 1 - scale * h;
}

export const chiSquareQuantile = (p: number, k: number): number => root((x) => chiSquareCdf(x, k) - p, 0, 20 * k + 200);

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
  if (lambda < 0.2) return 1;
  let p = 0;
  for (let k = 1; k <= 100; k++) p += 2 * (k % 2 === 1 ? 1 : -1) * Math.exp(-2 * k * k * lambda * lambda);
  return Math.min(1, Math.max(0, p));
}

/** Distribution function of Student's t with 39 degrees of freedom, by way of the normal one (Wallace 1959). */
export function studentCdf(x: number): number {
  const z = Math.sign(x) * Math.sqrt(39 * Math.log1p((x * x) / 39)) * (1 - 3 / (4 * 39));
  return 1 - normalTail(z);
}

/** Pearson's statistic. */
export const chiSquareOf = (observed: readonly number[], expected: readonly number[]): number =>
  observed.reduce((sum, o, i) => sum + (o - expected[i]!) ** 2 / expected[i]!, 0);
