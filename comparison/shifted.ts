/** A recording as it would be if answers took a little longer or shorter. */
import { bucketHighMs, decodeBuckets } from '../controller/decode-times.ts';
import type { ArmWindow, LatencyThreshold, TimeHistogram, Window, WindowHeader } from '../telemetry/window.ts';

/** Factor on the latency by arm. */
export type Factors = Readonly<Record<string, number>>;

/** Windows whose exceedance counts are those of latencies times the factor of their arm, to the histogram's 0.1 %. */
export const shifted = (windows: readonly Window[], { thresholds }: WindowHeader, factors: Factors): Window[] =>
  windows.map((window) => ({
    ...window,
    rows: window.rows.map((row) => shiftedRow(row, thresholds, factors[row.arm] ?? 1)),
  }));

function shiftedRow(row: ArmWindow, thresholds: readonly LatencyThreshold[], factor: number): ArmWindow {
  if (factor === 1 || row.latency.count === 0) return row;
  const over = thresholds.map(({ thresholdMs }, i) => {
    // What got no answer is over every bound and stays so; the rest is told by the histogram, before and after.
    const more = above(row.latency, thresholdMs / factor) - above(row.latency, thresholdMs);
    return Math.max(0, row.over[i]! + more);
  });
  return { ...row, over };
}

/** Answers in buckets above the one that holds `ms`. */
function above({ encoded }: TimeHistogram, ms: number): number {
  const { at, counts } = decodeBuckets(encoded);
  let sum = 0;
  for (const [i, bucket] of at.entries()) if (bucketHighMs(bucket) > ms) sum += counts[i]!;
  return sum;
}
