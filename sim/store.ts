import type { FeatureStore } from '../scenarios/scenario.ts';
import { DrawnTimes } from './drawn-times.ts';
import type { Stream, Streams } from './random.ts';
import type { SegmentFactors } from './segment-factors.ts';

/** Random streams of one arm's fetches: an arm's draws do not depend on what the other arm does. */
interface Draws {
  readonly latency: DrawnTimes;
  readonly availability: Stream;
}

/**
 * The feature store behind every arm's cache: one place, so a mirrored request loads it too. Fetches wait FIFO for one of
 * its slots when these are limited; a fetch can come back empty (unavailable) or too late (timeout).
 */
export class Store {
  /** Time of its slots that fetches have been given so far, ms; 0 throughout when there is no limit to them. */
  private givenMs = 0;
  /** Did the latest fetch bring the features? */
  found = true;
  /** Set by faults: factor on the latency, and share of fetches that find nothing, per arm. */
  readonly latencyFactor: Float64Array = new Float64Array([1, 1, 1]);
  readonly missingRatio: Float64Array = new Float64Array(3);
  /** What faults on single segments do, per arm; empty when there are none. */
  bySegment: readonly SegmentFactors[] = [];
  private readonly unavailable: number;
  private readonly timeoutMs: number;
  private readonly draws: readonly Draws[];
  /** When each slot falls free, ms; empty = unlimited slots. */
  private readonly free: Float64Array;

  constructor(
    spec: FeatureStore & { latency: NonNullable<FeatureStore['latency']> },
    arms: readonly string[],
    streams: Streams,
  ) {
    this.unavailable = 1 - spec.availability;
    this.timeoutMs = spec.timeoutMs;
    this.free = new Float64Array(Number.isFinite(spec.slots) ? spec.slots : 0);
    this.draws = arms.map((arm) => ({
      latency: new DrawnTimes(spec.latency, streams(`features/latency/${arm}`)),
      availability: streams(`features/availability/${arm}`),
    }));
  }

  /** Begins a fetch at `nowMs` (calls come in time order) and returns when its answer is there; see `found`. */
  fetch(arm: number, segment: number, nowMs: number): number {
    const draws = this.draws[arm]!;
    const own = this.bySegment[arm] ?? null;
    let ms = draws.latency.next() * this.latencyFactor[arm]!;
    let share = (1 - this.unavailable) * (1 - this.missingRatio[arm]!);
    if (own !== null) {
      ms *= own.fetch[segment]!;
      share *= own.found[segment]!;
    }
    let doneMs = nowMs + ms;
    if (this.free.length > 0) {
      this.givenMs += ms;
      const slot = earliest(this.free, 0, this.free.length);
      doneMs = Math.max(nowMs, this.free[slot]!) + ms;
      this.free[slot] = doneMs;
    }
    const missing = 1 - share;
    this.found = missing === 0 || draws.availability.next() >= missing;
    if (doneMs - nowMs > this.timeoutMs) {
      this.found = false;
      doneMs = nowMs + this.timeoutMs;
    }
    return doneMs;
  }

  /** Time that its slots have been taken until now, ms: what was given, without what lies ahead (FIFO leaves no gaps there). */
  busyUntil(nowMs: number): number {
    let busy = this.givenMs;
    for (const freeMs of this.free) if (freeMs > nowMs) busy -= freeMs - nowMs;
    return busy;
  }
}

/** Index of the smallest of `count` values from `from`; the first of equals. */
export function earliest(values: Float64Array, from: number, count: number): number {
  let best = from;
  let lowest = values[from]!;
  for (let i = from + 1; i < from + count; i++) {
    const value = values[i]!;
    if (value < lowest) {
      lowest = value;
      best = i;
    }
  }
  return best;
}
