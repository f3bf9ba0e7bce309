/**
 * Means of values that are known by count, Σx and Σx², and the change of one mean against another as ln m_c − ln m_k with its
 * standard error from the values' own scatter. Units of the values cancel in changes.
 */

/** Count, Σx and Σx². */
export interface Sums {
  readonly count: number;
  readonly sum: number;
  readonly squares: number;
}

/** The values b and c of the same requests. */
export interface SumsOfPairs {
  readonly count: number;
  readonly baselineSum: number;
  readonly candidateSum: number;
  readonly baselineSquares: number;
  readonly candidateSquares: number;
  /** Σ b·c. */
  readonly products: number;
}

export interface LogChange {
  readonly value: number;
  readonly standardError: number;
}

/** Half-width of a 95 % interval in standard errors. */
export const Z95 = 1.959963984540054;

/** One copy's sums of a measure in mirrored pairs. */
export function sideOf(pairs: SumsOfPairs, side: 'baseline' | 'candidate'): Sums {
  const [sum, squares] =
    side === 'baseline' ? [pairs.baselineSum, pairs.baselineSquares] : [pairs.candidateSum, pairs.candidateSquares];
  return { count: pairs.count, sum, squares };
}

/** Σx/n; null without values. */
export const meanOf = ({ count, sum }: Sums): number | null => (count === 0 ? null : sum / count);

/** s² = (Σx² − (Σx)²/n)/n, the empirical variance of one value. */
export const varianceOf = ({ count, sum, squares }: Sums): number =>
  Math.max(0, (squares - (sum * sum) / count) / count);

/** ℓ̂ = ln m_c − ln m_k, se² = s_c²/(n_c m_c²) + s_k²/(n_k m_k²) (delta method); null unless both means are above 0. */
export function logMeanChange(own: Sums, reference: Sums): LogChange | null {
  const [c, k] = [meanOf(own), meanOf(reference)];
  if (c === null || k === null || c <= 0 || k <= 0) return null;
  const variance = varianceOf(own) / (own.count * c * c) + varianceOf(reference) / (reference.count * k * k);
  return { value: Math.log(c / k), standardError: Math.sqrt(variance) };
}

/**
 * The same over N requests that both arms answered: se² = (s_c²/m_c² + s_b²/m_b² − 2 s_cb/(m_c m_b))/N, s_cb the covariance of
 * both copies' values. What differs between requests, and not between models, cancels.
 */
export function pairedMeanChange(pairs: SumsOfPairs): LogChange | null {
  const [own, reference] = [sideOf(pairs, 'candidate'), sideOf(pairs, 'baseline')];
  const [c, b] = [meanOf(own), meanOf(reference)];
  if (c === null || b === null || c <= 0 || b <= 0) return null;
  const n = pairs.count;
  const covariance = (pairs.products - (own.sum * reference.sum) / n) / n;
  const variance = varianceOf(own) / (c * c) + varianceOf(reference) / (b * b) - (2 * covariance) / (c * b);
  return { value: Math.log(c / b), standardError: Math.sqrt(Math.max(0, variance) / n) };
}

/** x̄ ± z₉₅ s/√n at one look, values being multiples of `step`; null without values. */
export function meanInterval(
  sums: Sums | undefined,
  step: number,
): { readonly count: number; readonly mean: number; readonly low: number; readonly high: number } | null {
  if (sums === undefined || sums.count === 0) return null;
  const mean = (step * sums.sum) / sums.count;
  const half = Z95 * step * Math.sqrt(varianceOf(sums) / sums.count);
  return { count: sums.count, mean, low: mean - half, high: mean + half };
}
