/** Wall time as the rehearsal counts it. Every process of a live run reads the same clock: epoch milliseconds with a fraction. */
import { performance } from 'node:perf_hooks';

/** Now, ms since 1970, to the microsecond: comparable between processes of one machine. */
export const epochMs = (): number => performance.timeOrigin + performance.now();

/** setTimeout takes no more than 31 bits. */
const LONGEST_MS = 2 ** 31 - 1;

/** Rehearsal time: 0 is an agreed instant (all processes are up and warm before it). Also a calendar for what is due later. */
export class LiveClock {
  /** Epoch of rehearsal time 0; null until `begin`, when nothing is due yet. */
  private startAtMs: number | null = null;
  private readonly timers = new Set<NodeJS.Timeout>();
  /** What was added before `begin`. */
  private waiting = new Set<() => void>();

  /** Rehearsal time 0 is `startAtMs` (epoch ms). */
  begin(startAtMs: number): void {
    this.startAtMs = startAtMs;
    for (const arm of this.waiting) arm();
    this.waiting.clear();
  }

  /** Rehearsal ms; negative before time 0. */
  get nowMs(): number {
    return this.toRehearsalMs(epochMs());
  }

  /** Whether time 0 has been agreed on. */
  get begun(): boolean {
    return this.startAtMs !== null;
  }

  /** Rehearsal time of an instant; minus infinity before `begin`. */
  toRehearsalMs(atEpochMs: number): number {
    return this.startAtMs === null ? Number.NEGATIVE_INFINITY : atEpochMs - this.startAtMs;
  }

  /** Calls back at rehearsal time `timeMs` (at once when that has passed), never early; the function returned takes it back. */
  add(timeMs: number, _rank: number, run: (nowMs: number) => void): () => void {
    let timer: NodeJS.Timeout | null = null;
    const arm = (): void => {
      const leftMs = timeMs - this.nowMs;
      // Timers round to whole ms and may fire a fraction early: look again.
      if (leftMs <= 0 && timer !== null) run(timeMs);
      else {
        timer = setTimeout(
          () => {
            this.timers.delete(timer!);
            arm();
          },
          Math.min(LONGEST_MS, Math.max(0, Math.ceil(leftMs))),
        );
        this.timers.add(timer);
      }
    };
    if (this.begun) arm();
    else this.waiting.add(arm);
    return () => {
      this.waiting.delete(arm);
      if (timer === null) return;
      clearTimeout(timer);
      this.timers.delete(timer);
    };
  }

  /** Resolves at rehearsal time `timeMs`. */
  until(timeMs: number): { readonly reached: Promise<void>; readonly cancel: () => void } {
    const { promise, resolve } = Promise.withResolvers<void>();
    return { reached: promise, cancel: this.add(timeMs, 0, () => resolve()) };
  }

  /** Forgets everything that is due. */
  stop(): void {
    this.waiting.clear();
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
  }
}
