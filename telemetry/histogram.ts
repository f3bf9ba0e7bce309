/**
 * Histograms of times. Recording counts into HdrHistogram's own bucket layout in a plain typed array (an increment, no
 * call into WebAssembly per request) and closing a window encodes it as HdrHistogram does; hdr-histogram-js (WASM) merges and takes
 * percentiles. Tests hold layout and encoding against the library's own.
 */
import { initWebAssembly, WasmHistogram } from 'hdr-histogram-js';
import { encodeBuckets } from './encode-times.ts';
import type { TimeHistogram } from './window.ts';

/** Significant digits kept: values are exact to 0.1 %. */
const DIGITS = 3;
/** Longest time the layout distinguishes, µs (one hour); longer ones count in the last bucket, their exact maximum is kept. */
export const HIGHEST_US = 3_600_000_000;
/** HdrHistogram's sub-bucket count for 3 digits: the power of two at or above 2·10³. */
const SUB_BUCKETS = 2048;
const HALF = SUB_BUCKETS / 2;
const HALF_BITS = 10;
/** Number of buckets that HIGHEST_US needs: each further bucket doubles the range. */
const BUCKETS = 22;
const LENGTH = (BUCKETS + 1) * HALF;

/** Must be awaited once per thread before any histogram is built. */
export const histogramsReady: () => Promise<void> = initWebAssembly;

const options = {
  bitBucketSize: 32,
  lowestDiscernibleValue: 1,
  highestTrackableValue: HIGHEST_US,
  numberOfSignificantValueDigits: DIGITS,
} as const;

/** An empty histogram of integer µs. The caller must `destroy()` it: WASM memory is not collected. */
export const newHistogram = (): WasmHistogram => WasmHistogram.build(options);

/** Index of the bucket that holds `us` (0 ≤ us ≤ HIGHEST_US), in HdrHistogram's order. */
export function bucketOf(us: number): number {
  if (us < SUB_BUCKETS) return us;
  // floor(log2(us)) − 10: how often the value must be halved to fall into the upper half of the sub-buckets.
  const shift = 21 - Math.clz32(us);
  return (shift << HALF_BITS) + (us >>> shift);
}

/** Lowest value of bucket `index`, µs: the inverse of `bucketOf`. */
export function bucketValue(index: number): number {
  if (index < SUB_BUCKETS) return index;
  const shift = (index >>> HALF_BITS) - 1;
  // Unsigned: the layout ends below 2³².
  return ((index - (shift << HALF_BITS)) << shift) >>> 0;
}

/** Times kept before they are counted in one go: enough that the loop pays, few enough to stay in the nearest cache. */
const BLOCK = 256;

/**
 * Counts times of one arm and segment between two window ends. A time is only put into a block; a full block is counted in one
 * tight loop, since sorting times into buckets one by one between other work costs several times as much.
 */
export class TimeRecorder {
  private readonly counts = new Uint32Array(LENGTH);
  private readonly block = new Float64Array(BLOCK);
  private filled = 0;
  private sumMs = Number.NaN;
  private maxMs = Number.NaN;

  constructor() {
    // Set after the fields were made as fractions: whole numbers first would be kept in another way.
    this.sumMs = this.maxMs = 0;
  }

  record(ms: number): void {
    this.block[this.filled++] = ms;
    if (this.filled === BLOCK) this.count();
  }

  private count(): void {
    const { counts, block, filled } = this;
    let sum = this.sumMs;
    let max = this.maxMs;
    for (let i = 0; i < filled; i++) {
      const ms = block[i]!;
      sum += ms;
      if (ms > max) max = ms;
      counts[bucketOfMs(ms)]!++;
    }
    this.sumMs = sum;
    this.maxMs = max;
    this.filled = 0;
  }

  /** Counts `n` requests that all took `ms` (cache hits, requests that did not wait). */
  recordMany(ms: number, n: number): void {
    if (n === 0) return;
    this.count();
    this.sumMs += ms * n;
    this.maxMs = Math.max(this.maxMs, ms);
    this.counts[bucketOfMs(ms)]! += n;
  }

  /** What was recorded since the last close; starts anew. */
  close(): TimeHistogram {
    this.count();
    const { counts, sumMs, maxMs } = this;
    const last = bucketOfMs(maxMs);
    let first = 0;
    while (first <= last && counts[first] === 0) first++;
    let count = 0;
    for (let i = first; i <= last; i++) count += counts[i]!;
    if (count === 0) return NO_TIMES;
    const encoded = encodeBuckets(counts, first, last, options);
    counts.fill(0, first, last + 1);
    this.sumMs = this.maxMs = 0;
    return { count, sumMs, maxMs, encoded };
  }
}

/** Index of the bucket that holds a time, rounded to whole µs. */
function bucketOfMs(ms: number): number {
  return bucketOf(ms * 1000 < HIGHEST_US ? (ms * 1000 + 0.5) >>> 0 : HIGHEST_US);
}

export const NO_TIMES: TimeHistogram = { count: 0, sumMs: 0, maxMs: 0, encoded: new Uint8Array(0) };

/** Sums of windows: merge first, then take percentiles; never a percentile of percentiles. Call `destroy()` when done. */
export class TimeTotal {
  private readonly histogram: WasmHistogram = newHistogram();
  count = 0;
  sumMs = 0;
  maxMs = 0;

  add(window: TimeHistogram): void {
    if (window.count === 0) return;
    const part = WasmHistogram.decode(window.encoded, 32) as WasmHistogram;
    this.histogram.add(part);
    part.destroy();
    this.count += window.count;
    this.sumMs += window.sumMs;
    this.maxMs = Math.max(this.maxMs, window.maxMs);
  }

  /** The total as one window's histogram. */
  close(): TimeHistogram {
    const { count, sumMs, maxMs } = this;
    return count === 0 ? NO_TIMES : { count, sumMs, maxMs, encoded: this.histogram.encode() };
  }

  /** Nearest-rank quantile (0 < q < 1) in ms, or null when nothing was recorded. */
  quantile(q: number): number | null {
    return this.count === 0 ? null : Math.min(this.histogram.getValueAtPercentile(q * 100) / 1000, this.maxMs);
  }

  mean(): number | null {
    return this.count === 0 ? null : this.sumMs / this.count;
  }

  reset(): void {
    this.histogram.reset();
    this.count = this.sumMs = this.maxMs = 0;
  }

  destroy(): void {
    this.histogram.destroy();
  }
}
