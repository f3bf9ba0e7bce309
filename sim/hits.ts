import { grown } from './fetching.ts';
import type { Registers } from './registers.ts';

/** Numbers per entry. */
const TIMES = 2;
const WORDS = 4;

/**
 * Requests whose features come from the cache. All such answers take the same time, so they return in the order of arrival from a
 * ring. Both copies of a mirrored request that hit return as one entry, the candidate's copy as its twin.
 */
export class Hits {
  /** Per entry: when the answer is there, and when the request arrived, ms. */
  times: Float64Array = new Float64Array(TIMES * 256);
  /** Per entry: what the request is (see registers.ts), what its twin is (−1 none), content row (−1 none), pair (−1 none). */
  words: Int32Array = new Int32Array(WORDS * 256);
  /** Per entry: whose request it is; null when nobody asks. */
  private users: Int32Array | null;
  private readonly registers: Registers | null;
  size = 0;
  private head = 0;
  private capacity = 256;

  /** `registers`: where an entry's user is taken from and put back to; null when nobody asks. */
  constructor(registers: Registers | null = null) {
    this.registers = registers;
    this.users = registers === null ? null : new Int32Array(256);
  }

  /** When the first answer is there; Infinity when none is awaited. */
  nextMs(): number {
    return this.size === 0 ? Number.POSITIVE_INFINITY : this.times[TIMES * this.head]!;
  }

  /** Times must not descend from one call to the next. */
  push(dueMs: number, arrivalMs: number, kind: number, twin: number, content: number, pair: number): void {
    if (this.size === this.capacity) this.grow();
    const { times, words } = this;
    const at = (this.head + this.size++) & (this.capacity - 1);
    times[TIMES * at] = dueMs;
    times[TIMES * at + 1] = arrivalMs;
    words[WORDS * at] = kind;
    words[WORDS * at + 1] = twin;
    words[WORDS * at + 2] = content;
    words[WORDS * at + 3] = pair;
    if (this.users !== null) this.users[at] = this.registers!.user;
  }

  /** Takes the first entry out and returns its number: `times` and `words` hold it until the next push; its user is in the registers. */
  pop(): number {
    const { head } = this;
    if (this.users !== null) this.registers!.user = this.users[head]!;
    this.head = (head + 1) & (this.capacity - 1);
    this.size--;
    return head;
  }

  /** What every awaited request is, twins included. */
  forEach(visit: (kind: number) => void): void {
    for (let i = 0; i < this.size; i++) {
      const at = (this.head + i) & (this.capacity - 1);
      visit(this.words[WORDS * at]!);
      if (this.words[WORDS * at + 1]! >= 0) visit(this.words[WORDS * at + 1]!);
    }
  }

  /** Doubles a full ring, its first entry at the beginning. */
  private grow(): void {
    const { head, capacity } = this;
    this.times = grown(rotated(this.times, TIMES * head), 2 * TIMES * capacity);
    this.words = grown(rotated(this.words, WORDS * head), 2 * WORDS * capacity);
    if (this.users !== null) this.users = grown(rotated(this.users, head), 2 * capacity);
    this.head = 0;
    this.capacity = 2 * capacity;
  }
}

/** A copy that begins at `from` and ends with what was before it. */
function rotated<T extends Float64Array | Int32Array>(values: T, from: number): T {
  const copy = values.slice() as T;
  copy.set(values.subarray(from));
  copy.set(values.subarray(0, from), values.length - from);
  return copy;
}
