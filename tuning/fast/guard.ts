/** A guard over a stage: when it first breaches, and what it says at the stage's end, as controller/guards/{pooled,every}.ts say. */
import { comparesPairs } from '../../controller/guards/measure.ts';
import { STALE_WINDOWS } from '../../controller/guards/stretch.ts';
import type { Policy, Stage, SustainedGuard } from '../../controller/policy.ts';
import { type Channel, channelOf } from './channel.ts';
import { dataOf } from './data.ts';
import type { Grid } from './grid.ts';
import { OVER, type Over, overOf, samplesOf, UNDER, UNKNOWN } from './over.ts';
import { mismatchesOf } from './split.ts';

export const PASS = 0;
export const BREACH = 1;
export const INCONCLUSIVE = 2;

/** Asked rollout by rollout, stage by stage in their order; answers are in its fields, so that nothing is allocated. */
export class FastGuard {
  /** Evaluation window of the first breach in the stage asked about last; Infinity: none. */
  breachAt: number = Infinity;
  /** PASS, BREACH or INCONCLUSIVE at that stage's last evaluation. */
  atEnd: number = INCONCLUSIVE;
  private readonly over: Over | null;
  private readonly carriesOver: boolean;
  private readonly isEvery: boolean;
  /** Evaluation windows: of the trailing sum, or that must be over one after the other. */
  private readonly width: number;
  private readonly needed: number;
  private readonly maxGap: number;
  private readonly samples: readonly Channel[];
  private readonly pairs: readonly Channel[];
  /** By stage of the policy: whether the guard is active, and compares mirrored pairs. */
  private readonly active: readonly boolean[];
  private readonly paired: readonly boolean[];
  /** Of a guard on a change: while the router does not keep a stage's shares, it knows nothing. */
  private readonly stages: readonly Stage[] | null;
  // The streak of reading `every`.
  private trip = 0;
  private hold = 0;
  private gap = 0;

  constructor(guard: SustainedGuard, policy: Policy) {
    this.over = overOf(guard);
    this.carriesOver = guard.carryOver;
    this.isEvery = guard.sustained.reading === 'every';
    this.width = Math.max(1, Math.round(guard.sustained.forMs / policy.evaluateEveryMs));
    this.needed = policy.coverage * this.width;
    this.maxGap = policy.maxGap;
    this.samples = samplesOf(guard);
    this.pairs = [channelOf('candidate', guard.segment, 'pairs')];
    this.active = policy.stages.map(({ name }) => guard.stages === null || guard.stages.includes(name));
    this.paired = policy.stages.map((stage) => comparesPairs(guard, stage));
    this.stages = guard.bound?.kind === 'relative' ? policy.stages : null;
  }

  isActive(stage: number): boolean {
    return this.active[stage]!;
  }

  /** A new rollout begins. */
  begin(): void {
    this.trip = this.hold = this.gap = 0;
  }

  /**
   * Works out `breachAt` and `atEnd` for evaluations `first` to `last` of a stage in which the guard is active. `off`: where the stage's shares are
   * off, for whoever asks many guards and knows.
   */
  ask(
    grid: Grid,
    stage: number,
    first: number,
    last: number,
    off: Uint8Array | null = this.offIn(grid, stage, first, last),
  ): void {
    this.breachAt = Infinity;
    this.atEnd = INCONCLUSIVE;
    if (this.over === null) return;
    const pairs = this.paired[stage]!;
    this.over.bind(grid, pairs, this.isEvery ? 1 : this.width);
    if (this.isEvery) this.askEvery(this.over, grid, off, first, last);
    else this.askPooled(this.over, grid, pairs ? this.pairs : this.samples, off, first, last);
  }

  /** Whether it knows nothing while the router does not keep a stage's shares. */
  get minds(): boolean {
    return this.stages !== null;
  }

  private offIn(grid: Grid, stage: number, first: number, last: number): Uint8Array | null {
    return this.stages === null ? null : mismatchesOf(grid, this.stages[stage]!, first, last);
  }

  private askEvery(over: Over, { evaluations }: Grid, off: Uint8Array | null, first: number, last: number): void {
    const { width, maxGap } = this;
    if (!this.carriesOver) {
      if (off === null && over.knowsAll()) return this.askRun(over, first, last);
      this.begin();
    }
    let { trip, hold, gap } = this;
    let breachAt = Infinity;
    let atEnd = INCONCLUSIVE;
    if (scratch.length < evaluations) scratch = new Int8Array(evaluations);
    const said = scratch;
    over.fill(said, first, last);
    for (let t = first; t <= last; t++) {
      atEnd = INCONCLUSIVE;
      if (off !== null && off[t - first] === 1) trip = hold = gap = 0;
      else if (said[t] === OVER) {
        hold = gap = 0;
        if (++trip >= width) {
          atEnd = BREACH;
          if (breachAt === Infinity) breachAt = t;
        }
      } else if (said[t] === UNDER) {
        trip = gap = 0;
        if (++hold >= width) atEnd = PASS;
      } else {
        hold = 0;
        if (++gap > maxGap) trip = 0;
      }
    }
    this.trip = trip;
    this.hold = hold;
    this.gap = gap;
    this.breachAt = breachAt;
    this.atEnd = atEnd;
  }

  /**
   * Hot: a streak that nothing freezes or carries over. A run of `width` must hold every `width`-th window, so look there, then back
   * from it: an evaluation that is not over rules out every run across it.
   */
  private askRun(over: Over, first: number, last: number): void {
    const { width } = this;
    let start = first;
    let end = first + width - 1;
    while (end <= last) {
      let t = end;
      while (t >= start && over.at(t, 1) === OVER) t--;
      if (t < start) break;
      start = t + 1;
      end = t + width;
    }
    if (end <= last) this.breachAt = end;
    if (last - first + 1 < width) return;
    const said = over.at(last, 1);
    let t = last - 1;
    while (t > last - width && over.at(t, 1) === said) t--;
    if (t === last - width) this.atEnd = said === OVER ? BREACH : PASS;
  }

  private askPooled(
    over: Over,
    grid: Grid,
    channels: readonly Channel[],
    off: Uint8Array | null,
    first: number,
    last: number,
  ): void {
    const { width } = this;
    const isKnown = (t: number): boolean => (off === null || off[t - first] === 0) && this.hasEnough(grid, channels, t);
    const from = (this.carriesOver ? 0 : first) + width - 1;
    if (last < from) return;
    let t = over.firstOver(Math.max(first, from), last, width);
    while (t <= last && !isKnown(t)) t = over.firstOver(t + 1, last, width);
    if (t <= last) this.breachAt = t;
    const said = over.at(last, width);
    if (said !== UNKNOWN && isKnown(last)) this.atEnd = said === OVER ? BREACH : PASS;
  }

  /** Whether the trailing windows that end at `t` hold enough data, and none of it is stale. */
  private hasEnough(grid: Grid, channels: readonly Channel[], t: number): boolean {
    const { full, newest, isWhole } = dataOf(grid, channels);
    if (isWhole) return true;
    const first = t + 1 - this.width;
    // Where no window has data of every arm there is no newest one.
    const isStale = newest[t]! >= first && t - newest[t]! > STALE_WINDOWS;
    return !isStale && full[t + 1]! - full[first]! >= this.needed;
  }
}

/** Where guards write what they say, one after the other. */
let scratch = new Int8Array(0);
