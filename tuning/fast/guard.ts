/** A guard over a stage: when it first breaches, and what it says at the stage's end, as controller/guards/{pooled,every}.ts say. */
import type { Guard, Policy, Stage } from '../../controller/policy.ts';
import type { Channel } from './channel.ts';
import type { Grid } from './grid.ts';
import { type Compiled, compileOver, OVER, type Over, UNDER } from './over.ts';
import { comparesPairs } from '../../controller/guards/measure.ts';

export const PASS = 0;
export const BREACH = 1;
export const INCONCLUSIVE = 2;

export interface Seen {
  /** Evaluation window of the first breach in the stage; Infinity: none. */
  readonly breachAt: number;
  /** PASS, BREACH or INCONCLUSIVE at the stage's last evaluation. */
  readonly atEnd: number;
}

/** A streak of reading `every` (statistics §4), mutable: one per rollout and guard. */
interface Streak {
  trip: number;
  hold: number;
  gap: number;
}

export class FastGuard {
  private readonly compiled: Compiled | null;
  private readonly guard: Guard;
  private readonly policy: Pick<Policy, 'coverage' | 'maxGap'>;
  /** Evaluation windows: of the trailing sum, or that must be over one after the other. */
  private readonly width: number;

  constructor(guard: Guard, policy: Pick<Policy, 'coverage' | 'maxGap' | 'evaluateEveryMs'>) {
    this.compiled = compileOver(guard);
    this.guard = guard;
    this.policy = policy;
    this.width = Math.max(1, Math.round(guard.sustained.forMs / policy.evaluateEveryMs));
  }

  /** Asks the guard at every evaluation from `first` to `last` of each stage in turn; see `GuardRun`. */
  start(grid: Grid): GuardRun {
    const { compiled, guard, policy, width } = this;
    return new GuardRun(grid, compiled, guard, policy, width);
  }
}

/** One guard in one rollout, stage by stage in their order; stages in which it is inactive are left out. */
export class GuardRun {
  private readonly grid: Grid;
  private readonly compiled: Compiled | null;
  private readonly guard: Guard;
  private readonly coverage: number;
  private readonly maxGap: number;
  private readonly width: number;
  private readonly streak: Streak = { trip: 0, hold: 0, gap: 0 };

  constructor(
    grid: Grid,
    compiled: Compiled | null,
    guard: Guard,
    { coverage, maxGap }: Pick<Policy, 'coverage' | 'maxGap'>,
    width: number,
  ) {
    this.grid = grid;
    this.compiled = compiled;
    this.guard = guard;
    this.coverage = coverage;
    this.maxGap = maxGap;
    this.width = width;
  }

  stage(stage: Stage, first: number, last: number): Seen {
    if (this.compiled === null) return { breachAt: Infinity, atEnd: INCONCLUSIVE };
    const pairs = comparesPairs(this.guard, stage);
    const every = this.guard.sustained.reading === 'every';
    const over = this.compiled.bind(this.grid, pairs, every ? 1 : this.width);
    return every ? this.every(over, first, last) : this.pooled(over, pairs, first, last);
  }

  private every(over: Over, first: number, last: number): Seen {
    const { streak, maxGap, width } = this;
    if (!this.guard.carryOver) streak.trip = streak.hold = streak.gap = 0;
    let breachAt = Infinity;
    let atEnd = INCONCLUSIVE;
    for (let t = first; t <= last; t++) {
      const said = over.over(t, t);
      atEnd = INCONCLUSIVE;
      if (said === OVER) {
        streak.hold = streak.gap = 0;
        if (++streak.trip >= width) {
          atEnd = BREACH;
          if (breachAt === Infinity) breachAt = t;
        }
      } else if (said === UNDER) {
        streak.trip = streak.gap = 0;
        if (++streak.hold >= width) atEnd = PASS;
      } else {
        streak.hold = 0;
        if (++streak.gap > maxGap) streak.trip = 0;
      }
    }
    return { breachAt, atEnd };
  }

  private pooled(over: Over, pairs: boolean, first: number, last: number): Seen {
    const { width } = this;
    const oldest = this.guard.carryOver ? 0 : first;
    const { grid } = this;
    const channels = pairs ? this.compiled!.pairs : this.compiled!.samples;
    const from = Math.max(first, oldest + width - 1);
    let breachAt = Infinity;
    for (let t = from; t <= last; t++) {
      if (over.over(t + 1 - width, t) !== OVER || !this.hasEnough(dataOf(grid, channels), t)) continue;
      breachAt = t;
      break;
    }
    if (last < from || !this.hasEnough(dataOf(grid, channels), last)) return { breachAt, atEnd: INCONCLUSIVE };
    const said = over.over(last + 1 - width, last);
    return { breachAt, atEnd: said === OVER ? BREACH : said === UNDER ? PASS : INCONCLUSIVE };
  }

  /** Whether the trailing windows that end at `t` hold enough data, and none of it is stale. */
  private hasEnough(data: Data, t: number): boolean {
    const { width } = this;
    const first = t + 1 - width;
    const newest = data.newest[t]!;
    // Without any data the guard lacks samples, which `over` knows.
    if (newest < first) return true;
    return t - newest <= STALE_WINDOWS && data.full[t + 1]! - data.full[first]! >= this.coverage * width;
  }
}

/** controller/guards/pooled.ts: the newest data may end this many evaluation windows before the decision. */
const STALE_WINDOWS = 2;

/** Which evaluation windows hold samples of every arm that is read. */
interface Data {
  /** [evaluations + 1]: how many before. */
  readonly full: Int32Array;
  /** Per evaluation window: the newest with data up to it, −1 without any. */
  readonly newest: Int32Array;
}

/** By the numbers of the channels. */
const known = new WeakMap<Grid, Map<number, Data>>();

function dataOf(grid: Grid, channels: readonly Channel[]): Data {
  let ofGrid = known.get(grid);
  if (ofGrid === undefined) known.set(grid, (ofGrid = new Map()));
  const key = channels[0]!.id * CHANNELS + (channels[1]?.id ?? channels[0]!.id);
  let data = ofGrid.get(key);
  if (data === undefined) ofGrid.set(key, (data = findData(grid, channels)));
  return data;
}

/** More channels than anybody counts. */
const CHANNELS = 2 ** 20;

function findData(grid: Grid, channels: readonly Channel[]): Data {
  const sums = channels.map((channel) => grid.prefix(channel));
  const full = new Int32Array(grid.evaluations + 1);
  const newest = new Int32Array(grid.evaluations);
  let last = -1;
  for (let t = 0; t < grid.evaluations; t++) {
    const isFull = sums.every((sum) => sum[t + 1]! > sum[t]!);
    if (isFull) last = t;
    full[t + 1] = full[t]! + (isFull ? 1 : 0);
    newest[t] = last;
  }
  return { full, newest };
}
