import type { Stream } from './random.ts';

const BLOCK = 1024;

/**
 * Draws keys 0 … count−1 with probability ∝ 1/(key+1)^exponent by the alias method (Walker 1977, built as in Vose 1991):
 * one draw and one table row per key. Made in blocks: the table is larger than the processor's near caches, and a loop of
 * independent reads overlaps their delays where single calls would wait for each.
 */
export class ZipfKeys {
  /** Row i: the share of cell i that belongs to key i, and the key that the rest belongs to. */
  private readonly rows: Float32Array;
  private readonly aliases: Int32Array;
  private readonly count: number;
  private readonly stream: Stream;
  private readonly block = new Int32Array(BLOCK);
  private at = BLOCK;

  constructor(count: number, exponent: number, stream: Stream) {
    this.count = count;
    this.stream = stream;
    const bytes = new ArrayBuffer(8 * count);
    this.rows = new Float32Array(bytes);
    this.aliases = new Int32Array(bytes);
    const weights = Float64Array.from({ length: count }, (_, i) => (i + 1) ** -exponent);
    const total = weights.reduce((a, b) => a + b, 0);
    const stay = weights.map((w) => (w / total) * count);
    const small: number[] = [];
    const large: number[] = [];
    stay.forEach((p, i) => (p < 1 ? small : large).push(i));
    while (small.length > 0 && large.length > 0) {
      const s = small.pop()!;
      const l = large.at(-1)!;
      this.rows[2 * s] = stay[s]!;
      this.aliases[2 * s + 1] = l;
      const left = stay[l]! + stay[s]! - 1;
      stay[l] = left;
      if (left < 1) {
        large.pop();
        small.push(l);
      }
    }
    for (const i of [...small, ...large]) this.rows[2 * i] = 1;
  }

  next(): number {
    if (this.at === BLOCK) this.refill();
    return this.block[this.at++]!;
  }

  private refill(): void {
    const { block, rows, aliases, count, stream } = this;
    for (let i = 0; i < BLOCK; i++) {
      const x = stream.next() * count;
      const cell = x | 0;
      block[i] = x - cell < rows[2 * cell]! ? cell : aliases[2 * cell + 1]!;
    }
    this.at = 0;
  }
}
