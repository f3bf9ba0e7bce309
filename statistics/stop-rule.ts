/**
 * Is a rate above or below p0? Stopping as soon as it is clear, without cheating: Robbins 1970; Ding, Gandy and Hahn 2020
 * (statistics §17.1). The error is at most ε however often one looks.
 */
import { logChoose } from './binomial.ts';

/** −ln[(n+1)·C(n,s)·p0^s·(1−p0)^(n−s)]: ln of an e-value against "the rate is p0", with a uniform prior. */
export const robbinsLogEvidence = (s: number, n: number, p0: number): number =>
  -(Math.log(n + 1) + logChoose(n, s) + s * Math.log(p0) + (n - s) * Math.log1p(-p0));

/** On which side of p0 the rate is, once that is clear; null while it is not. */
export function sideOf(s: number, n: number, p0: number, epsilon: number): 'below' | 'above' | null {
  if (n === 0 || robbinsLogEvidence(s, n, p0) < -Math.log(epsilon)) return null;
  return s / n < p0 ? 'below' : 'above';
}
