/**
 * How likely a pooled guard on a ratio fires although nothing is wrong, when requests are independent of each other: the exact binomial
 * tail of every look, added up (Boole), which overlapping looks do not exceed. Valid for errors and outcomes that have nothing to
 * do with the fleet; whether that is so is asked of the windows first (`inflationOf`).
 */
import { chiSquareCdf } from '../../statistics/chi-square.ts';
import { clopperPearsonLower, clopperPearsonUpper, lowerTail, upperTail } from '../../statistics/binomial.ts';

/** Events out of trials in one stretch of time. */
export interface Count {
  readonly x: number;
  readonly n: number;
}

/** Above this, Pearson's test does not tell the counts from those of independent requests. */
const DOUBT = 1e-3;
/** Counts that scatter more than so many times as much as independent requests are of another kind. */
const MOST_INFLATION = 20;
/** Normal 95 % point, for the χ² quantile (Wilson and Hilferty 1931). */
const Z_95 = 1.6448536269514722;

/**
 * By how much the counts' variance exceeds that of independent requests of one ratio: 1 where Pearson's test cannot tell, else the upper
 * 95 % bound of χ²/df. Null where it is so much that they are something else: a ratio that changes, clumps.
 */
export function inflationOf(counts: readonly Count[]): number | null {
  const x = counts.reduce((sum, each) => sum + each.x, 0);
  const n = counts.reduce((sum, each) => sum + each.n, 0);
  if (counts.length < 2) return null;
  if (x === 0) return 1;
  const p = x / n;
  const chi = counts.reduce((sum, each) => sum + (each.x - each.n * p) ** 2 / (each.n * p * (1 - p)), 0);
  const df = counts.length - 1;
  if (1 - chiSquareCdf(chi, df) > DOUBT) return 1;
  const least = df * (1 - 2 / (9 * df) - Z_95 * Math.sqrt(2 / (9 * df))) ** 3;
  const inflation = Math.max(1, chi / Math.max(least, 1e-9));
  return inflation > MOST_INFLATION ? null : inflation;
}

/** The ratio of all counts, and what it is at most and at least with 1 − α, one-sided. */
export function ratioOf(counts: readonly Count[], alpha: number): { p: number; least: number; most: number } {
  const x = counts.reduce((sum, each) => sum + each.x, 0);
  const n = counts.reduce((sum, each) => sum + each.n, 0);
  return { p: x / n, least: clopperPearsonLower(x, n, 1 - alpha), most: clopperPearsonUpper(x, n, 1 - alpha) };
}

/** Σ over looks of P(Bin(n, p)/n > θ); n that were divided by an inflation need not be whole, and then k is not either. */
export const looksAbove = (looks: readonly number[], p: number, theta: number): number =>
  Math.min(
    1,
    looks.reduce(
      (sum, n) => sum + upperTail(Number.isInteger(n) ? Math.floor(theta * n + 1e-9) + 1 : theta * n, n, p),
      0,
    ),
  );

/** Cuts that are tried between the two ratios. */
const CUTS = 40;

/**
 * At most the sum over looks of P(x_c/n_c < (1−d)·x_k/n_k): whatever c, it needs x_k/n_k > c or x_c/n_c < (1−d)·c; the best c is taken.
 */
export function looksBelow(
  looks: readonly { readonly own: number; readonly other: number }[],
  own: number,
  other: number,
  drop: number,
): number {
  const from = other;
  const to = own / (1 - drop);
  if (to <= from) return 1;
  const cuts = Array.from({ length: CUTS }, (_, i) => from + ((i + 1) / (CUTS + 1)) * (to - from));
  const sum = looks.reduce((total, each) => {
    const best = cuts.reduce((least, c) => {
      const above = upperTail(Math.floor(each.other * c), each.other, other);
      const below = lowerTail(Math.ceil((1 - drop) * c * each.own), each.own, own);
      return Math.min(least, above + below);
    }, 1);
    return total + best;
  }, 0);
  return Math.min(1, sum);
}
