/** How far sums of counters have come towards a pooled guard's bound. */
import { allowedShare } from '../../controller/guards/latency.ts';
import type { Guard, Policy, SustainedGuard } from '../../controller/policy.ts';
import { type Channel, channelOf } from '../fast/channel.ts';
import { countersOf } from '../fast/over.ts';
import type { PooledGuard } from './window-bootstrap.ts';

export interface Pooled {
  /** Counters of one window, in the order in which `guard` takes them. */
  readonly channels: readonly Channel[];
  readonly guard: PooledGuard;
}

/** Null for guards whose sums do not tell: quantiles of histograms, changes in either direction. */
export function pooledOf(guard: SustainedGuard, policy: Policy): Pooled | null {
  const { bound, segment, minSamples, minPositives } = guard;
  const counters = countersOf(guard);
  if (bound === null || counters === null) return null;
  const width = Math.max(1, Math.round(guard.sustained.forMs / policy.evaluateEveryMs));
  const needed = Math.max(1, Math.ceil(policy.coverage * width));
  const least = Math.max(1, minSamples);
  const { events, samples } = counters;
  const own = [channelOf('candidate', segment, events), channelOf('candidate', segment, samples)];
  if (bound.kind === 'absolute') {
    const limit = limitOf(guard, bound.value);
    const falls = bound.breachWhen.startsWith('<');
    const progress = ([x = 0, n = 0]: readonly number[]): number =>
      n < least ? 0 : falls ? limit / Math.max(x / n, Number.MIN_VALUE) : x / n / limit;
    return { channels: own, guard: { width, needed, progress } };
  }
  if (bound.direction === 'either') return null;
  const other = [channelOf(bound.to, segment, events), channelOf(bound.to, segment, samples)];
  const factor = bound.direction === 'rise' ? 1 + bound.by : 1 - bound.by;
  const progress = ([x = 0, n = 0, y = 0, m = 0]: readonly number[]): number => {
    if (n < least || m < least || x < minPositives || y < minPositives || y === 0) return 0;
    const relation = x / n / (y / m);
    return bound.direction === 'rise' ? relation / factor : factor / Math.max(relation, Number.MIN_VALUE);
  };
  return { channels: [...own, ...other], guard: { width, needed, progress } };
}

/** Latency bounds are on a share: of what is slower than they allow. */
function limitOf({ metric }: Guard, value: number): number {
  if (metric.kind !== 'latency') return value;
  const { a, b } = allowedShare(metric.quantile);
  return Number(a) / Number(b);
}
