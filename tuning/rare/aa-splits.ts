/**
 * Re-randomised A/A splits: what both arms counted in a window is dealt out anew, to each as many requests as it had, and the
 * guard judges the deal; again and again. That is what independent requests would have done under another routing of the same
 * rollout, so it holds for shares that have nothing to do with the fleet, and for those alone: whether windows scatter as independent
 * requests do, and both arms have one ratio, is asked of the recordings first.
 */
import type { Guard, Policy, SustainedGuard } from '../../controller/policy.ts';
import { Stream } from '../../sim/random.ts';
import { clopperPearson } from '../../statistics/binomial.ts';
import { hypergeometricAt } from '../../statistics/hypergeometric.ts';
import { normalTail } from '../../statistics/normal.ts';
import type { Grid } from '../fast/grid.ts';
import { mismatchesOf } from '../fast/split.ts';
import { type Count, inflationOf } from './binomial-looks.ts';
import type { Bounds } from './block-runs.ts';
import { type Pooled, pooledOf, type RunGuard } from './pooled-progress.ts';
import { counterOn, disjoint, type Span } from './spans.ts';
import { isThere, OVER } from './window-bootstrap.ts';

/**
 * Splits of one recording are worth no more independent rollouts than this, however many there are: each deals the same totals. Measured; it takes
 * FEWEST_EVENTS, since of few events it is the totals that decide.
 */
export const MOST_EFFECTIVE = 700;
/** Events of either arm in the sums a guard looks at, on average; with ten, a recording is at times worth fifty rollouts. */
export const FEWEST_EVENTS = 50;
const SPLITS = 250;
/** Above this, the two arms' ratios are not told apart. */
const DOUBT = 1e-3;
const METRICS: readonly string[] = ['outcome-ratio', 'error-ratio'];

/** What both arms counted in one evaluation window. */
export interface TwoArms {
  readonly own: Count;
  readonly other: Count;
  /** The router did not keep the stage's shares: whatever was counted, the guard forgets it. */
  readonly isOff: boolean;
}

/** Windows of one stretch after the other. */
export type SplitRecording = readonly (readonly TwoArms[])[];

/** Rollouts that a recording is worth: the splits scatter, and what they all deal out scatters too. */
const worthOf = (splits: number): number => 1 / (1 / splits + 1 / MOST_EFFECTIVE);

/** Share of splits in which the guard is over, all recordings together, with its interval for the rollouts that they are worth. */
export function splitRate(
  recordings: readonly SplitRecording[],
  guard: RunGuard,
  { splits, confidence, random }: { readonly splits: number; readonly confidence: number; readonly random: Stream },
): Bounds {
  let fired = 0;
  for (const stretches of recordings)
    for (let i = 0; i < splits; i++)
      if (stretches.some((windows) => isOverIn(windows, guard, (window) => deal(window, random)))) fired++;
  const ratio = fired / (splits * recordings.length);
  const effective = worthOf(splits) * recordings.length;
  const [low, high] = clopperPearson(ratio * effective, effective, confidence);
  return { ratio, low, high };
}

/** The candidate's events, were its requests drawn from those of both arms. */
const deal = ({ own, other }: TwoArms, random: Stream): number =>
  hypergeometricAt(random.next(), { population: own.n + other.n, marked: own.x + other.x, drawn: own.n });

/** Whether the guard is over somewhere in a stretch of which the candidate has so many events (`mine`), window by window, and the other arm the rest. */
export function isOverIn(windows: readonly TwoArms[], guard: RunGuard, mine: (window: TwoArms) => number): boolean {
  const { width, run, maxGap, progress } = guard;
  const dealt = new Float64Array(windows.length);
  let [x, n, y, m] = [0, 0, 0, 0];
  let [full, newest] = [0, -Infinity];
  let [streak, gap] = [0, 0];
  const add = (t: number, sign: 1 | -1): void => {
    const { own, other } = windows[t]!;
    x += sign * dealt[t]!;
    n += sign * own.n;
    y += sign * (own.x + other.x - dealt[t]!);
    m += sign * other.n;
    if (hasData(windows[t]!)) full += sign;
  };
  for (const [t, window] of windows.entries()) {
    dealt[t] = mine(window);
    add(t, 1);
    if (t >= width) add(t - width, -1);
    if (hasData(window)) newest = t;
    const far = isThere(t, { windows: t + 1, full, newest }, guard) ? progress([x, n, y, m]) : Number.NaN;
    if (window.isOff) streak = gap = 0;
    else if (Number.isNaN(far)) {
      if (++gap > maxGap) streak = 0;
    } else {
      gap = 0;
      streak = far > OVER ? streak + 1 : 0;
      if (streak >= run) return true;
    }
  }
  return false;
}

const hasData = ({ own, other }: TwoArms): boolean => own.n > 0 && other.n > 0;

/** Guards on shares that have nothing to do with the fleet, relative to another arm. */
export const mayBeSplit = ({ metric, bound }: Guard): boolean =>
  METRICS.includes(metric.kind) && bound?.kind === 'relative' && bound.direction !== 'either';

/** Null where splits say nothing: another kind of guard, requests that are not independent, arms that differ, too few events. */
export function splitsOf(
  guard: SustainedGuard,
  policy: Policy,
  grids: readonly Grid[],
  spans: readonly Span[],
  confidence: number,
): Bounds | null {
  const pooled = pooledOf(guard, policy);
  if (pooled === null || !mayBeSplit(guard)) return null;
  const [x, n, y, m] = pooled.channels;
  const { width, run } = pooled.guard;
  const armsIn = (windows: number) =>
    [disjoint(grids, spans, windows, x!, n!), disjoint(grids, spans, windows, y!, m!)] as const;
  const arms = armsIn(width * run);
  if (arms.some((counts) => inflationOf(counts) !== 1) || !areAlike(sumOf(arms[0]), sumOf(arms[1]))) return null;
  if (armsIn(width).some((looks) => sumOf(looks).x < FEWEST_EVENTS * looks.length)) return null;
  return splitRate(
    grids.map((grid) => armsOf(pooled, policy, grid, spans)),
    pooled.guard,
    { splits: SPLITS, confidence, random: new Stream(`splits/${guard.name}`) },
  );
}

/** What both arms of a recording counted, stretch by stretch. */
export const armsOf = ({ channels }: Pooled, policy: Policy, grid: Grid, spans: readonly Span[]): SplitRecording => {
  const [x, n, y, m] = channels;
  const own = counterOn(grid, x!, n!);
  const other = counterOn(grid, y!, m!);
  return spans.map(({ stage, first, last }) => {
    const off = mismatchesOf(grid, policy.stages[stage]!, first, last);
    return Array.from({ length: last - first + 1 }, (_, i): TwoArms => {
      const t = first + i;
      return { own: own(t, t + 1), other: other(t, t + 1), isOff: off !== null && off[i] === 1 };
    });
  });
};

const sumOf = (counts: readonly Count[]): Count =>
  counts.reduce((sum, each) => ({ x: sum.x + each.x, n: sum.n + each.n }), { x: 0, n: 0 });

/** Two ratios are one, as far as their counts tell. */
export function areAlike(a: Count, b: Count): boolean {
  const p = (a.x + b.x) / (a.n + b.n);
  const sd = Math.sqrt(p * (1 - p) * (1 / a.n + 1 / b.n));
  return a.n > 0 && b.n > 0 && sd > 0 && 2 * normalTail(Math.abs(a.x / a.n - b.x / b.n) / sd) > DOUBT;
}
