/** Bounds on the change against another arm over the same windows: value/reference − 1 (statistics §5). */
import type { Bound } from '../policy.ts';
import { compareRelative, oneMinus, onePlus, rational } from './rational.ts';
import type { Count } from './ratios.ts';

type Relative = Extract<Bound, { kind: 'relative' }>;

/** (value − reference)/|reference|; null when either is unknown or there is nothing to relate to. */
export function changeOf(value: number | null, reference: number | null): number | null {
  if (value === null || reference === null || reference === 0 || !Number.isFinite(reference)) return null;
  return (value - reference) / Math.abs(reference);
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
