/** How far sums of counters have come towards a guard's bound. */
import { allowedShare } from '../../controller/guards/latency.ts';
import type { Guard, Policy, SustainedGuard } from '../../controller/policy.ts';
import { type Channel, channelOf } from '../fast/channel.ts';
import { countersOf } from '../fast/over.ts';
import type { PooledGuard } from './window-bootstrap.ts';

/** A guard of either reading: so many looks at sums of `width` windows must be over one after the other. */
export interface RunGuard extends PooledGuard {
  /** 1 for `pooled`. */
  readonly run: number;
  /** Looks in a row that may say nothing before those over are forgotten. */
  readonly maxGap: number;
}

export interface Pooled {
  /** Counters of one window, in the order in which `guard` takes them. */
  readonly channels: readonly Channel[];
  readonly guard: RunGuard;
}

/** Null for guards whose sums do not tell: quantiles of histograms, changes in either direction. */
export function pooledOf(guard: SustainedGuard, policy: Policy): Pooled | null {
  const { bound, segment, minSamples, minPositives } = guard;
  const counters = countersOf(guard);
  if (bound === null || counters === null) return null;
  const windows = Math.max(1, Math.round(guard.sustained.forMs / policy.evaluateEveryMs));
  const { maxGap } = policy;
  const looks =
    guard.sustained.reading === 'every'
      ? { width: 1, needed: 0, run: windows, maxGap }
      : { width: windows, needed: policy.coverage * windows, run: 1, maxGap };
  const least = Math.max(1, minSamples);
  const { events, samples } = counters;
  const own = [channelOf('candidate', segment, events), channelOf('candidate', segment, samples)];
  if (bound.kind === 'absolute') {
    const limit = limitOf(guard, bound.value);
    const falls = bound.breachWhen.startsWith('<');
    const progress = ([x = 0, n = 0]: readonly number[]): number =>
      n < least ? Number.NaN : falls ? limit / Math.max(x / n, Number.MIN_VALUE) : x / n / limit;
    return { channels: own, guard: { ...looks, progress } };
  }
  if (bound.direction === 'either') return null;
  const other = [channelOf(bound.to, segment, events), channelOf(bound.to, segment, samples)];
  const factor = bound.direction === 'rise' ? 1 + bound.by : 1 - bound.by;
  const progress = ([x = 0, n = 0, y = 0, m = 0]: readonly number[]): number => {
    if (n < least || m < least || x < minPositives || y < minPositives || y === 0) return Number.NaN;
    const relation = x / n / (y / m);
    return bound.direction === 'rise' ? relation / factor : factor / Math.max(relation, Number.MIN_VALUE);
  };
  return { channels: [...own, ...other], guard: { ...looks, progress } };
}

/** Latency bounds are on a share: of what is slower than they allow. */
function limitOf({ metric }: Guard, value: number): number {
  if (metric.kind !== 'latency') return value;
  const { a, b } = allowedShare(metric.quantile);
  return Number(a) / Number(b);
}
