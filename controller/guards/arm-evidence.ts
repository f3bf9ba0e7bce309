/**
 * Evidence that one arm has more events than its share. Under the null the arm of each event is an independent
 * draw with the arms' shares ρ, whatever the common intensity does over time: load cancels. Prior Dirichlet(κρ) over the shares.
 * The Bayes factor is an e-process, so ln BF ≥ ln(1/α) happens ever with probability at most α.
 * Source: Lindon and Malek, Anytime-valid inference for multinomial count data, NeurIPS 2022.
 */
import { logBetaTails } from '../../statistics/beta.ts';
import { logBeta, logGamma } from '../../statistics/gamma.ts';
import type { Side } from './bernoulli-evidence.ts';

/** κ: how firmly the prior sits at the shares. */
export const CONCENTRATION: number = 100;

/**
 * ln BF = lnΓ(κ) − lnΓ(κ+N) + Σ_i [lnΓ(κρ_i + n_i) − lnΓ(κρ_i) − n_i ln ρ_i], N = Σ n_i: any difference between any number of
 * arms. On the requests themselves it checks that the router keeps its shares.
 */
export function logShareEvidence(
  counts: readonly number[],
  shares: readonly number[],
  kappa: number = CONCENTRATION,
): number {
  const total = counts.reduce((sum, each) => sum + each, 0);
  return counts.reduce(
    (sum, n, i) => {
      const share = shares[i] ?? 0;
      return sum + logGamma(kappa * share + n) - logGamma(kappa * share) - n * Math.log(share);
    },
    logGamma(kappa) - logGamma(kappa + total),
  );
}

/**
 * One-sided, two arms: x events in the candidate, y in the other arm, ρ the candidate's share. The prior is cut to shares above
 * ρ (`up`) or below (`down`): lnB(κρ+x, κ(1−ρ)+y) − lnB(κρ, κ(1−ρ)) − x ln ρ − y ln(1−ρ) + ln S(ρ; κρ+x, κ(1−ρ)+y) −
 * ln S(ρ; κρ, κ(1−ρ)).
 */
export function logArmEvidence(side: Side, x: number, y: number, rho: number, kappa: number = CONCENTRATION): number {
  const a = kappa * rho;
  const b = kappa * (1 - rho);
  const after = logBetaTails(rho, a + x, b + y);
  const before = logBetaTails(rho, a, b);
  const cut = side === 'up' ? after.upper - before.upper : after.lower - before.lower;
  const value = logBeta(a + x, b + y) - logBeta(a, b) - x * Math.log(rho) - y * Math.log1p(-rho) + cut;
  return Math.max(-700, value);
}

/**
 * The candidate's share of all events when its ratio is `factor` times the other arm's, its share of the requests being ρ:
 * a margin moves the null.
 */
export const shareWithMargin = (rho: number, factor: number): number => (rho * factor) / (rho * factor + 1 - rho);
