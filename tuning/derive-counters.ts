/**
 * Latency bounds that a recording does not count, counted from its histograms. A recording counts exactly what its own policies ask
 * for; any other bound T is known to the width of the histogram's bucket around it, 0.1 % of T: of the answers in T's own bucket none
 * is taken to be beyond T.
 */
import { decodeBuckets } from '../controller/decode-times.ts';
import { sameThreshold } from '../controller/guards/latency.ts';
import type { Sparse } from '../controller/sparse.ts';
import { bucketOf, bucketValue, HIGHEST_US } from '../telemetry/histogram.ts';
import type { ArmWindow, LatencyThreshold } from '../telemetry/window.ts';
import type { Judged } from './judge.ts';

/** The recording with a counter for every one of `wanted` as well; itself when it has them all. */
export function withCounters(recording: Judged, wanted: readonly LatencyThreshold[]): Judged {
  const { header } = recording;
  const lacking = wanted.filter((each) => !header.thresholds.some((known) => sameThreshold(known, each)));
  if (lacking.length === 0) return recording;
  return {
    ...recording,
    header: { ...header, thresholds: [...header.thresholds, ...lacking] },
    windows: recording.windows.map((window) => ({
      ...window,
      rows: window.rows.map((row) => ({ ...row, over: [...row.over, ...countBeyond(row, lacking)] })),
    })),
  };
}

/** Answers beyond each bound, and every request that got none. */
export function countBeyond({ latency, errors }: ArmWindow, thresholds: readonly LatencyThreshold[]): number[] {
  const buckets = decodeBuckets(latency.encoded);
  return thresholds.map((threshold) => errors + answersBeyond(buckets, threshold));
}

function answersBeyond({ at, counts }: Sparse, { thresholdMs, operator }: LatencyThreshold): number {
  const us = thresholdMs * 1000;
  if (us > HIGHEST_US) return 0;
  const own = bucketOf(Math.floor(us));
  // The bucket that begins with T holds nothing below it, but T itself.
  const first = operator === '>=' && bucketValue(own) === us ? own : own + 1;
  let sum = 0;
  for (let i = at.length - 1; i >= 0 && at[i]! >= first; i--) sum += counts[i]!;
  return sum;
}
