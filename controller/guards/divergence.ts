/** How far two distributions of predictions are apart: PSI (Siddiqi, Credit Risk Scorecards, 2006) and the distance of Kolmogorov (1933) and Smirnov (1948). */
import { chiSquareQuantile } from '../../statistics/chi-square.ts';
import { kolmogorovTail } from '../../statistics/kolmogorov.ts';

/**
 * Population stability index over bins: Σ (a_b − k_b) ln(a_b/k_b), a_b = (count_b + ½)/(n + ½B), so that empty bins count.
 * Under no shift PSI/(1/n_c + 1/n_k) is about χ² with B − 1 degrees of freedom.
 */
export function stabilityIndex(own: readonly number[], reference: readonly number[]): number {
  const k = shares(reference);
  return shares(own).reduce((sum, a, b) => sum + (a - k[b]!) * Math.log(a / k[b]!), 0);
}

function shares(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, each) => sum + each, 0) + counts.length / 2;
  return counts.map((count) => (count + 0.5) / total);
}

/** What PSI exceeds by chance with probability α when nothing has shifted. The customary 0.1 and 0.25 know no sample size. */
export const stabilityQuantile = (alpha: number, bins: number, n: number, m: number): number =>
  chiSquareQuantile(1 - alpha, bins - 1) * (1 / n + 1 / m);

/** Asymptotic p-value of a distance D = sup|F_c − F_k| between n and m values: P(K > D √(nm/(n+m))). One look only. */
export const distanceP = (distance: number, n: number, m: number): number =>
  kolmogorovTail(distance * Math.sqrt((n * m) / (n + m)));
