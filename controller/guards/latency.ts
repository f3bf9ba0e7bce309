/**
 * Latency bounds, decided by exact exceedance counts: with nearest-rank quantiles
 * `Q(q) < T ⇔ #{latency ≥ T} ≤ n − ⌈qn⌉`, and since n − ⌈qn⌉ = ⌊(1−q)n⌋, "over" is the ratio guard x/n > 1 − q.
 */
import type { LatencyThreshold, WindowHeader } from '../../telemetry/window.ts';
import type { Bound, Guard } from '../policy.ts';
import type { Tally } from '../tally.ts';
import { compareRatio, oneMinus, type Rational, rational } from './rational.ts';
import type { Count } from './ratios.ts';

type Absolute = Extract<Bound, { kind: 'absolute' }>;

/** The counter that decides a bound: `p95 > 50` asks how many took more than 50 ms, `p95 >= 50` how many took 50 ms or more. */
export const thresholdOf = ({ breachWhen, value }: Absolute): LatencyThreshold => ({
  thresholdMs: value,
  operator: breachWhen === '>' || breachWhen === '<=' ? '>' : '>=',
});

/** The counter of a guard, or null when exceedances do not decide it. */
export function counterOf({ metric, bound }: Guard): LatencyThreshold | null {
  if (metric.kind === 'slow-ratio') return { thresholdMs: metric.thresholdMs, operator: '>' };
  return metric.kind === 'latency' && bound?.kind === 'absolute' ? thresholdOf(bound) : null;
}

export const sameThreshold = (a: LatencyThreshold, b: LatencyThreshold): boolean =>
  a.thresholdMs === b.thresholdMs && a.operator === b.operator;

/** Answers beyond the bound (and requests without an answer), out of all requests. Throws when the run does not count them. */
export function exceedances(wanted: LatencyThreshold, tally: Tally, header: WindowHeader): Count {
  const index = header.thresholds.findIndex((each) => sameThreshold(each, wanted));
  if (index < 0) throw new RangeError(`got no counter for ${wanted.operator} ${wanted.thresholdMs} ms, expected one`);
  return { events: tally.over[index] ?? 0, samples: tally.requests };
}

/** The share of requests that may be beyond the bound, 1 − q exactly. */
export const allowedShare = (quantile: number): Rational => oneMinus(rational(quantile));

/** Whether the q-quantile breaks the bound. `>` and `>=` differ in what was counted, not in this comparison. */
export function quantileBreaks(count: Count, quantile: number, bound: Absolute): boolean {
  const over = compareRatio(count.events, count.samples, allowedShare(quantile)) > 0;
  return bound.breachWhen === '>' || bound.breachWhen === '>=' ? over : !over;
}
