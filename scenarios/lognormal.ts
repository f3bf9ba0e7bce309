/** The two parameters of a lognormal distribution, from whichever two figures a person knows. */

/** The 95 % point of the standard normal distribution. */
const Z95 = 1.6448536269514722;

export interface LognormalFigures {
  readonly mean?: number | undefined;
  readonly median?: number | undefined;
  readonly sigma?: number | undefined;
  /** Squared coefficient of variation. */
  readonly cv2?: number | undefined;
  readonly p95?: number | undefined;
}

/**
 * Median and sigma from one of mean, median and one of sigma, cv2, p95; the rule that is broken when that cannot be.
 *
 * mean = median·exp(sigma²/2); cv2 = exp(sigma²) − 1; p95 = median·exp(z·sigma) with z = 1.645. From mean and p95,
 * ln(p95/mean) = z·sigma − sigma²/2, whose smaller root is meant; there is none when p95/mean > exp(z²/2) = 3.868.
 */
export function lognormalOf(figures: LognormalFigures): { readonly medianMs: number; readonly sigma: number } | string {
  const { mean, median, sigma, cv2, p95 } = figures;
  const wrong = misnamed(Object.entries(figures).flatMap(([name, value]) => (value === undefined ? [] : [name])));
  if (wrong !== null) return wrong;
  const spread = sigma ?? (cv2 === undefined ? spreadOf(p95 ?? 0, mean, median) : Math.sqrt(Math.log1p(cv2)));
  if (Number.isNaN(spread))
    return mean === undefined
      ? 'got a p95 below the median, expected a longer one'
      : 'got a p95 that no lognormal distribution of this mean has, expected one between 1 and 3.868 times the mean';
  return { medianMs: median ?? (mean ?? 0) / Math.exp(spread ** 2 / 2), sigma: spread };
}

/** The rule that is broken by giving just these figures; null when they are one of each kind. */
export function misnamed(names: readonly string[]): string | null {
  const given = (...of: readonly string[]): number => of.filter((name) => names.includes(name)).length;
  if (given('mean', 'median') === 1 && given('sigma', 'cv2', 'p95') === 1) return null;
  const got = names.length === 0 ? 'neither' : names.join(', ');
  return `got ${got}, expected one of mean, median and one of sigma, cv2, p95`;
}

/** Sigma from the 95th percentile and the mean or the median; NaN when there is none. */
function spreadOf(p95: number, mean: number | undefined, median: number | undefined): number {
  const spread =
    median === undefined ? Z95 - Math.sqrt(Z95 ** 2 - 2 * Math.log(p95 / (mean ?? 0))) : Math.log(p95 / median) / Z95;
  return spread >= 0 ? spread : Number.NaN;
}
