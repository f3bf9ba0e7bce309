/**
 * Re-randomised A/A splits: what both arms counted in a window is dealt out anew, to each as many requests as it had, and the
 * guard judges the deal; again and again. That is what independent requests would have done under another routing of the same
 * rollout, so it holds for shares that have nothing to do with the fleet, and for those alone: whether windows scatter as independent
 * requests do, and both arms have one ratio, is asked of the recordings first.
 */
import type { Policy, SustainedGuard } from '../../controller/policy.ts';
import { Stream } from '../../sim/random.ts';
import { clopperPearson } from '../../statistics/binomial.ts';
import { hypergeometricAt } from '../../statistics/hypergeometric.ts';
import { normalTail } from '../../statistics/normal.ts';
import type { Grid } from '../fast/grid.ts';
import { type Count, inflationOf } from './binomial-looks.ts';
import type { Bounds } from './block-runs.ts';
import { pooledOf } from './pooled-progress.ts';
import { counterOn, disjoint, type Span } from './spans.ts';
import type { PooledGuard } from './window-bootstrap.ts';

/** Splits of one recording are worth no more independent rollouts than this, however many there are (measured). */
export const MOST_EFFECTIVE = 700;
const SPLITS = 250;
/** Above this, the two arms' ratios are not told apart. */
const DOUBT = 1e-3;
const METRICS: readonly string[] = ['outcome-ratio', 'error-ratio'];

/** What both arms counted in one evaluation window. */
export interface TwoArms {
  readonly own: Count;
  readonly other: Count;
}

/** Windows of one stretch after the other. */
export type SplitRecording = readonly (readonly TwoArms[])[];

/** Share of splits in which the guard is over, all recordings together, with its interval for `min(splits, 700)` rollouts per recording. */
export function splitRate(
  recordings: readonly SplitRecording[],
  guard: PooledGuard,
  { splits, confidence, random }: { readonly splits: number; readonly confidence: number; readonly random: Stream },
): Bounds {
  let fired = 0;
  for (const stretches of recordings)
    for (let i = 0; i < splits; i++) if (stretches.some((windows) => fires(windows, guard, random))) fired++;
  const ratio = fired / (splits * recordings.length);
  const effective = Math.min(splits, MOST_EFFECTIVE) * recordings.length;
  const [low, high] = clopperPearson(ratio * effective, effective, confidence);
  return { ratio, low, high };
}

/** One deal of a stretch: a trailing sum over the guard's width, window by window. */
function fires(windows: readonly TwoArms[], { width, needed, progress }: PooledGuard, random: Stream): boolean {
  const dealt = new Float64Array(windows.length);
  let [x, n, y, m] = [0, 0, 0, 0];
  for (const [t, { own, other }] of windows.entries()) {
    const marked = own.x + other.x;
    const mine = hypergeometricAt(random.next(), { population: own.n + other.n, marked, drawn: own.n });
    dealt[t] = mine;
    x += mine;
    n += own.n;
    y += marked - mine;
    m += other.n;
    const left = windows[t - width];
    if (left !== undefined) {
      x -= dealt[t - width]!;
      n -= left.own.n;
      y -= left.own.x + left.other.x - dealt[t - width]!;
      m -= left.other.n;
    }
    if (Math.min(t + 1, width) >= needed && progress([x, n, y, m]) > 1) return true;
  }
  return false;
}

/** Null where splits say nothing: another kind of guard, requests that are not independent, arms that differ. */
export function splitsOf(
  guard: SustainedGuard,
  policy: Policy,
  grids: readonly Grid[],
  spans: readonly Span[],
  confidence: number,
): Bounds | null {
  const pooled = pooledOf(guard, policy);
  const isOfBoth = METRICS.includes(guard.metric.kind) && guard.bound?.kind === 'relative';
  if (pooled === null || !isOfBoth) return null;
  const [x, n, y, m] = pooled.channels;
  const { width } = pooled.guard;
  const arms = [disjoint(grids, spans, width, x!, n!), disjoint(grids, spans, width, y!, m!)] as const;
  if (arms.some((counts) => inflationOf(counts) !== 1) || !areAlike(sumOf(arms[0]), sumOf(arms[1]))) return null;
  const recordings = grids.map((grid) => {
    const own = counterOn(grid, x!, n!);
    const other = counterOn(grid, y!, m!);
    return spans.map(({ first, last }) =>
      Array.from({ length: last - first + 1 }, (_, i): TwoArms => {
        const t = first + i;
        return { own: own(t, t + 1), other: other(t, t + 1) };
      }),
    );
  });
  return splitRate(recordings, pooled.guard, {
    splits: SPLITS,
    confidence,
    random: new Stream(`splits/${guard.name}`),
  });
}

const sumOf = (counts: readonly Count[]): Count =>
  counts.reduce((sum, each) => ({ x: sum.x + each.x, n: sum.n + each.n }), { x: 0, n: 0 });

/** Two ratios are one, as far as their counts tell. */
export function areAlike(a: Count, b: Count): boolean {
  const p = (a.x + b.x) / (a.n + b.n);
  const sd = Math.sqrt(p * (1 - p) * (1 / a.n + 1 / b.n));
  return a.n > 0 && b.n > 0 && sd > 0 && 2 * normalTail(Math.abs(a.x / a.n - b.x / b.n) / sd) > DOUBT;
}
