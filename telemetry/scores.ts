import type { ScoreGrid, ScoreHistogram } from './window.ts';

/** Counts predictions on the run's grid between two window ends. */
export class ScoreRecorder {
  private readonly counts: Uint32Array;
  private readonly low: number;
  private readonly perUnit: number;
  private count = 0;
  private sum = 0;
  private lowest: number;
  private highest = -1;

  constructor(grid: ScoreGrid) {
    this.counts = new Uint32Array(grid.bins);
    this.low = grid.low;
    this.perUnit = grid.bins / (grid.high - grid.low);
    this.lowest = grid.bins;
  }

  record(score: number): void {
    let bin = ((score - this.low) * this.perUnit) | 0;
    if (bin < 0) bin = 0;
    else if (bin >= this.counts.length) bin = this.counts.length - 1;
    this.counts[bin]!++;
    if (bin < this.lowest) this.lowest = bin;
    if (bin > this.highest) this.highest = bin;
    this.count++;
    this.sum += score;
  }

  close(): ScoreHistogram {
    const { counts: all, lowest, highest } = this;
    let filled = 0;
    for (let i = lowest; i <= highest; i++) if (all[i] !== 0) filled++;
    const bins = new Uint32Array(filled);
    const counts = new Uint32Array(filled);
    for (let i = lowest, at = 0; i <= highest; i++) {
      if (all[i] === 0) continue;
      bins[at] = i;
      counts[at++] = all[i]!;
      all[i] = 0;
    }
    const closed = { count: this.count, sum: this.sum, bins, counts };
    this.count = this.sum = 0;
    this.lowest = all.length;
    this.highest = -1;
    return closed;
  }
}

export const NO_SCORES: ScoreHistogram = { count: 0, sum: 0, bins: new Uint32Array(0), counts: new Uint32Array(0) };

/** A varint of 32 bits has at most five groups of seven. */
const MOST_BYTES = 5;
/** Written into and copied from, whoever encodes; it grows with what is encoded. */
let scratch = new Uint8Array(4096);

/** Bins (as steps) and counts alternating, each as a base-128 varint, low bits first. The sum is kept beside it. */
export function encodeScores({ bins, counts }: ScoreHistogram): Uint8Array {
  const most = 2 * MOST_BYTES * bins.length;
  if (scratch.length < most) scratch = new Uint8Array(2 * most);
  let at = 0;
  let previous = 0;
  for (let i = 0; i < bins.length; i++) {
    at = putVarint(bins[i]! - previous, at);
    at = putVarint(counts[i]!, at);
    previous = bins[i]!;
  }
  return scratch.slice(0, at);
}

/** Writes a number at a place of the scratch; answers the place after it. */
function putVarint(value: number, from: number): number {
  let at = from;
  let rest = value;
  for (; rest >= 128; rest >>>= 7) scratch[at++] = (rest & 127) | 128;
  scratch[at++] = rest;
  return at;
}

/** The inverse of `encodeScores`. */
export function decodeScores(encoded: Uint8Array, sum: number): ScoreHistogram {
  let numbers = 0;
  for (let i = 0; i < encoded.length; i++) if (encoded[i]! < 128) numbers++;
  const bins = new Uint32Array(numbers / 2);
  const counts = new Uint32Array(numbers / 2);
  let value = 0;
  let shift = 0;
  let bin = 0;
  let count = 0;
  for (let i = 0, at = 0; i < encoded.length; i++) {
    const byte = encoded[i]!;
    value |= (byte & 127) << shift;
    shift += 7;
    if (byte >= 128) continue;
    value >>>= 0;
    if (at % 2 === 0) bins[at / 2] = bin += value;
    else {
      counts[(at - 1) / 2] = value;
      count += value;
    }
    at++;
    value = shift = 0;
  }
  return { count, sum, bins, counts };
}

export function sumScores(parts: readonly ScoreHistogram[]): ScoreHistogram {
  const counts = new Map<number, number>();
  for (const part of parts) {
    for (let i = 0; i < part.bins.length; i++)
      counts.set(part.bins[i]!, (counts.get(part.bins[i]!) ?? 0) + part.counts[i]!);
  }
  const bins = Uint32Array.from(counts.keys()).sort();
  return {
    count: parts.reduce((n, p) => n + p.count, 0),
    sum: parts.reduce((s, p) => s + p.sum, 0),
    bins,
    counts: bins.map((bin) => counts.get(bin)!),
  };
}

/** Sums of windows' score histograms on one grid. */
export class ScoreTotal {
  readonly counts: Float64Array;
  readonly grid: ScoreGrid;
  count = 0;
  sum = 0;

  constructor(grid: ScoreGrid) {
    this.grid = grid;
    this.counts = new Float64Array(grid.bins);
  }

  add(part: ScoreHistogram): void {
    for (let i = 0; i < part.bins.length; i++) this.counts[part.bins[i]!]! += part.counts[i]!;
    this.count += part.count;
    this.sum += part.sum;
  }

  /** The score below which a share `q` lies, linear inside a bin; null without scores. */
  quantile(q: number): number | null {
    if (this.count === 0) return null;
    const width = (this.grid.high - this.grid.low) / this.grid.bins;
    const rank = q * this.count;
    let below = 0;
    for (let i = 0; i < this.counts.length; i++) {
      const n = this.counts[i]!;
      if (n > 0 && below + n >= rank) return this.grid.low + width * (i + (rank - below) / n);
      below += n;
    }
    return this.grid.high;
  }
}
