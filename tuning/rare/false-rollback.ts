/**
 * How often a policy takes back a healthy candidate, from a few full-size recordings: counted where it happens, and where it does not
 * happen in any of them, worked out guard by guard from their windows, which are thousands.
 */
import { comparesPairs } from '../../controller/guards/measure.ts';
import type { Guard, Policy, SustainedGuard } from '../../controller/policy.ts';
import { Stream } from '../../sim/random.ts';
import { clopperPearson } from '../../statistics/binomial.ts';
import type { Arm } from '../../telemetry/window.ts';
import { type Channel, channelOf, type Counter } from '../fast/channel.ts';
import type { Grid } from '../fast/grid.ts';
import { FastGuard } from '../fast/guard.ts';
import { OVER, overOf, UNKNOWN } from '../fast/over.ts';
import { mayBeSplit, splitsOf } from './aa-splits.ts';
import { inflationOf, looksAbove, looksBelow, ratioOf } from './binomial-looks.ts';
import { blockRuns, type Bounds, blocksOver, type Stretch, waiting } from './block-runs.ts';
import { mayBeIndependent } from './independence.ts';
import { pooledOf } from './pooled-progress.ts';
import { countedIn, counterOn, disjoint, type Span, spansOf } from './spans.ts';
import { bootstrapRate } from './window-bootstrap.ts';

/**
 * `counted`: Clopper-Pearson over recordings. `block-runs`: exact runs of independent blocks. `binomial-looks`: exact binomial tails of
 * every look, added up. `splits`: re-randomised A/A splits. `splitting`: rollouts put together from recorded blocks; its ratio is an estimate, its interval is counted.
 */
export type Estimator = 'counted' | 'block-runs' | 'binomial-looks' | 'splits' | 'splitting';

/** What an interval rests on beside the recordings: that windows, or requests, are independent of each other. Counting needs nothing. */
export type Assumption = 'independent minutes' | 'independent requests';

export interface GuardRate extends Bounds {
  readonly guard: string;
  readonly estimator: Estimator;
  readonly assumes: Assumption | null;
  /** Recordings in which it fires. */
  readonly events: number;
}

export interface FalseRollbackRate extends Bounds {
  readonly scenario: string;
  readonly recordings: number;
  readonly events: number;
  /** `guard by guard`: at most the sum over its guards, at least the largest of them. */
  readonly estimator: 'counted' | 'guard by guard';
  /** What the interval holds under; empty when it was counted. */
  readonly assumes: readonly Assumption[];
  /** What counting recordings says, assuming nothing: Clopper-Pearson 95 %. */
  readonly counted: { readonly low: number; readonly high: number };
  readonly guards: readonly GuardRate[];
}

const ASSUMPTIONS: readonly Assumption[] = ['independent minutes', 'independent requests'];
const CONFIDENCE = 0.95;
/** About what no event in all splits of a few recordings bounds. */
const LITTLE = 1e-3;

/**
 * `events` of the recordings ended in a false rollback. `known`: guards that have been worked out on the same recordings; policies of a space
 * share most of theirs. Throws RangeError for a policy that is not fast (see `isFast`).
 */
export function falseRollbackRate(
  scenario: string,
  policy: Policy,
  grids: readonly Grid[],
  events: number,
  known: Map<string, GuardRate> = new Map(),
): FalseRollbackRate {
  const own = policy.guards.filter(({ action }) => action === 'roll-back') as SustainedGuard[];
  // The narrowest of several 95 % intervals is none: counting has half of the doubt, the guards share the rest.
  const doubt = (1 - CONFIDENCE) / 2;
  const confidence = 1 - doubt / Math.max(1, own.length);
  const { stages, evaluateEveryMs, coverage, maxGap } = policy;
  const guards = own.map((guard) => {
    const key = JSON.stringify([scenario, guard, confidence, stages, evaluateEveryMs, coverage, maxGap]);
    const rate = known.get(key) ?? guardRate(guard, policy, grids, confidence);
    known.set(key, rate);
    return rate;
  });
  const recordings = grids.length;
  const total = (of: (rate: GuardRate) => number): number =>
    Math.min(
      1,
      guards.reduce((sum, each) => sum + of(each), 0),
    );
  const together = { low: Math.max(0, ...guards.map(({ low }) => low)), high: total(({ high }) => high) };
  const byCounting = boundsOf(clopperPearson(events, recordings, 1 - doubt));
  const isNarrower = together.high - together.low < byCounting.high - byCounting.low;
  return {
    scenario,
    recordings,
    events,
    estimator: isNarrower ? 'guard by guard' : 'counted',
    ratio: events > 0 || !isNarrower ? events / recordings : total(({ ratio }) => ratio),
    ...(isNarrower ? together : byCounting),
    assumes: isNarrower ? ASSUMPTIONS.filter((each) => guards.some(({ assumes }) => assumes === each)) : [],
    counted: boundsOf(clopperPearson(events, recordings, CONFIDENCE)),
    guards,
  };
}

const boundsOf = ([low, high]: readonly [number, number]): { low: number; high: number } => ({ low, high });

/** The narrowest interval of those that say something; they share the doubt, so all of them hold together. */
function guardRate(guard: SustainedGuard, policy: Policy, grids: readonly Grid[], confidence: number): GuardRate {
  const spans = spansOf(guard, policy, Math.min(...grids.map(({ evaluations }) => evaluations)));
  const fast = new FastGuard(guard, policy);
  const events = grids.filter((grid) => {
    fast.begin();
    return spans.some(({ stage, first, last }) => {
      fast.ask(grid, stage, first, last);
      return fast.breachAt !== Infinity;
    });
  }).length;
  const ratio = events / grids.length;
  const of = (estimator: Estimator, bounds: Bounds, assumes: Assumption | null): GuardRate => ({
    guard: guard.name,
    estimator,
    assumes,
    events,
    ...bounds,
  });
  const isEvery = guard.sustained.reading === 'every';
  // As many as there may be, known before any of them is: runs have two, and those that may be split a third; sums have three.
  const share = 1 - (1 - confidence) / (guard.carryOver ? 1 : isEvery && !mayBeSplit(guard) ? 2 : 3);
  const counted = of('counted', { ratio, ...boundsOf(clopperPearson(events, grids.length, share)) }, null);
  if (guard.carryOver) return counted;
  const width = Math.max(1, Math.round(guard.sustained.forMs / policy.evaluateEveryMs));
  if (isEvery) {
    const stretches = stretchesOf(guard, policy, grids, spans);
    if (!mayBeIndependent(stretches.map((stretch) => blocksOver(stretch)))) return counted;
    const runs = blockRuns(stretches, width, share);
    const splits = splitsOf(guard, policy, grids, spans, share);
    return narrowest([
      counted,
      of('block-runs', { ...runs, ratio: events > 0 ? ratio : runs.ratio }, 'independent minutes'),
      ...(splits === null ? [] : [of('splits', splits, 'independent requests')]),
    ]);
  }
  const looks = events > 0 ? null : looksOf(guard, policy.coverage, grids, spans, width, 1 - share);
  // So little is known better than any number of splits could tell.
  const splits = looks !== null && looks.high < LITTLE ? null : splitsOf(guard, policy, grids, spans, share);
  const found: readonly GuardRate[] = [
    counted,
    ...(looks === null ? [] : [of('binomial-looks', looks, 'independent requests')]),
    ...(splits === null ? [] : [of('splits', splits, 'independent requests')]),
  ];
  if (events > 0 || found.length > 1) return narrowest(found);
  const estimate = splittingOf(guard, policy, grids, spans);
  return estimate === null ? counted : { ...counted, ratio: estimate, estimator: 'splitting' };
}

const narrowest = (rates: readonly GuardRate[]): GuardRate =>
  rates.reduce((best, each) => (each.high - each.low < best.high - best.low ? each : best));

/** Null where sums of counters do not tell. */
function splittingOf(
  guard: SustainedGuard,
  policy: Policy,
  grids: readonly Grid[],
  spans: readonly Span[],
): number | null {
  const pooled = pooledOf(guard, policy);
  if (pooled === null || spans.some(({ stage }) => comparesPairs(guard, policy.stages[stage]!))) return null;
  const stretches = spans.map((span) => countedIn(grids, span, pooled.channels));
  return bootstrapRate(stretches, pooled.guard, (name) => new Stream(`splitting/${guard.name}/${name}`));
}

const stretchesOf = (
  guard: Guard,
  policy: Policy,
  grids: readonly Grid[],
  spans: readonly Span[],
): readonly Stretch[] =>
  spans.map(({ stage, first, last }) =>
    grids.map((grid) => {
      const over = overOf(guard);
      over?.bind(grid, comparesPairs(guard, policy.stages[stage]!), 1);
      const said = Array.from({ length: last - first + 1 }, (_, i) => over?.at(first + i, 1) ?? UNKNOWN);
      return waiting(
        said.map((each) => (each === UNKNOWN ? null : each === OVER)),
        policy.maxGap,
      );
    }),
  );

/** Null where requests are not independent, or the guard is of another kind. */
function looksOf(
  { metric, bound, segment, minSamples }: Guard,
  coverage: number,
  grids: readonly Grid[],
  spans: readonly Span[],
  width: number,
  alpha: number,
): Bounds | null {
  if (bound === null) return null;
  const isErrors = metric.kind === 'error-ratio' && bound.kind === 'absolute' && bound.breachWhen.startsWith('>');
  const isOutcomes = metric.kind === 'outcome-ratio' && bound.kind === 'relative' && bound.direction === 'drop';
  if (!isErrors && !isOutcomes) return null;
  const [events, trials]: readonly [Counter, Counter] = isErrors ? ['errors', 'requests'] : ['outcomes', 'impressions'];
  const channels = (arm: Arm): readonly [Channel, Channel] => [
    channelOf(arm, segment, events),
    channelOf(arm, segment, trials),
  ];
  // One recording's looks: the sizes hardly differ between seeds.
  const starts = spans.flatMap(({ first, last }) =>
    Array.from({ length: Math.max(0, last - first + 2 - width) }, (_, i) => first + i),
  );
  const arms = bound.kind === 'relative' ? (['candidate', bound.to] as const) : (['candidate'] as const);
  const counts = arms.map((arm) => counterOn(grids[0]!, ...channels(arm)));
  const counting = starts.filter((from) =>
    counts.every((count) => {
      const filled = Array.from({ length: width }, (_, i) => count(from + i, from + i + 1).n > 0).filter(
        Boolean,
      ).length;
      return filled >= coverage * width && count(from, from + width).n >= Math.max(1, minSamples);
    }),
  );
  const trialsAt = (arm: number): readonly number[] => counting.map((from) => counts[arm]!(from, from + width).n);
  const own = disjoint(grids, spans, width, ...channels('candidate'));
  const inflation = inflationOf(own);
  if (inflation === null) return null;
  const mine = ratioOf(own, alpha / 2);
  const looks = trialsAt(0).map((n) => n / inflation);
  if (bound.kind === 'absolute') {
    return { ratio: looksAbove(looks, mine.p, bound.value), low: 0, high: looksAbove(looks, mine.most, bound.value) };
  }
  const theirs = disjoint(grids, spans, width, ...channels(bound.to));
  const inflationThere = inflationOf(theirs);
  if (inflationThere === null) return null;
  const other = ratioOf(theirs, alpha / 2);
  const sizes = trialsAt(1).map((n) => n / inflationThere);
  const pairs = looks.map((n, i) => ({ own: n, other: sizes[i]! }));
  const drop = bound.by;
  return {
    ratio: looksBelow(pairs, mine.p, other.p, drop),
    low: 0,
    high: looksBelow(pairs, mine.least, other.most, drop),
  };
}
