/** Order of control events at one instant: faults first, then what they may have changed, then who watches it. */
export const RANK_FAULT = 0;
export const RANK_REPLICA = 1;
export const RANK_AUTOSCALER = 2;

/** Calls back at a time: the simulator's timeline, or the wall clock. */
export interface Calendar {
  add(timeMs: number, rank: number, run: (nowMs: number) => void): void;
}

interface Entry {
  readonly timeMs: number;
  readonly rank: number;
  readonly order: number;
  readonly run: (nowMs: number) => void;
}

/** Control events to come, in total order (time, rank, order of adding): law L4. Few at a time, so a sorted array serves. */
export class Timeline implements Calendar {
  private readonly entries: Entry[] = [];
  private added = 0;

  get nextMs(): number {
    return this.entries[0]?.timeMs ?? Number.POSITIVE_INFINITY;
  }

  add(timeMs: number, rank: number, run: (nowMs: number) => void): void {
    const entry = { timeMs, rank, order: this.added++, run };
    let at = this.entries.length;
    while (at > 0 && before(entry, this.entries[at - 1]!)) at--;
    this.entries.splice(at, 0, entry);
  }

  /** Runs everything due at or before `nowMs`. */
  runUntil(nowMs: number): void {
    while (this.nextMs <= nowMs) {
      const entry = this.entries.shift()!;
      entry.run(entry.timeMs);
    }
  }
}

const before = (a: Entry, b: Entry): boolean =>
  a.timeMs !== b.timeMs ? a.timeMs < b.timeMs : a.rank !== b.rank ? a.rank < b.rank : a.order < b.order;
