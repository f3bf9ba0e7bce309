/** What a stage is expected to show, and the least number of samples from which on something is true. */
export interface Expected {
  /** The candidate's ratio of events, and the reference's; null when nobody knows. */
  readonly own: number | null;
  readonly reference: number | null;
  /** Samples of the reference per sample of the candidate. */
  readonly times: number;
  /** Samples of the candidate per ms: when a sequence is to be sharpest is said in time. */
  readonly perMs: number;
  /** What counts are divided by. */
  readonly inflation: number;
}

/** More than any service sees in a year. */
const MOST = 1e12;

/** To a thousandth, for something that once true stays so; null when no number is enough. The search begins at `guess`. */
export function leastSamples(isEnough: (n: number) => boolean, guess = 1): number | null {
  let high = Math.max(1, guess);
  while (!isEnough(high)) {
    high *= 2;
    if (high > MOST) return null;
  }
  let low = high / 2;
  while (low > 1 && isEnough(low)) [high, low] = [low, low / 2];
  while (high - low > Math.max(1, high / 1000)) {
    const middle = (low + high) / 2;
    if (isEnough(middle)) high = middle;
    else low = middle;
  }
  return Math.ceil(high);
}
