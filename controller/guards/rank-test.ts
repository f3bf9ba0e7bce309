/**
 * Mann and Whitney's test (1947) on values with counts, with the shift of Hodges and Lehmann (1963): window values, each counted once, or histograms of requests.
 * A fixed-sample test: its α holds for one look, repeated looks inflate it.
 */
import { normalTail, normalUpperQuantile } from '../../statistics/normal.ts';

/** Values in ascending order, each with how often it occurs. */
export interface Values {
  readonly at: readonly number[];
  readonly counts: readonly number[];
}

export function valuesOf(numbers: readonly number[]): Values {
  const at: number[] = [];
  const counts: number[] = [];
  for (const each of numbers.toSorted((a, b) => a - b)) {
    if (at.at(-1) === each) counts[counts.length - 1]!++;
    else {
      at.push(each);
      counts.push(1);
    }
  }
  return { at, counts };
}

export interface RankTest {
  /** #{x_i > y_j} + ½ #{x_i = y_j}. */
  readonly u: number;
  /** With continuity correction; null when all values are equal, so that σ = 0. */
  readonly z: number | null;
  /** Two-sided; null like z. */
  readonly p: number | null;
  /** σ of U under no difference, ties included. */
  readonly sigma: number;
  readonly m: number;
  readonly n: number;
}

/** U, σ² = (mn/12)(m + n + 1 − Σ(t³−t)/((m+n)(m+n−1))), z = (U − mn/2 ∓ ½)/σ. `shift` is subtracted from every x. */
export function rankTest(x: Values, y: Values, shift = 0): RankTest {
  let u = 0;
  let ties = 0;
  let below = 0;
  let i = 0;
  let j = 0;
  while (i < x.at.length || j < y.at.length) {
    const left = i < x.at.length ? x.at[i]! - shift : Infinity;
    const right = y.at[j] ?? Infinity;
    const side = order(left, right, shift);
    const cx = side <= 0 ? x.counts[i++]! : 0;
    const cy = side >= 0 ? y.counts[j++]! : 0;
    u += cx * (below + cy / 2);
    below += cy;
    ties += (cx + cy) ** 3 - (cx + cy);
  }
  const m = x.counts.reduce((sum, each) => sum + each, 0);
  const n = below;
  const all = m + n;
  const sigma = Math.sqrt(Math.max(0, ((m * n) / 12) * (all + 1 - ties / (all * (all - 1)))));
  const off = u - (m * n) / 2;
  const z = sigma === 0 ? null : (off - Math.sign(off) / 2) / sigma;
  return { u, z, p: z === null ? null : Math.min(1, 2 * normalTail(Math.abs(z))), sigma, m, n };
}

/** A shift is itself a difference x − y, so x − shift may miss y by a rounding error: what is that near is a tie. */
function order(left: number, right: number, shift: number): number {
  const difference = left - right;
  if (!Number.isFinite(difference)) return difference;
  return Math.abs(difference) <= 1e-12 * (Math.abs(right) + Math.abs(shift)) ? 0 : difference;
}

export interface Shift {
  /** Hodges and Lehmann's estimate: the median of all differences x_i − y_j. */
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

/**
 * The shifts that the test does not reject. z falls with the shift, in steps at the differences x_i − y_j, so the ends are differences:
 * the lowest after which z is no longer above the critical value, and the highest before which it is not yet below.
 * Null when a sample is empty or the test cannot reject any shift at this confidence.
 */
export function shiftInterval(xs: readonly number[], ys: readonly number[], confidence: number): Shift | null {
  const differences = xs.flatMap((x) => ys.map((y) => x - y)).toSorted((a, b) => a - b);
  const count = differences.length;
  if (count === 0) return null;
  const critical = normalUpperQuantile((1 - confidence) / 2);
  const [x, y] = [valuesOf(xs), valuesOf(ys)];
  const steps = differences.filter((each, i) => i === 0 || order(each, differences[i - 1]!, 0) !== 0);
  // Between the steps z is constant: before the first one, then after each.
  const zAfter = (i: number): number => {
    const shift = i === 0 ? steps[0]! - 1 : (steps[i - 1]! + (steps[i] ?? steps[i - 1]! + 2)) / 2;
    return rankTest(x, y, shift).z ?? 0;
  };
  const low = firstOf(steps.length + 1, (i) => zAfter(i) <= critical) - 1;
  const high = firstOf(steps.length + 1, (i) => zAfter(i) < -critical) - 1;
  if (low < 0 || high >= steps.length) return null;
  const estimate = (differences[(count - 1) >> 1]! + differences[count >> 1]!) / 2;
  return { estimate, low: steps[low]!, high: steps[high]! };
}

/** The first of 0 … length − 1 from which on `holds` is true, by bisection; length when it never is. */
function firstOf(length: number, holds: (i: number) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
