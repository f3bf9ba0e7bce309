/** One guard over the sum of some evaluation windows: over its bound, under it, or not known, as controller/guards/judge.ts says. */
import { allowedShare, counterOf } from '../../controller/guards/latency.ts';
import { oneMinus, onePlus, rational } from '../../controller/guards/rational.ts';
import type { Bound, Guard, Metric } from '../../controller/policy.ts';
import type { Arm } from '../../telemetry/window.ts';
import { type Channel, channelOf, type Counter } from './channel.ts';
import { fulfils, isPlain, OPERATORS, type Ratio, ratioOf, signOfRatio, signOfRelative } from './exact.ts';
import type { Grid } from './grid.ts';
import { climb, kindOf, ladderOf, SURE } from './ladder.ts';

export const UNKNOWN = -1;
export const UNDER = 0;
export const OVER = 1;

/** A guard's bound, ready for any rollout: `bind` it to one, then ask. Reused, since a judge binds millions of times. */
export abstract class Over {
  /** `pairs`: mirrored pairs are compared. `width`: how many evaluation windows each question is about. */
  abstract bind(grid: Grid, pairs: boolean, width: number): void;

  /** What the guard says of the `width` evaluation windows that end with `t`. */
  abstract at(t: number, width: number): number;

  /** The first t from `first` to `last` at which it is over; `last` + 1 when there is none. */
  firstOver(first: number, last: number, width: number): number {
    let t = first;
    while (t <= last && this.at(t, width) !== OVER) t++;
    return t;
  }

  /** Whether it knows an answer for every single evaluation window, so that nothing freezes a streak. */
  knowsAll(): boolean {
    return false;
  }

  /** Writes what it says of every single evaluation window from `first` to `last`. */
  fill(said: Int8Array, first: number, last: number): void {
    for (let t = first; t <= last; t++) said[t] = this.at(t, 1);
  }
}

/** Null for a guard without a bound, which can never say anything. */
export function overOf(guard: Guard): Over | null {
  const { bound } = guard;
  if (bound === null) return null;
  const counters = countersOf(guard);
  if (counters === null) return new QuantileOver(guard as QuantileGuard, bound);
  if (bound.kind === 'relative') return new RelationOver(guard, bound, counters.events);
  return new RatioOver(guard, bound, counters.events);
}

/** What a guard on a share counts, and out of what; null for guards on quantiles of histograms. */
export function countersOf(guard: Guard): { readonly events: Counter; readonly samples: Counter } | null {
  const events = counterOf(guard) ?? EVENTS[guard.metric.kind] ?? null;
  return events === null ? null : { events, samples: DENOMINATORS[guard.metric.kind] };
}

/** Channels that must not be empty for a window to have data. */
export function samplesOf({ metric, bound, segment }: Guard): readonly Channel[] {
  const arms: readonly Arm[] = bound?.kind === 'relative' ? ['candidate', bound.to] : ['candidate'];
  return arms.map((arm) => channelOf(arm, segment, DENOMINATORS[metric.kind]));
}

const DENOMINATORS: Readonly<Record<Metric['kind'], Counter>> = {
  latency: 'requests',
  'slow-ratio': 'requests',
  // Distributions, measures and young outcomes are not read here (see `isFast`).
  distribution: 'predictions',
  'feature-fetch': 'featureFetches',
  score: 'predictions',
  measure: 'predictions',
  'error-ratio': 'requests',
  'outcome-ratio': 'impressions',
  'young-outcome-ratio': 'arrived',
  'mismatch-ratio': 'compared',
  'features-missing-ratio': 'requests',
};
const EVENTS: Readonly<Partial<Record<Metric['kind'], Counter>>> = {
  'error-ratio': 'errors',
  'outcome-ratio': 'outcomes',
  'mismatch-ratio': 'mismatches',
  'features-missing-ratio': 'featuresMissing',
};

type Absolute = Extract<Bound, { kind: 'absolute' }>;
type Relative = Extract<Bound, { kind: 'relative' }>;
type QuantileGuard = Guard & { readonly metric: Metric & { readonly quantile: number } };

const NOTHING: Float64Array = new Float64Array(0);

const fewest = new WeakMap<Float64Array, number>();

/** The smallest count in any single evaluation window. */
function fewestOf(sums: Float64Array): number {
  let least = fewest.get(sums);
  if (least !== undefined) return least;
  least = Infinity;
  for (let t = 1; t < sums.length; t++) least = Math.min(least, sums[t]! - sums[t - 1]!);
  fewest.set(sums, least);
  return least;
}

/** A share against a bound. */
class RatioOver extends Over {
  private readonly events: Channel;
  private readonly samples: Channel;
  private readonly limit: Ratio;
  private readonly operator: number;
  private readonly least: number;
  private readonly isRise: boolean;
  private readonly kind: number;
  private grid: Grid | null = null;
  private x: Float64Array = NOTHING;
  private n: Float64Array = NOTHING;
  /** Doubles hold every product of this rollout exactly. */
  private isPlain = false;

  constructor({ metric, segment, minSamples }: Guard, bound: Absolute, events: Counter) {
    super();
    this.events = channelOf('candidate', segment, events);
    this.samples = channelOf('candidate', segment, DENOMINATORS[metric.kind]);
    this.limit = ratioOf(metric.kind === 'latency' ? allowedShare(metric.quantile) : rational(bound.value));
    // A quantile is over or it is not: `<` and `<=` differ in what was counted.
    const falls = bound.breachWhen.startsWith('<');
    this.operator = metric.kind === 'latency' ? (falls ? 3 : 0) : OPERATORS.indexOf(bound.breachWhen);
    this.least = Math.max(1, minSamples);
    this.isRise = this.operator < 2;
    this.kind = kindOf(`${this.events.id}/${this.samples.id}${this.isRise ? '' : ' falling'}`);
  }

  bind(grid: Grid): void {
    this.grid = grid;
    this.x = grid.prefix(this.events);
    this.n = grid.prefix(this.samples);
    this.isPlain = isPlain(this.x[this.x.length - 1]!, this.n[this.n.length - 1]!, this.limit);
  }

  at(t: number, width: number): number {
    const u = t + 1 - width;
    const n = this.n[t + 1]! - this.n[u]!;
    if (n < this.least) return UNKNOWN;
    return fulfils(signOfRatio(this.x[t + 1]! - this.x[u]!, n, this.limit), this.operator) ? OVER : UNDER;
  }

  override firstOver(first: number, last: number, width: number): number {
    const { grid, kind, limit, isRise } = this;
    // Falling bounds: the highest of the negatives.
    const bar = isRise ? limit.a / limit.b : -limit.a / limit.b;
    const ladder = ladderOf(grid!, kind, first, width, this.value);
    const t = first + climb(ladder, bar - Math.abs(bar) * SURE);
    return t > last || this.at(t, width) === OVER ? Math.min(t, last + 1) : super.firstOver(t + 1, last, width);
  }

  /** NaN, which no ladder has, without samples. */
  private readonly value = (t: number, width: number): number => {
    const u = t + 1 - width;
    const ratio = (this.x[t + 1]! - this.x[u]!) / (this.n[t + 1]! - this.n[u]!);
    return this.isRise ? ratio : -ratio;
  };

  override knowsAll(): boolean {
    return fewestOf(this.n) >= this.least;
  }

  override fill(said: Int8Array, first: number, last: number): void {
    if (!this.isPlain) return super.fill(said, first, last);
    const { x, n, least, operator } = this;
    const sign = operator < 2 ? 1 : -1;
    const b = sign * this.limit.b;
    const a = sign * this.limit.a;
    const bar = operator === 0 || operator === 2 ? 0 : -0.5;
    for (let t = first; t <= last; t++) {
      const samples = n[t + 1]! - n[t]!;
      const over = b * (x[t + 1]! - x[t]!) - a * samples > bar ? OVER : UNDER;
      said[t] = samples < least ? UNKNOWN : over;
    }
  }
}

/** A share against another arm's. */
class RelationOver extends Over {
  private readonly channels: readonly [Channel, Channel, Channel, Channel];
  private readonly above: Ratio | null;
  private readonly below: Ratio | null;
  private readonly least: number;
  private readonly positives: number;
  private readonly kind: number;
  private grid: Grid | null = null;
  private x: Float64Array = NOTHING;
  private n: Float64Array = NOTHING;
  private y: Float64Array = NOTHING;
  private m: Float64Array = NOTHING;

  constructor({ metric, segment, minSamples, minPositives }: Guard, { to, direction, by }: Relative, events: Counter) {
    super();
    const denominator = DENOMINATORS[metric.kind];
    this.channels = [
      channelOf('candidate', segment, events),
      channelOf('candidate', segment, denominator),
      channelOf(to, segment, events),
      channelOf(to, segment, denominator),
    ];
    this.above = direction === 'drop' ? null : ratioOf(onePlus(rational(by)));
    this.below = direction === 'rise' ? null : ratioOf(oneMinus(rational(by)));
    this.least = Math.max(1, minSamples);
    // Without an event of the reference there is nothing to relate to.
    this.positives = minPositives;
    this.kind = kindOf(`${this.channels.map(({ id }) => id).join('/')}${this.above === null ? ' falling' : ''}`);
  }

  bind(grid: Grid): void {
    this.grid = grid;
    const [x, n, y, m] = this.channels;
    this.x = grid.prefix(x);
    this.n = grid.prefix(n);
    this.y = grid.prefix(y);
    this.m = grid.prefix(m);
  }

  override firstOver(first: number, last: number, width: number): number {
    const { above, below } = this;
    if (above !== null && below !== null) return super.firstOver(first, last, width);
    // Drops: the highest of the negatives.
    const bar = above !== null ? above.a / above.b : -below!.a / below!.b;
    const ladder = ladderOf(this.grid!, this.kind, first, width, this.value);
    const t = first + climb(ladder, bar - Math.abs(bar) * SURE);
    return t > last || this.at(t, width) === OVER ? Math.min(t, last + 1) : super.firstOver(t + 1, last, width);
  }

  /** One ratio through the other; NaN, which no ladder has, or infinite, which is asked about, where one has nothing. */
  private readonly value = (t: number, width: number): number => {
    const u = t + 1 - width;
    const own = (this.x[t + 1]! - this.x[u]!) * (this.m[t + 1]! - this.m[u]!);
    const relation = own / ((this.y[t + 1]! - this.y[u]!) * (this.n[t + 1]! - this.n[u]!));
    return this.above !== null ? relation : -relation;
  };

  at(t: number, width: number): number {
    const { above, below, least, positives } = this;
    const u = t + 1 - width;
    const n = this.n[t + 1]! - this.n[u]!;
    const m = this.m[t + 1]! - this.m[u]!;
    const x = this.x[t + 1]! - this.x[u]!;
    const y = this.y[t + 1]! - this.y[u]!;
    if (n < least || m < least || x < positives || y < positives || y === 0) return UNKNOWN;
    if (above !== null && signOfRelative(x, n, y, m, above) > 0) return OVER;
    return below !== null && signOfRelative(x, n, y, m, below) < 0 ? OVER : UNDER;
  }
}

/** A quantile of a histogram: worked out once per rollout, for every bound. */
class QuantileOver extends Over {
  private readonly guard: QuantileGuard;
  private readonly bound: Bound;
  private found = new Int8Array(0);

  constructor(guard: QuantileGuard, bound: Bound) {
    super();
    this.guard = guard;
    this.bound = bound;
  }

  bind(grid: Grid, pairs: boolean, width: number): void {
    const { bound } = this;
    const { metric, segment, minSamples } = this.guard;
    const least = Math.max(1, minSamples);
    const to = bound.kind === 'relative' ? bound.to : null;
    const found = grid.quantiles({ metric, segment, to, pairs, width });
    const { value, reference, samples, referenceSamples, scale } = found;
    this.found = new Int8Array(grid.evaluations);
    for (let t = 0; t < grid.evaluations; t++) {
      const isKnown = samples[t]! >= least && referenceSamples[t]! >= least;
      this.found[t] = isKnown ? compare(bound, value[t]!, reference[t]!, scale[t]!) : UNKNOWN;
    }
  }

  /** The series is of one width already. */
  at(t: number): number {
    return this.found[t]!;
  }
}

function compare(bound: Bound, value: number, reference: number, scale: number): number {
  if (Number.isNaN(value)) return UNKNOWN;
  if (bound.kind === 'absolute') {
    const operator = OPERATORS.indexOf(bound.breachWhen);
    return fulfils(Math.sign(value - bound.value), operator) ? OVER : UNDER;
  }
  const unit = Number.isNaN(scale) ? Math.abs(reference) : scale;
  if (unit === 0 || !Number.isFinite(reference)) return UNKNOWN;
  const change = (value - reference) / unit;
  const { direction, by } = bound;
  return (direction !== 'drop' && change > by) || (direction !== 'rise' && change < -by) ? OVER : UNDER;
}
