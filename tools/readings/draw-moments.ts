/** Draws the sums of measures in a window: value by value, or at once from the values' own moments. */
import { normalUpperQuantile } from '../../statistics/normal.ts';
import type { Moments, PairMoments } from '../../telemetry/measures.ts';
import type { Stream } from '../../sim/random.ts';

/** The sums of n values. */
export function drawnMoments(n: number, value: (stream: Stream) => number, stream: Stream): Moments {
  let [sum, squares] = [0, 0];
  for (let i = 0; i < n; i++) {
    const x = value(stream);
    sum += x;
    squares += x * x;
  }
  return { count: n, sum, squares };
}

/** The sums of n pairs [baseline, candidate]. */
export function drawnPairs(
  n: number,
  pair: (stream: Stream) => readonly [number, number],
  stream: Stream,
): PairMoments {
  const sums = { baselineSum: 0, candidateSum: 0, baselineSquares: 0, candidateSquares: 0, products: 0 };
  for (let i = 0; i < n; i++) {
    const [b, c] = pair(stream);
    sums.baselineSum += b;
    sums.candidateSum += c;
    sums.baselineSquares += b * b;
    sums.candidateSquares += c * c;
    sums.products += b * c;
  }
  return { count: n, ...sums };
}

/** A standard normal number. */
export const normalDraw = (stream: Stream): number => normalUpperQuantile(stream.next() || 2 ** -33);

/**
 * The sums of n values of a distribution with raw moments E X … E X⁴, for large n: (Σx, Σx²) is normal with mean n (m₁, m₂) and
 * covariance n (m₂ − m₁², m₃ − m₁m₂; m₄ − m₂²), by the central limit theorem.
 */
export function manyMoments(
  n: number,
  [m1, m2, m3, m4]: readonly [number, number, number, number],
  stream: Stream,
): Moments {
  const [v1, v12, v2] = [m2 - m1 * m1, m3 - m1 * m2, m4 - m2 * m2];
  const [a, b] = [normalDraw(stream), normalDraw(stream)];
  const root = Math.sqrt(n);
  const sum = n * m1 + root * Math.sqrt(v1) * a;
  const slope = v12 / v1;
  const rest = Math.sqrt(Math.max(0, v2 - slope * v12));
  return { count: n, sum, squares: n * m2 + root * (slope * Math.sqrt(v1) * a + rest * b) };
}

/** E X^k = median^k exp(k²σ²/2) of a lognormal, k = 1 … 4. */
export const lognormalMoments = (median: number, sigma: number): readonly [number, number, number, number] => {
  const of = (k: number): number => median ** k * Math.exp((k * k * sigma * sigma) / 2);
  return [of(1), of(2), of(3), of(4)];
};
