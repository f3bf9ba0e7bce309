import { grown } from './fetching.ts';
import type { Registers } from './registers.ts';

/**
 * Requests that were dispatched and whose outcome lies beyond the current barrier (window end or control event). A station
 * evaluated lazily knows the outcome at dispatch, but a crash or a hang before then may still change it.
 */
export class Pending {
  size = 0;
  /** When the outcome becomes known and what it is; what the request was (see registers.ts, Fetching); its station times. */
  doneMs: Float64Array = new Float64Array(256);
  status: Uint8Array = new Uint8Array(256);
  kind: Int32Array = new Int32Array(256);
  content: Int32Array = new Int32Array(256);
  pair: Int32Array = new Int32Array(256);
  arrivalMs: Float64Array = new Float64Array(256);
  queuedMs: Float64Array = new Float64Array(256);
  startMs: Float64Array = new Float64Array(256);
  finishMs: Float64Array = new Float64Array(256);
  /** Whose request it is; null when nobody asks. */
  private users: Int32Array | null;

  constructor(keepsUsers: boolean) {
    this.users = keepsUsers ? new Int32Array(256) : null;
  }

  /** Adds the request whose times and user are in the registers. */
  add(status: number, kind: number, content: number, pair: number, registers: Registers): void {
    if (this.size === this.doneMs.length) this.grow();
    const i = this.size++;
    this.status[i] = status;
    this.kind[i] = kind;
    this.content[i] = content;
    this.pair[i] = pair;
    this.arrivalMs[i] = registers.arrivalMs;
    this.queuedMs[i] = registers.nowMs;
    this.startMs[i] = registers.startMs;
    this.finishMs[i] = registers.finishMs;
    this.doneMs[i] = registers.doneMs;
    if (this.users !== null) this.users[i] = registers.user;
  }

  /** Puts entry `i`'s times and user into the registers. */
  load(i: number, registers: Registers): void {
    registers.arrivalMs = this.arrivalMs[i]!;
    registers.nowMs = this.queuedMs[i]!;
    registers.startMs = this.startMs[i]!;
    registers.finishMs = this.finishMs[i]!;
    registers.doneMs = this.doneMs[i]!;
    if (this.users !== null) registers.user = this.users[i]!;
  }

  /** Moves entry `from` to `to`, for compaction. */
  move(from: number, to: number): void {
    if (from === to) return;
    this.doneMs[to] = this.doneMs[from]!;
    this.status[to] = this.status[from]!;
    this.kind[to] = this.kind[from]!;
    this.content[to] = this.content[from]!;
    this.pair[to] = this.pair[from]!;
    this.arrivalMs[to] = this.arrivalMs[from]!;
    this.queuedMs[to] = this.queuedMs[from]!;
    this.startMs[to] = this.startMs[from]!;
    this.finishMs[to] = this.finishMs[from]!;
    if (this.users !== null) this.users[to] = this.users[from]!;
  }

  private grow(): void {
    const length = 2 * this.size;
    this.doneMs = grown(this.doneMs, length);
    this.status = grown(this.status, length);
    this.kind = grown(this.kind, length);
    this.content = grown(this.content, length);
    this.pair = grown(this.pair, length);
    this.arrivalMs = grown(this.arrivalMs, length);
    this.queuedMs = grown(this.queuedMs, length);
    this.startMs = grown(this.startMs, length);
    this.finishMs = grown(this.finishMs, length);
    if (this.users !== null) this.users = grown(this.users, length);
  }
}
