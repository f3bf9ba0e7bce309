/** The binomial distribution: tails by the incomplete beta function, and the exact interval of a ratio. */
import { betaQuantile, logBetaTails } from './beta.ts';
import { logBeta } from './gamma.ts';
import { normalUpperQuantile } from './normal.ts';

/** ln P(Bin(n, p) ≥ k): I_p(k, n−k+1). */
export function logUpperTail(k: number, n: number, p: number): number {
  if (k <= 0) return 0;
  return k > n ? -Infinity : logBetaTails(p, k, n - k + 1).lower;
}

/** P(Bin(n, p) ≥ k). */
export const upperTail = (k: number, n: number, p: number): number => Math.exp(logUpperTail(k, n, p));

/** P(Bin(n, p) ≤ k). */
export const lowerTail = (k: number, n: number, p: number): number =>
  k < 0 ? 0 : k >= n ? 1 : Math.exp(logBetaTails(p, k + 1, n - k).upper);

/** ln C(n, k). */
export const logChoose = (n: number, k: number): number => -Math.log(n + 1) - logBeta(k + 1, n - k + 1);

/** P(Bin(n, p) = k) for k = 0 … n; 0 < p < 1. */
export function binomialMasses(n: number, p: number): Float64Array {
  const masses = new Float64Array(n + 1);
  const mode = Math.min(n, Math.floor((n + 1) * p));
  // From the mode outwards, by the ratio of neighbours: no underflow on the way, and only small numbers are lost.
  masses[mode] = Math.exp(logChoose(n, mode) + mode * Math.log(p) + (n - mode) * Math.log1p(-p));
  for (let k = mode; k < n; k++) masses[k + 1] = masses[k]! * (((n - k) / (k + 1)) * (p / (1 - p)));
  for (let k = mode; k > 0; k--) masses[k - 1] = masses[k]! * ((k / (n - k + 1)) * ((1 - p) / p));
  return masses;
}

/**
 * Interval of a ratio k/n that covers the truth with at least `confidence` (Clopper and Pearson 1934):
 * [I⁻¹_{α/2}(k, n−k+1), I⁻¹_{1−α/2}(k+1, n−k)], 0 and 1 at the ends. Counts need not be whole.
 */
export function clopperPearson(k: number, n: number, confidence = 0.95): readonly [low: number, high: number] {
  const half = (1 - confidence) / 2;
  return [k <= 0 ? 0 : betaQuantile(half, k, n - k + 1), k >= n ? 1 : betaQuantile(1 - half, k + 1, n - k)];
}

/** One-sided: the truth is at most this with `confidence`. */
export const clopperPearsonUpper = (k: number, n: number, confidence = 0.95): number =>
  k >= n ? 1 : betaQuantile(confidence, k + 1, n - k);

/** One-sided: the truth is at least this with `confidence`. */
export const clopperPearsonLower = (k: number, n: number, confidence = 0.95): number =>
  k <= 0 ? 0 : betaQuantile(1 - confidence, k, n - k + 1);

/**
 * Trials after which the interval of a rate near p is about p ± relative·p: n = ⌈(z/relative)² (1−p)/p⌉, z of the two-sided `confidence`;
 * 0 < p < 1. By the normal approximation: of rare events it takes (z/relative)², 16 of them for ± 50 %.
 */
export const trialsFor = (p: number, relative: number, confidence = 0.95): number =>
  Math.ceil((normalUpperQuantile((1 - confidence) / 2) / relative) ** 2 * ((1 - p) / p));
