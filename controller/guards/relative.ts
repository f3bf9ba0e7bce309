/**
 * Bounds on the change against another arm over the same windows: d̂ = (v_c − v_k)/|v_k|, v the metric's value (any unit, which cancels), c the
 * candidate, k the other arm. Of ratios v = x/n of x events in n requests the comparison is made in whole numbers:
 * x_c n_k against (1 ± by) x_k n_c, so that exactly "by" is no breach. Of a score that may be negative, or whose reference is 0, |v_k| says
 * nothing: there the change is in interquartile ranges of the reference arm, d̂ = (v_c − v_k)/(Q_k(0.75) − Q_k(0.25)).
 */
import type { Bound } from '../policy.ts';
import { compareRelative, oneMinus, onePlus, rational } from './rational.ts';
import type { Count } from './ratios.ts';

type Relative = Extract<Bound, { kind: 'relative' }>;

/** (value − reference)/scale, which is |reference| unless given; null when either is unknown or there is nothing to relate to. */
export function changeOf(value: number | null, reference: number | null, scale: number | null = null): number | null {
  if (value === null || reference === null || !Number.isFinite(reference)) return null;
  const unit = scale ?? Math.abs(reference);
  return unit === 0 ? null : (value - reference) / unit;
}

/** Whether a change breaks the bound, strictly. */
export function changeBreaks(change: number, { direction, by }: Relative): boolean {
  return (direction !== 'drop' && change > by) || (direction !== 'rise' && change < -by);
}

/** The same for two ratios of counts, in integers; null when the reference has no event. */
export function ratioChangeBreaks(candidate: Count, reference: Count, { direction, by }: Relative): boolean | null {
  if (candidate.samples === 0 || reference.samples === 0 || reference.events === 0) return null;
  const against = (bound: ReturnType<typeof rational>): number =>
    compareRelative(candidate.events, candidate.samples, reference.events, reference.samples, bound);
  const limit = rational(by);
  return (
    (direction !== 'drop' && against(onePlus(limit)) > 0) || (direction !== 'rise' && against(oneMinus(limit)) < 0)
  );
}
