/** The chi-square distribution with k degrees of freedom. Source: NIST DLMF 8.7.1 (series) and 8.9.2 (continued fraction). */
import { logGamma } from './gamma.ts';

/** P(χ² ≤ x). */
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

/** x with P(χ² ≤ x) = p, by bisection. */
export function chiSquareQuantile(p: number, k: number): number {
  let low = 0;
  let high = k + 10;
  while (chiSquareCdf(high, k) < p) high *= 2;
  for (let i = 0; i < 200 && high - low > 1e-14 * high; i++) {
    const middle = (low + high) / 2;
    if (chiSquareCdf(middle, k) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
