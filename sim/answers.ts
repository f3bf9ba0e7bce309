import { grown } from './fetching.ts';

/** How a request ended. */
export const COMPLETED = 0;
export const FAILED = 1;
export const REJECTED = 2;
export const TIMED_OUT = 3;

/**
 * Requests that were dispatched and whose answer lies beyond the current barrier (window end or control event). A station
 * evaluated lazily knows the answer at dispatch, but a crash or a hang before then may still change it.
 */
export class PendingAnswers {
  size = 0;
  /** When the outcome becomes known, what it is; then what the request was (see Fetching) and its station times, ms. */
  doneMs: Float64Array = new Float64Array(256);
  status: Uint8Array = new Uint8Array(256);
  arm: Uint8Array = new Uint8Array(256);
  segment: Uint8Array = new Uint8Array(256);
  replica: Int32Array = new Int32Array(256);
  content: Int32Array = new Int32Array(256);
  pair: Int32Array = new Int32Array(256);
  flags: Uint8Array = new Uint8Array(256);
  arrivalMs: Float64Array = new Float64Array(256);
  queuedMs: Float64Array = new Float64Array(256);
  startMs: Float64Array = new Float64Array(256);
  finishMs: Float64Array = new Float64Array(256);

  /** Index of a new entry at the end; the caller fills in every field. */
  add(): number {
    if (this.size === this.doneMs.length) this.grow();
    return this.size++;
  }

  /** Moves entry `from` to `to`, for compaction. */
  move(from: number, to: number): void {
    if (from === to) return;
    this.doneMs[to] = this.doneMs[from]!;
    this.status[to] = this.status[from]!;
    this.arm[to] = this.arm[from]!;
    this.segment[to] = this.segment[from]!;
    this.replica[to] = this.replica[from]!;
    this.content[to] = this.content[from]!;
    this.pair[to] = this.pair[from]!;
    this.flags[to] = this.flags[from]!;
    this.arrivalMs[to] = this.arrivalMs[from]!;
    this.queuedMs[to] = this.queuedMs[from]!;
    this.startMs[to] = this.startMs[from]!;
    this.finishMs[to] = this.finishMs[from]!;
  }

  private grow(): void {
    const length = 2 * this.size;
    this.doneMs = grown(this.doneMs, length);
    this.status = grown(this.status, length);
    this.arm = grown(this.arm, length);
    this.segment = grown(this.segment, length);
    this.replica = grown(this.replica, length);
    this.content = grown(this.content, length);
    this.pair = grown(this.pair, length);
    this.flags = grown(this.flags, length);
    this.arrivalMs = grown(this.arrivalMs, length);
    this.queuedMs = grown(this.queuedMs, length);
    this.startMs = grown(this.startMs, length);
    this.finishMs = grown(this.finishMs, length);
  }
}
