/** A replica's slots with the queue before them: what the simulator evaluates lazily, for real. */

/** A request that waits for a slot. */
interface Waiter {
  readonly sinceMs: number;
  start(waitedMs: number): void;
  timer: NodeJS.Timeout | null;
}

/** How a request got on at the station: it has a slot, there was no place to wait, or it waited too long. */
export type Admission =
  | { readonly kind: 'started'; readonly waitMs: number }
  | { readonly kind: 'rejected' }
  | { readonly kind: 'timed-out'; readonly waitMs: number };

const REJECTED: Admission = { kind: 'rejected' };
const AT_ONCE: Admission = { kind: 'started', waitMs: 0 };

/** FIFO with `slots` servers and a bounded queue. Whoever has been started must `leave`. */
export class Station {
  private readonly slots: number;
  private readonly queueLimit: number;
  private readonly queueTimeoutMs: number;
  private readonly clock: () => number;
  /** Waiting requests, oldest first from `head`; null = left by time-out. */
  private queue: (Waiter | null)[] = [];
  private head = 0;
  private waiting = 0;
  private busy = 0;
  private busyMs = 0;
  private changedMs: number;

  constructor(
    limits: { readonly slots: number; readonly queueLimit: number; readonly queueTimeoutMs: number },
    clock: () => number,
  ) {
    this.slots = limits.slots;
    this.queueLimit = limits.queueLimit;
    this.queueTimeoutMs = limits.queueTimeoutMs;
    this.clock = clock;
    this.changedMs = clock();
  }

  enter(): Admission | Promise<Admission> {
    if (this.busy < this.slots) {
      this.setBusy(this.busy + 1);
      return AT_ONCE;
    }
    if (this.waiting >= this.queueLimit) return REJECTED;
    return new Promise((resolve) => this.wait(resolve));
  }

  /** A request has been served: the longest waiting one takes its slot over. */
  leave(): void {
    const next = this.shift();
    if (next === null) {
      this.setBusy(this.busy - 1);
      return;
    }
    if (next.timer !== null) clearTimeout(next.timer);
    next.start(this.clock() - next.sinceMs);
  }

  /** Slot time worked so far, ms, up to now. */
  busyUntilNow(): number {
    this.setBusy(this.busy);
    return this.busyMs;
  }

  private wait(resolve: (admission: Admission) => void): void {
    const sinceMs = this.clock();
    const start = (waitMs: number): void => resolve({ kind: 'started', waitMs });
    const waiter: Waiter = { sinceMs, start, timer: null };
    this.queue.push(waiter);
    this.waiting++;
    if (this.queueTimeoutMs === Number.POSITIVE_INFINITY) return;
    waiter.timer = setTimeout(() => {
      this.queue[this.queue.indexOf(waiter, this.head)] = null;
      this.waiting--;
      resolve({ kind: 'timed-out', waitMs: this.clock() - sinceMs });
    }, this.queueTimeoutMs);
  }

  private shift(): Waiter | null {
    while (this.head < this.queue.length) {
      const next = this.queue[this.head++]!;
      if (next === null) continue;
      this.waiting--;
      if (this.head > 1024) {
        this.queue = this.queue.slice(this.head);
        this.head = 0;
      }
      return next;
    }
    this.queue = [];
    this.head = 0;
    return null;
  }

  private setBusy(busy: number): void {
    const nowMs = this.clock();
    this.busyMs += this.busy * (nowMs - this.changedMs);
    this.changedMs = nowMs;
    this.busy = busy;
  }
}
