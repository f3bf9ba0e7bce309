/**
 * The change of a ratio against another arm as ln r_c − ln r_k, with a confidence sequence around it: an interval that covers the
 * truth at every look with probability at least 1 − α, in the limit of many events. Source: Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas,
 * Time-uniform central limit theory and asymptotic confidence sequences, Annals of Statistics 2024.
 */
import { normalUpperQuantile } from '../../statistics/normal.ts';
import type { Count } from './ratios.ts';

export interface Estimate {
  readonly value: number;
  readonly standardError: number;
}

/** ℓ̂ = ln(x_c/n_c) − ln(x_k/n_k), se² = 1/x_c − 1/n_c + 1/x_k − 1/n_k; null when an arm has no event. */
export function logRatio(own: Count, reference: Count): Estimate | null {
  if (own.events <= 0 || reference.events <= 0 || own.samples <= 0 || reference.samples <= 0) return null;
  return {
    value: Math.log(own.events / own.samples) - Math.log(reference.events / reference.samples),
    standardError: Math.sqrt(variance(own) + variance(reference)),
  };
}

/** Of the logarithm of a ratio of counts. */
const variance = ({ events, samples }: Count): number => 1 / events - 1 / samples;

/**
 * Requests of the candidate that show with power 1 − β that a ratio of p is not worse than −d, when there is no difference and one looks
 * once: n_c = ((1−p)/p) (1 + 1/r) ((z_{1−α} + z_{1−β})/ln(1−d))², r = n_k/n_c. Looking always takes more.
 */
export function requestsToShow(p: number, d: number, alpha: number, beta: number, r: number): number {
  const z = normalUpperQuantile(alpha) + normalUpperQuantile(beta);
  return ((1 - p) / p) * (1 + 1 / r) * (z / Math.log1p(-d)) ** 2;
}

/** ρ² = (−2 ln α + ln(1 − 2 ln α))/N*: the mixture that is sharpest at N* observations. */
export const tuning = (alpha: number, sharpestAt: number): number =>
  (-2 * Math.log(alpha) + Math.log(1 - 2 * Math.log(alpha))) / sharpestAt;

/**
 * Half-width at N observations in all, sharpest at N*; asymptotic, so ask for some fifty events per arm first.
 * Two-sided: se √N √(2(Nρ²+1)/(N²ρ²) · ln(√(Nρ²+1)/α)). One-sided: the logarithm is ln(1 + √(Nρ²+1)/(2α)) and ρ² that of 2α.
 * Source: Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas, Time-uniform central limit theory, 2021/2024.
 */
export function sequenceRadius(
  sides: 'one' | 'two',
  standardError: number,
  n: number,
  sharpestAt: number,
  alpha: number,
): number {
  const rho2 = tuning(sides === 'one' ? 2 * alpha : alpha, sharpestAt);
  const grown = n * rho2 + 1;
  const log = sides === 'one' ? Math.log1p(Math.sqrt(grown) / (2 * alpha)) : Math.log(Math.sqrt(grown) / alpha);
  return standardError * Math.sqrt(n) * Math.sqrt(((2 * grown) / (n * n * rho2)) * log);
}
