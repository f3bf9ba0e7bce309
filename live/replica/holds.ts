/** How much of a new overshoot goes into the estimate of the timers' lateness. */
const LEARNING_RATE = 0.05;
/** Timers are cut to whole ms, so they may also be early. More than their usual lateness is load, which no earlier start makes up for. */
const LEAST_MS = -1;
const MOST_MS = 2;

/**
 * Waits for an instant. A timer is off by a part of its 1 ms grain and of the event loop's turn: about 0.6 ms, 3 % of a 20 ms
 * service. That mean is learned and subtracted from the next wait, so that held times are right on average; each one is still off
 * by the grain.
 */
export class Holds {
  private readonly clock: () => number;
  private latenessMs = 0.5;

  constructor(clock: () => number) {
    this.clock = clock;
  }

  /** Resolves at `dueMs` of the clock, about; at once when that has passed. */
  until(dueMs: number): Promise<void> | void {
    const leftMs = dueMs - this.latenessMs - this.clock();
    // Nothing is learned from what was late before it began.
    if (leftMs <= 0) return;
    return new Promise((resolve) => {
      setTimeout(() => {
        const late = this.clock() - dueMs;
        this.latenessMs = Math.min(MOST_MS, Math.max(LEAST_MS, this.latenessMs + LEARNING_RATE * late));
        resolve();
      }, leftMs);
    });
  }
}
