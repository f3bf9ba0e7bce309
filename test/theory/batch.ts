/** Requests as the simulator's probe reports them, in batches of equal size, times in the row's unit. */

/** Consecutive requests in the order of their dispatch. */
export class Batch {
  readonly size: number;
  /** Number of the batch, from 0. */
  index = 0;
  /** When its first request, and the first one after it, joined the queue. */
  fromTime = 0;
  toTime = 0;
  readonly arm: Uint8Array;
  readonly replica: Int32Array;
  readonly status: Uint8Array;
  readonly arrival: Float64Array;
  readonly queued: Float64Array;
  readonly start: Float64Array;
  readonly finish: Float64Array;
  readonly done: Float64Array;

  constructor(size: number) {
    this.size = size;
    this.arm = new Uint8Array(size);
    this.replica = new Int32Array(size);
    this.status = new Uint8Array(size);
    this.arrival = new Float64Array(size);
    this.queued = new Float64Array(size);
    this.start = new Float64Array(size);
    this.finish = new Float64Array(size);
    this.done = new Float64Array(size);
  }

  get duration(): number {
    return this.toTime - this.fromTime;
  }
}

/** What one batch adds to a ratio. */
export type Terms = (batch: Batch) => readonly [num: number, den: number];

/** Mean over the requests that `of` gives a number for. */
const mean =
  (of: (batch: Batch, i: number) => number): Terms =>
  (batch) => {
    let sum = 0;
    let count = 0;
    for (let i = 0; i < batch.size; i++) {
      const value = of(batch, i);
      if (Number.isNaN(value)) continue;
      sum += value;
      count++;
    }
    return [sum, count];
  };

const COMPLETED = 0;
const REJECTED = 2;
const TIMED_OUT = 3;

export const wait: Terms = mean((b, i) => (b.status[i] === COMPLETED ? b.start[i]! - b.queued[i]! : Number.NaN));
export const waitSquared: Terms = mean((b, i) =>
  b.status[i] === COMPLETED ? (b.start[i]! - b.queued[i]!) ** 2 : Number.NaN,
);
/** Share of the requests that did not start at once, those that left included. */
export const waited: Terms = mean((b, i) => (b.start[i]! > b.queued[i]! || b.status[i] === TIMED_OUT ? 1 : 0));
export const rejected: Terms = mean((b, i) => (b.status[i] === REJECTED ? 1 : 0));
export const left: Terms = mean((b, i) => (b.status[i] === TIMED_OUT ? 1 : 0));
export const response: Terms = mean((b, i) => (b.status[i] === COMPLETED ? b.done[i]! - b.arrival[i]! : Number.NaN));
export const waitOver = (t: number): Terms => mean((b, i) => (b.start[i]! - b.queued[i]! > t ? 1 : 0));
export const responseOver = (t: number): Terms => mean((b, i) => (b.done[i]! - b.arrival[i]! > t ? 1 : 0));
/** Share whose features came from a cache that answers at once (its store takes a moment). */
export const cacheHit: Terms = mean((b, i) => (b.queued[i] === b.arrival[i] ? 1 : 0));

/** Mean number in the system over time: the requests' times in it, by the time the batch took. */
export const number: Terms = (b) => {
  let sum = 0;
  for (let i = 0; i < b.size; i++) sum += b.done[i]! - b.arrival[i]!;
  return [sum, b.duration];
};

/** Busy share of `slots` slots over time. */
export const utilisation =
  (slots: number): Terms =>
  (b) => {
    let sum = 0;
    for (let i = 0; i < b.size; i++) sum += b.finish[i]! - b.start[i]!;
    return [sum, slots * b.duration];
  };

/** Mean over the mirrored pairs of the slower copy's response; the copies are dispatched one after the other. */
export const slower: Terms = (b) => {
  let sum = 0;
  for (let i = 0; i < b.size; i += 2) {
    if (b.arm[i] !== 0 || b.arm[i + 1] !== 1 || b.arrival[i] !== b.arrival[i + 1])
      throw new Error(`got requests ${i} and ${i + 1} of batch ${b.index} that are no pair`);
    sum += Math.max(b.done[i]!, b.done[i + 1]!) - b.arrival[i]!;
  }
  return [sum, b.size / 2];
};

/** The number in service at times a step apart, as `of` sees it; remembers who is still there from the batch before. */
export function sampled(step: number, of: (n: number) => number): Terms {
  let earlier: number[] = [];
  return (b) => {
    const first = Math.ceil(b.fromTime / step);
    const count = Math.ceil(b.toTime / step) - first;
    const change = new Int32Array(count + 1);
    const enter = (start: number, finish: number): void => {
      const from = Math.max(Math.ceil(start / step) - first, 0);
      const to = Math.min(Math.ceil(finish / step) - first, count);
      if (from >= to) return;
      change[from]!++;
      change[to]!--;
    };
    for (const finish of earlier) enter(b.fromTime, finish);
    earlier = earlier.filter((finish) => finish > b.toTime);
    for (let i = 0; i < b.size; i++) {
      enter(b.start[i]!, b.finish[i]!);
      if (b.finish[i]! > b.toTime) earlier.push(b.finish[i]!);
    }
    let n = 0;
    let sum = 0;
    for (let k = 0; k < count; k++) sum += of((n += change[k]!));
    return [sum, count];
  };
}
