/** Student's t distribution, by the incomplete beta function (NIST DLMF 8.17: P(|T| > t) = I_x(ν/2, 1/2), x = ν/(ν + t²)). */
import { betaQuantile } from './beta.ts';

/** t with P(T > t) = v for ν degrees of freedom, 0 < v < 1/2. */
export function studentUpperQuantile(v: number, degrees: number): number {
  // 1 − x keeps its digits where x is near 1, and x where it is near 0.
  const x = betaQuantile(2 * v, degrees / 2, 0.5);
  return Math.sqrt((degrees * (1 - x)) / x);
}
