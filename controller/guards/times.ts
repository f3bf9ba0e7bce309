/** Quantiles of times from the buckets of windows: for display, and for bounds against another arm. Exact to 0.1 %. */
import { bucketHighMs } from '../decode-times.ts';
import { positionOfRank } from '../sparse.ts';
import type { Times } from '../tally.ts';

/**
 * Nearest-rank quantile in ms over `samples` values, of which those without a time (requests that got no answer) are longer than any.
 * Infinity when the rank falls among them: a hanging arm must not look fast. Null without samples.
 */
export function timeQuantile(times: Times, quantile: number, samples: number): number | null {
  if (samples === 0) return null;
  // A product such as 0.95·20 may land a rounding error above the whole number it stands for.
  const rank = Math.max(1, Math.ceil(quantile * samples - 1e-9));
  const found = positionOfRank(times.buckets, rank);
  return found === null ? Infinity : Math.min(bucketHighMs(found.at), times.maxMs);
}
