import type { ArrivalProcess } from '../../scenarios/scenario.ts';
import { DrawnTimes } from '../drawn-times.ts';
import type { Streams } from '../random.ts';
import { type RateCurve, rateCurve } from './rate.ts';

/** How many arrivals are made at a time. */
export const BLOCK = 256;

/** A sorted stream of arrivals. Columns other than the times are only there when the source is a recording. */
export interface ArrivalSource {
  /** Arrival times of the current block, ms, ascending. */
  readonly times: Float64Array;
  readonly keys: Int32Array | null;
  readonly users: Int32Array | null;
  readonly contents: Int32Array | null;
  /** Multiplies the rate from now on (traffic spikes). No effect on a recording. */
  factor: number;
  /** No further arrival will ever come. */
  readonly ended: boolean;
  /** Makes the next block: all its times are < untilMs, so rates may change at untilMs. Returns how many there are (0 = none before untilMs). */
  fill(untilMs: number): number;
  /** Fetches what `fill(untilMs)` will need. */
  prepare(untilMs: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * Arrivals of a process with a (possibly random, possibly varying) rate: unit-mean gaps, exponential or regular, are spent
 * along the integral of the rate (time change of a unit Poisson process), exactly over linear stretches.
 */
export class RateArrivals implements ArrivalSource {
  readonly times: Float64Array = new Float64Array(BLOCK);
  readonly keys = null;
  readonly users = null;
  readonly contents = null;
  readonly ended = false;
  private readonly curve: RateCurve;
  /** Unit-mean gaps; null when they are all 1. */
  private readonly gaps: DrawnTimes | null;
  /**
   * Where the latest arrival (or change of the rate) was, and the part of the unit gap not spent there. Being asked for arrivals
   * moves neither, so that the times do not depend on how often one asks.
   */
  private nowMs = 0;
  private need: number;
  private currentFactor = 1;
  private askedMs = 0;

  constructor(process: Exclude<ArrivalProcess, { kind: 'trace' }>, streams: Streams) {
    this.curve = rateCurve(process, streams);
    const exponential = { kind: 'exponential', meanMs: 1 } as const;
    this.gaps = process.kind === 'regular' ? null : new DrawnTimes(exponential, streams('arrivals'));
    this.need = this.unitGap();
  }

  get factor(): number {
    return this.currentFactor;
  }

  /** Takes effect at the time up to which arrivals have been asked for. */
  set factor(value: number) {
    if (value === this.currentFactor) return;
    this.spend(this.askedMs);
    this.currentFactor = value;
  }

  fill(untilMs: number): number {
    this.askedMs = untilMs;
    let n = 0;
    while (n < BLOCK) {
      const limit = Math.min(this.curve.endMs, untilMs);
      n = this.curve.slope === 0 ? this.alongConstant(limit, n) : this.alongSlope(limit, n);
      if (n === BLOCK) break;
      if (this.curve.endMs <= limit) {
        this.spend(limit);
        this.curve.next();
      }
      if (limit >= untilMs) break;
    }
    return n;
  }

  async prepare(): Promise<void> {}
  async close(): Promise<void> {}

  private unitGap(): number {
    return this.gaps === null ? 1 : this.gaps.next();
  }

  /** Moves the clock to `untilMs` without an arrival. */
  private spend(untilMs: number): void {
    const { curve, currentFactor } = this;
    const rate = (curve.rate + curve.slope * (this.nowMs - curve.fromMs)) * currentFactor;
    const stretch = untilMs - this.nowMs;
    this.need = Math.max(this.need - (rate * stretch + (curve.slope * currentFactor * stretch * stretch) / 2), 0);
    this.nowMs = untilMs;
  }

  /** Adds arrivals before `limit` at a constant rate. */
  private alongConstant(limit: number, from: number): number {
    const rate = this.curve.rate * this.currentFactor;
    let n = from;
    let t = this.nowMs;
    let need = this.need;
    while (n < BLOCK) {
      const at = t + need / rate;
      // Written so that a rate of 0 (at = Infinity) and a time of exactly `limit` both wait for the next stretch.
      if (!(at < limit)) break;
      t = at;
      this.times[n++] = t;
      need = this.unitGap();
    }
    this.nowMs = t;
    this.need = need;
    return n;
  }

  /** The same where the rate rises or falls linearly: solves rate·d + slope·d²/2 = need for d. */
  private alongSlope(limit: number, from: number): number {
    const slope = this.curve.slope * this.currentFactor;
    let n = from;
    while (n < BLOCK) {
      const rate = (this.curve.rate + this.curve.slope * (this.nowMs - this.curve.fromMs)) * this.currentFactor;
      const squared = rate * rate + 2 * slope * this.need;
      // Negative: a falling rate ends before the gap is spent.
      const at = squared < 0 ? Number.POSITIVE_INFINITY : this.nowMs + (2 * this.need) / (rate + Math.sqrt(squared));
      if (!(at < limit)) break;
      this.nowMs = at;
      this.times[n++] = at;
      this.need = this.unitGap();
    }
    return n;
  }
}
