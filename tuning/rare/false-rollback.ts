/**
 * How often a policy takes back a healthy candidate, from a few full-size recordings: counted where it happens, and where it does not
 * happen in any of them, worked out guard by guard from their windows, which are thousands.
 */
import { comparesPairs } from '../../controller/guards/measure.ts';
import type { Guard, Policy, SustainedGuard } from '../../controller/policy.ts';
import { clopperPearson } from '../../statistics/binomial.ts';
import { channelOf, type Counter } from '../fast/channel.ts';
import type { Grid } from '../fast/grid.ts';
import { FastGuard } from '../fast/guard.ts';
import { OVER, overOf } from '../fast/over.ts';
import { scheduleOf } from '../schedule.ts';
import { type Count, inflationOf, looksAbove, looksBelow, ratioOf } from './binomial-looks.ts';
import { blockRuns, type Bounds } from './block-runs.ts';

/**
 * `counted`: Clopper-Pearson over recordings. `block-runs`: exact runs of independent blocks. `binomial-looks`: exact binomial tails of
 * every look, added up.
 */
export type Estimator = 'counted' | 'block-runs' | 'binomial-looks';

export interface GuardRate extends Bounds {
  readonly guard: string;
  readonly estimator: Estimator;
  /** Recordings in which it fires. */
  readonly events: number;
}

export interface FalseRollbackRate extends Bounds {
  readonly scenario: string;
  readonly recordings: number;
  readonly events: number;
  /** `guard by guard`: at most the sum over its guards, at least the largest of them. */
  readonly estimator: 'counted' | 'guard by guard';
  readonly guards: readonly GuardRate[];
}

const CONFIDENCE = 0.95;

/** `events` of the recordings ended in a false rollback. Throws RangeError for a policy that is not fast (see `isFast`). */
export function falseRollbackRate(
  scenario: string,
  policy: Policy,
  grids: readonly Grid[],
  events: number,
): FalseRollbackRate {
  const own = policy.guards.filter(({ action }) => action === 'roll-back') as SustainedGuard[];
  // The guards share the doubt.
  const confidence = 1 - (1 - CONFIDENCE) / Math.max(1, own.length);
  const guards = own.map((guard) => guardRate(guard, policy, grids, confidence));
  const recordings = grids.length;
  const [low, high] = clopperPearson(events, recordings, CONFIDENCE);
  const counted = { ratio: events / recordings, low, high };
  const low2 = Math.max(0, ...guards.map((each) => each.low));
  const high2 = Math.min(
    1,
    guards.reduce((sum, each) => sum + each.high, 0),
  );
  const isNarrower = high2 - low2 < high - low;
  const ratio =
    events > 0
      ? events / recordings
      : Math.min(
          1,
          guards.reduce((sum, each) => sum + each.ratio, 0),
        );
  const chosen = isNarrower ? { ratio, low: low2, high: high2 } : counted;
  return { scenario, recordings, events, estimator: isNarrower ? 'guard by guard' : 'counted', ...chosen, guards };
}

interface Span {
  readonly stage: number;
  readonly first: number;
  readonly last: number;
}

/** Stages in which a guard is active, as evaluations. */
function spansOf({ stages }: Guard, policy: Policy, evaluations: number): readonly Span[] {
  const { stages: scheduled, endMs } = scheduleOf(policy);
  const at = (ms: number): number => Math.round(ms / policy.evaluateEveryMs);
  return scheduled
    .map(({ name, startMs }, stage) => {
      const end = at(scheduled[stage + 1]?.startMs ?? endMs);
      return { name, stage, first: at(startMs), last: Math.min(end, evaluations) - 1 };
    })
    .filter(({ name, first, last }) => (stages === null || stages.includes(name)) && last >= first);
}

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
  const [low, high] = clopperPearson(events, grids.length, confidence);
  const counted: GuardRate = {
    guard: guard.name,
    estimator: 'counted',
    events,
    ratio: events / grids.length,
    low,
    high,
  };
  const width = Math.max(1, Math.round(guard.sustained.forMs / policy.evaluateEveryMs));
  if (guard.carryOver) return counted;
  if (guard.sustained.reading === 'every') {
    const runs = blockRuns(stretchesOf(guard, policy, grids, spans), width, confidence);
    if (runs.high - runs.low >= high - low) return counted;
    return { ...counted, ...runs, ratio: events > 0 ? counted.ratio : runs.ratio, estimator: 'block-runs' };
  }
  const looks = events > 0 ? null : looksOf(guard, policy.coverage, grids, spans, width, 1 - confidence);
  return looks === null || looks.high >= high ? counted : { ...counted, ...looks, estimator: 'binomial-looks' };
}

const stretchesOf = (
  guard: Guard,
  policy: Policy,
  grids: readonly Grid[],
  spans: readonly Span[],
): readonly (readonly (readonly boolean[])[])[] =>
  spans.map(({ stage, first, last }) =>
    grids.map((grid) => {
      const over = overOf(guard);
      over?.bind(grid, comparesPairs(guard, policy.stages[stage]!), 1);
      return Array.from({ length: last - first + 1 }, (_, i) => over?.at(first + i, 1) === OVER);
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
  const read = (arm: 'candidate' | 'baseline' | 'control') => (grid: Grid) => {
    const x = grid.prefix(channelOf(arm, segment, events));
    const n = grid.prefix(channelOf(arm, segment, trials));
    return (from: number, to: number): Count => ({ x: x[to]! - x[from]!, n: n[to]! - n[from]! });
  };
  const disjoint = (arm: 'candidate' | 'baseline' | 'control'): readonly Count[] =>
    grids
      .flatMap((grid) => {
        const count = read(arm)(grid);
        return spans.flatMap(({ first, last }) =>
          Array.from({ length: Math.floor((last - first + 1) / width) }, (_, i) =>
            count(first + i * width, first + (i + 1) * width),
          ),
        );
      })
      .filter(({ n }) => n > 0);
  // One recording's looks: the sizes hardly differ between seeds.
  const starts = spans.flatMap(({ first, last }) =>
    Array.from({ length: Math.max(0, last - first + 2 - width) }, (_, i) => first + i),
  );
  const arms = bound.kind === 'relative' ? (['candidate', bound.to] as const) : (['candidate'] as const);
  const counts = arms.map((arm) => read(arm)(grids[0]!));
  const counting = starts.filter((from) =>
    counts.every((count) => {
      const filled = Array.from({ length: width }, (_, i) => count(from + i, from + i + 1).n > 0).filter(
        Boolean,
      ).length;
      return filled >= coverage * width && count(from, from + width).n >= Math.max(1, minSamples);
    }),
  );
  const trialsAt = (arm: number): readonly number[] => counting.map((from) => counts[arm]!(from, from + width).n);
  const own = disjoint('candidate');
  const inflation = inflationOf(own);
  if (inflation === null) return null;
  const mine = ratioOf(own, alpha / 2);
  const looks = trialsAt(0).map((n) => n / inflation);
  if (bound.kind === 'absolute') {
    return { ratio: looksAbove(looks, mine.p, bound.value), low: 0, high: looksAbove(looks, mine.most, bound.value) };
  }
  const theirs = disjoint(bound.to);
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
