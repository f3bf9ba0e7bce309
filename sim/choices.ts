import type { Stream } from './random.ts';

/** Choices made at a time. */
const BLOCK = 128;

/** The two replicas that each coming request chooses between, made in blocks; one draw names an ordered pair of different ones. */
export class Choices {
  /** First and second replica of each choice, alternating. */
  readonly pairs: Int32Array = new Int32Array(2 * BLOCK);
  private readonly draws = new Float64Array(BLOCK);
  private readonly stream: Stream;
  private at = 2 * BLOCK;

  constructor(stream: Stream) {
    this.stream = stream;
  }

  /** Where the next choice lies in `pairs`. `ready` has at least two replicas. */
  next(ready: readonly number[]): number {
    if (this.at === 2 * BLOCK) {
      this.stream.fill(this.draws);
      this.at = 0;
      this.changed(ready);
    }
    const { at } = this;
    this.at = at + 2;
    return at;
  }

  /** Other replicas are ready: the choices that are left are made anew, from the same draws. */
  changed(ready: readonly number[]): void {
    const { pairs, draws } = this;
    const replicas = Int32Array.from(ready);
    const n = ready.length;
    if (n < 2) return;
    for (let k = this.at; k < 2 * BLOCK; k += 2) {
      const x = draws[k >> 1]! * n;
      const i = x | 0;
      const j = ((x - i) * (n - 1)) | 0;
      pairs[k] = replicas[i]!;
      pairs[k + 1] = replicas[j + Number(j >= i)]!;
    }
  }
}
