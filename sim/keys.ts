import type { Stream } from './random.ts';

const BLOCK = 256;
/** Keys up to this have a row of their own; beyond, a row stands for a run of keys. */
const OWN_ROWS = 4096;
/** The last key of a run is this much less popular than its first. */
const RUN_WIDTH = 0.02;

/**
 * Draws keys 0 … count−1 with probability ∝ 1/(key+1)^exponent, exactly. A row is drawn by the alias method (Walker 1977, built
 * as in Vose 1991). A row for a run of keys is weighted as if all were as popular as its first; one of them is drawn evenly
 * and kept with the ratio of its true weight (rejection), else all is drawn anew, which happens once in about a hundred
 * times. So the tables stay within the processor's nearest cache, however many keys there are.
 */
export class ZipfKeys {
  /** Row i: the share of cell i that belongs to row i, and the row that the rest belongs to. */
  private readonly shares: Float32Array;
  private readonly aliases: Int32Array;
  /** First key and number of keys of each row. */
  private readonly first: Int32Array;
  private readonly width: Int32Array;
  private readonly exponent: number;
  private readonly stream: Stream;
  private readonly block = new Int32Array(BLOCK);
  private at = BLOCK;

  constructor(count: number, exponent: number, stream: Stream) {
    this.exponent = exponent;
    this.stream = stream;
    const firsts: number[] = [];
    for (let key = 0; key < count; key += runFrom(key, count)) firsts.push(key);
    this.first = Int32Array.from(firsts);
    this.width = this.first.map((key) => runFrom(key, count));
    const bytes = new ArrayBuffer(8 * firsts.length);
    this.shares = new Float32Array(bytes);
    this.aliases = new Int32Array(bytes);
    this.fillRows(Float64Array.from(firsts, (key, i) => this.width[i]! * (key + 1) ** -exponent));
  }

  next(): number {
    if (this.at === BLOCK) {
      for (let i = 0; i < BLOCK; i++) this.block[i] = this.draw();
      this.at = 0;
    }
    return this.block[this.at++]!;
  }

  private draw(): number {
    const { stream } = this;
    for (;;) {
      const x = stream.next() * this.first.length;
      const cell = x | 0;
      const row = x - cell < this.shares[2 * cell]! ? cell : this.aliases[2 * cell + 1]!;
      // The first rows are the keys themselves.
      if (row < OWN_ROWS) return row;
      const width = this.width[row]!;
      if (width === 1) return this.first[row]!;
      const key = this.first[row]! + ((stream.next() * width) | 0);
      if (this.keeps(row, key)) return key;
    }
  }

  /** Decides about key `key` of run `row`; only draws near the edge need its exact weight. */
  private keeps(row: number, key: number): boolean {
    const draw = this.stream.next();
    const first = this.first[row]!;
    // Convexity: (1 + x)^−s ≥ 1 − s·x.
    if (draw < 1 - (this.exponent * (key - first)) / (first + 1)) return true;
    return draw < ((key + 1) / (first + 1)) ** -this.exponent;
  }

  private fillRows(weights: Float64Array): void {
    const total = weights.reduce((a, b) => a + b, 0);
    const stay = weights.map((w) => (w / total) * weights.length);
    const small: number[] = [];
    const large: number[] = [];
    stay.forEach((p, i) => (p < 1 ? small : large).push(i));
    while (small.length > 0 && large.length > 0) {
      const s = small.pop()!;
      const l = large.at(-1)!;
      this.shares[2 * s] = stay[s]!;
      this.aliases[2 * s + 1] = l;
      const left = stay[l]! + stay[s]! - 1;
      stay[l] = left;
      if (left < 1) {
        large.pop();
        small.push(l);
      }
    }
    for (const i of [...small, ...large]) this.shares[2 * i] = 1;
  }
}

/** How many keys share a row that begins at `key`. */
function runFrom(key: number, count: number): number {
  return key < OWN_ROWS ? 1 : Math.min(count - key, Math.max(1, Math.floor((key + 1) * RUN_WIDTH)));
}
