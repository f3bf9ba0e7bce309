/** When to send what: pure functions of the time passed and of how much was sent, so that they are tested without a clock. */

/** Requests with ascending intended times, µs. */
export interface Schedule {
  readonly count: number;
  dueUs(i: number): number;
}

/** How many of the first requests should have been sent once `elapsedUs` have passed, when `sent` were sent before. */
export function dueBy(schedule: Schedule, sent: number, elapsedUs: number): number {
  let due = sent;
  while (due < schedule.count && schedule.dueUs(due) <= elapsedUs) due++;
  return due;
}

/** Never sleeps longer, ms: whoever waits also watches for time-outs and for the word to stop. */
export const LONGEST_WAIT_MS = 20;

/**
 * Whole ms to sleep until the request after the `sent` first is due; at least 1, since timers know no less. Timers fire
 * up to a third of a millisecond early, so who wakes asks `dueBy` again.
 */
export function waitMs(schedule: Schedule, sent: number, elapsedUs: number): number {
  if (sent >= schedule.count) return LONGEST_WAIT_MS;
  const leftMs = Math.floor((schedule.dueUs(sent) - elapsedUs) / 1000);
  return Math.min(Math.max(leftMs, 1), LONGEST_WAIT_MS);
}
