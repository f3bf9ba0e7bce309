import type { Exchange } from './exchange.ts';

/** Longest delay a timer takes, ms. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Time-outs of one arm. All exchanges of an arm wait equally long, so a list in order of arrival has the next deadline at its head: one
 * timer for all, entering and leaving cost a few assignments.
 */
export class Deadlines {
  private readonly timeoutMs: number;
  private readonly expired: (exchange: Exchange) => void;
  private head: Exchange | null = null;
  private tail: Exchange | null = null;
  private timer: NodeJS.Timeout | null = null;

  /** `expired` is called once for every exchange that is still in the list `timeoutMs` after it was received. */
  constructor(timeoutMs: number, expired: (exchange: Exchange) => void) {
    this.timeoutMs = timeoutMs;
    this.expired = expired;
  }

  /** Exchanges must enter in the order in which they were received. */
  enter(exchange: Exchange): void {
    if (this.timeoutMs === Number.POSITIVE_INFINITY) return;
    exchange.waiting = true;
    exchange.earlier = this.tail;
    if (this.tail === null) this.head = exchange;
    else this.tail.later = exchange;
    this.tail = exchange;
    if (this.timer === null) this.arm(this.timeoutMs);
  }

  leave(exchange: Exchange): void {
    if (!exchange.waiting) return;
    exchange.waiting = false;
    const { earlier, later } = exchange;
    if (earlier === null) this.head = later;
    else earlier.later = later;
    if (later === null) this.tail = earlier;
    else later.earlier = earlier;
    exchange.earlier = exchange.later = null;
  }

  close(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  private arm(afterMs: number): void {
    this.timer = setTimeout(this.look, Math.min(afterMs, LONGEST_MS)).unref();
  }

  /** Timers may fire early, so what is due is asked of the clock. */
  private readonly look = (): void => {
    this.timer = null;
    const nowMs = performance.now();
    while (this.head !== null && this.head.ask.receivedMs + this.timeoutMs <= nowMs) {
      const exchange = this.head;
      this.leave(exchange);
      this.expired(exchange);
    }
    if (this.head !== null) this.arm(Math.max(1, this.head.ask.receivedMs + this.timeoutMs - nowMs));
  };
}
