/** Logarithms of the gamma and beta functions, for real arguments. Source: Stirling's series, NIST DLMF 5.11.1 and 5.12.1. */

/** Below this the series is not exact enough, so arguments are moved up by Γ(x) = Γ(x+1)/x. */
const ENOUGH = 12;
const HALF_LOG_TWO_PI = Math.log(2 * Math.PI) / 2;

/** δ(x) in ln Γ(x) = (x−½) ln x − x + ½ ln 2π + δ(x), x ≥ 12: seven terms, error below 1e-17. */
function stirling(x: number): number {
  const r = 1 / (x * x);
  return (
    (1 / 12 - r * (1 / 360 - r * (1 / 1260 - r * (1 / 1680 - r * (1 / 1188 - r * (691 / 360_360 - r * (1 / 156))))))) /
    x
  );
}

/** ln Γ(x) for x > 0, to 14 digits. */
export function logGamma(x: number): number {
  let product = 1;
  let y = x;
  for (; y < ENOUGH; y++) product *= y;
  return (y - 0.5) * Math.log(y) - y + HALF_LOG_TWO_PI + stirling(y) - Math.log(product);
}

/** ln B(a, b) = ln Γ(a) + ln Γ(b) − ln Γ(a+b) for a, b > 0, without subtracting numbers that are both large. */
export function logBeta(a: number, b: number): number {
  const [small, large] = a < b ? [a, b] : [b, a];
  const sum = small + large;
  if (small >= ENOUGH)
    return (
      (small - 0.5) * Math.log(small / sum) +
      (large - 0.5) * Math.log1p(-small / sum) -
      Math.log(sum) / 2 +
      HALF_LOG_TWO_PI +
      (stirling(small) + stirling(large) - stirling(sum))
    );
  if (large < ENOUGH) return logGamma(small) + logGamma(large) - logGamma(sum);
  const ratio = (large - 0.5) * Math.log1p(small / large) + small * Math.log(sum) - small;
  return logGamma(small) - ratio + stirling(large) - stirling(sum);
}
