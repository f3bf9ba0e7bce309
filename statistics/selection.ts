/** What choosing the best of many does to an estimate. */
import { binomialMasses } from './binomial.ts';

/**
 * Mean of the smallest of `policies` estimates of a rate, each from `n` rollouts, when the true rate of all is `p` and they have nothing to do with
 * each other (the worst case): Σ_{k≥0} P(Bin(n, p) > k)^policies / n. 0 < p < 1.
 */
export function expectedSmallest(policies: number, n: number, p: number): number {
  const masses = binomialMasses(n, p);
  let below = 0;
  let sum = 0;
  for (let k = 0; k < n; k++) {
    below += masses[k]!;
    const all = below >= 1 ? 0 : Math.exp(policies * Math.log1p(-below));
    if (all === 0) break;
    sum += all;
  }
  return sum / n;
}
