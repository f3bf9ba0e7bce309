/** One guard over the sum of some evaluation windows: over its bound, under it, or not known, as controller/guards/judge.ts says. */
import { allowedShare, counterOf } from '../../controller/guards/latency.ts';
import { oneMinus, onePlus, rational } from '../../controller/guards/rational.ts';
import type { Bound, Guard, Metric } from '../../controller/policy.ts';
import type { Arm } from '../../telemetry/window.ts';
import { fulfils, OPERATORS, type Ratio, ratioOf, signOfRatio, signOfRelative } from './exact.ts';
import { type Channel, channelOf, type Counter } from './channel.ts';
import type { Grid } from './grid.ts';

export const UNKNOWN = -1;
export const UNDER = 0;
export const OVER = 1;

/** Bound to one rollout: what the guard says over evaluation windows from `first` to `last`, ends included. */
export interface Over {
  over(first: number, last: number): number;
}

/** A guard made ready for any rollout. */
export interface Compiled {
  /** `pairs`: mirrored pairs are compared. `width`: how many windows are asked about at once. */
  bind(grid: Grid, pairs: boolean, width: number): Over;
  /** The denominators that must not be empty for a window to have data, by channel. */
  readonly samples: readonly Channel[];
  /** The same where mirrored pairs are compared. */
  readonly pairs: readonly Channel[];
}

/** Null for a guard without a bound, which can never say anything. */
export function compileOver(guard: Guard): Compiled | null {
  const { metric, bound, segment } = guard;
  if (bound === null) return null;
  const arms: readonly Arm[] = bound.kind === 'relative' ? ['candidate', bound.to] : ['candidate'];
  const denominator = DENOMINATORS[metric.kind];
  const samples = arms.map((arm) => channelOf(arm, segment, denominator));
  const pairs = [channelOf('candidate', segment, 'pairs')];
  const events = counterOf(guard) ?? EVENTS[metric.kind] ?? null;
  const least = Math.max(1, guard.minSamples);
  const bind: Compiled['bind'] =
    events === null || (metric.kind === 'latency' && bound.kind === 'relative')
      ? byQuantile(guard as QuantileGuard, bound, least)
      : bound.kind === 'absolute'
        ? byRatio(metric, bound, segment, events, denominator, least)
        : byRelation(guard, bound, events, denominator, least);
  return { bind, samples, pairs };
}

const DENOMINATORS: Readonly<Record<Metric['kind'], Counter>> = {
  latency: 'requests',
  'feature-fetch': 'featureFetches',
  score: 'predictions',
  'error-ratio': 'requests',
  'outcome-ratio': 'impressions',
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

function byRatio(
  metric: Metric,
  bound: Absolute,
  segment: string,
  events: Counter,
  denominator: Counter,
  least: number,
): Compiled['bind'] {
  const share = metric.kind === 'latency' ? allowedShare(metric.quantile) : rational(bound.value);
  const limit = ratioOf(share);
  // A quantile is over or it is not: `<` and `<=` differ in what was counted.
  const falls = bound.breachWhen.startsWith('<');
  const operator = metric.kind === 'latency' ? (falls ? 3 : 0) : OPERATORS.indexOf(bound.breachWhen);
  const x = channelOf('candidate', segment, events);
  const n = channelOf('candidate', segment, denominator);
  return (grid) => new RatioOver(grid.prefix(x), grid.prefix(n), limit, operator, least);
}

class RatioOver implements Over {
  private readonly x: Float64Array;
  private readonly n: Float64Array;
  private readonly limit: Ratio;
  private readonly operator: number;
  private readonly least: number;

  constructor(x: Float64Array, n: Float64Array, limit: Ratio, operator: number, least: number) {
    this.x = x;
    this.n = n;
    this.limit = limit;
    this.operator = operator;
    this.least = least;
  }

  over(first: number, last: number): number {
    const n = this.n[last + 1]! - this.n[first]!;
    if (n < this.least) return UNKNOWN;
    return fulfils(signOfRatio(this.x[last + 1]! - this.x[first]!, n, this.limit), this.operator) ? OVER : UNDER;
  }
}

function byRelation(
  { segment, minPositives }: Guard,
  { to, direction, by }: Relative,
  events: Counter,
  denominator: Counter,
  least: number,
): Compiled['bind'] {
  const limit = rational(by);
  const above = direction === 'drop' ? null : ratioOf(onePlus(limit));
  const below = direction === 'rise' ? null : ratioOf(oneMinus(limit));
  const x = channelOf('candidate', segment, events);
  const n = channelOf('candidate', segment, denominator);
  const y = channelOf(to, segment, events);
  const m = channelOf(to, segment, denominator);
  return (grid) =>
    new RelationOver(
      [grid.prefix(x), grid.prefix(n), grid.prefix(y), grid.prefix(m)],
      above,
      below,
      least,
      minPositives,
    );
}

class RelationOver implements Over {
  private readonly x: Float64Array;
  private readonly n: Float64Array;
  private readonly y: Float64Array;
  private readonly m: Float64Array;
  private readonly above: Ratio | null;
  private readonly below: Ratio | null;
  private readonly least: number;
  private readonly positives: number;

  constructor(
    [x, n, y, m]: readonly [Float64Array, Float64Array, Float64Array, Float64Array],
    above: Ratio | null,
    below: Ratio | null,
    least: number,
    positives: number,
  ) {
    this.x = x;
    this.n = n;
    this.y = y;
    this.m = m;
    this.above = above;
    this.below = below;
    this.least = least;
    this.positives = positives;
  }

  over(first: number, last: number): number {
    const { above, below, least, positives } = this;
    const n = this.n[last + 1]! - this.n[first]!;
    const m = this.m[last + 1]! - this.m[first]!;
    if (n < least || m < least) return UNKNOWN;
    const x = this.x[last + 1]! - this.x[first]!;
    const y = this.y[last + 1]! - this.y[first]!;
    if (x < positives || y < positives || y === 0) return UNKNOWN;
    if (above !== null && signOfRelative(x, n, y, m, above) > 0) return OVER;
    return below !== null && signOfRelative(x, n, y, m, below) < 0 ? OVER : UNDER;
  }
}

function byQuantile({ metric, segment }: QuantileGuard, bound: Bound, least: number): Compiled['bind'] {
  const to = bound.kind === 'relative' ? bound.to : null;
  return (grid, pairs, width) => {
    const { value, reference, samples, referenceSamples } = grid.quantiles({ metric, segment, to, pairs, width });
    // Once per rollout and bound: comparing is nothing beside merging histograms.
    const found = new Int8Array(grid.evaluations);
    for (let t = 0; t < grid.evaluations; t++) {
      const isKnown = samples[t]! >= least && referenceSamples[t]! >= least;
      found[t] = isKnown ? compare(bound, value[t]!, reference[t]!) : UNKNOWN;
    }
    return new QuantileOver(found);
  };
}

function compare(bound: Bound, value: number, reference: number): number {
  if (Number.isNaN(value)) return UNKNOWN;
  if (bound.kind === 'absolute') {
    const operator = OPERATORS.indexOf(bound.breachWhen);
    return fulfils(Math.sign(value - bound.value), operator) ? OVER : UNDER;
  }
  if (Number.isNaN(reference) || reference === 0 || !Number.isFinite(reference)) return UNKNOWN;
  const change = (value - reference) / Math.abs(reference);
  const { direction, by } = bound;
  return (direction !== 'drop' && change > by) || (direction !== 'rise' && change < -by) ? OVER : UNDER;
}

/** Ends at `last`; `first` is where the series says it is. */
class QuantileOver implements Over {
  private readonly found: Int8Array;

  constructor(found: Int8Array) {
    this.found = found;
  }

  over(_first: number, last: number): number {
    return this.found[last]!;
  }
}
