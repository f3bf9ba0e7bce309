/** What a sample looks like: rates with their intervals, and the spread of times and sums. */
import { clopperPearson } from '../statistics/binomial.ts';

/** Events out of trials, with the Clopper-Pearson 95 % interval (guaranteed, for claims). */
export interface Rate {
  readonly events: number;
  readonly of: number;
  /** Null without trials, as are the bounds. */
  readonly ratio: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

export function rateOf(events: number, of: number): Rate {
  if (of === 0) return { events, of, ratio: null, low: null, high: null };
  const [low, high] = clopperPearson(events, of);
  return { events, of, ratio: events / of, low, high };
}

/** Nearest-rank quantiles of `n` values. */
export interface Spread {
  readonly n: number;
  readonly mean: number;
  readonly min: number;
  readonly p10: number;
  readonly p50: number;
  readonly p90: number;
  readonly max: number;
}

/** Null without values. */
export function spreadOf(values: readonly number[]): Spread | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const at = (q: number): number => sorted[Math.max(0, Math.ceil(q * sorted.length - 1e-9) - 1)]!;
  const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
  return { n: sorted.length, mean, min: sorted[0]!, p10: at(0.1), p50: at(0.5), p90: at(0.9), max: sorted.at(-1)! };
}
