/** The regularised incomplete beta function I_x(a, b) and its complement, in logarithms, for real a, b > 0. */
import { logBeta } from './gamma.ts';

/** ln I_x(a, b) and ln(1 − I_x(a, b)); −Infinity stands for 0. */
export interface LogTails {
  readonly lower: number;
  readonly upper: number;
}

/**
 * Lentz's continued fraction (NIST DLMF 8.17.22), on the side where it converges fast: for x > (a+1)/(a+b+2) the complement
 * I_{1−x}(b, a) is computed instead. Logarithms are taken before subtracting, so that far tails keep their digits.
 */
export function logBetaTails(x: number, a: number, b: number): LogTails {
  if (x <= 0) return { lower: -Infinity, upper: 0 };
  if (x >= 1) return { lower: 0, upper: -Infinity };
  const mirrored = x > (a + 1) / (a + b + 2);
  const near = mirrored
    ? nearTail(1 - x, Math.log1p(-x), Math.log(x), b, a)
    : nearTail(x, Math.log(x), Math.log1p(-x), a, b);
  const far = near >= 0 ? -Infinity : Math.log(-Math.expm1(near));
  return mirrored ? { lower: far, upper: near } : { lower: near, upper: far };
}

/** ln I_x(a, b) for x below the mean. */
function nearTail(x: number, logX: number, logRest: number, a: number, b: number): number {
  const tiny = 1e-300;
  let c = 1;
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1), tiny);
  let fraction = d;
  for (let m = 1; m < 100_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonZero(1 + even * d, tiny);
    c = nonZero(1 + even / c, tiny);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonZero(1 + odd * d, tiny);
    c = nonZero(1 + odd / c, tiny);
    const step = d * c;
    fraction *= step;
    if (Math.abs(step - 1) < 1e-15) break;
  }
  return Math.min(0, a * logX + b * logRest - logBeta(a, b) - Math.log(a) + Math.log(fraction));
}

const nonZero = (value: number, tiny: number): number => (Math.abs(value) < tiny ? tiny : value);

/** I_x(a, b). */
export const betaCdf = (x: number, a: number, b: number): number => Math.exp(logBetaTails(x, a, b).lower);

/** x with I_x(a, b) = p, 0 < p < 1, by bisection to 15 digits. */
export function betaQuantile(p: number, a: number, b: number): number {
  let low = 0;
  let high = 1;
  for (let i = 0; i < 2000 && high - low > 4e-16 * high; i++) {
    const middle = (low + high) / 2;
    const { lower, upper } = logBetaTails(middle, a, b);
    // The smaller tail is the exact one.
    const below = p < 0.5 ? lower < Math.log(p) : upper > Math.log1p(-p);
    if (below) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
