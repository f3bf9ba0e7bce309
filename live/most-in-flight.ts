import type { FaultKind, Scenario } from '../scenarios/scenario.ts';

/** How long the requests of a moment may be under way at worst, ms: everything as usual, and while something is slow or stands still. */
const USUAL_MS = 250;
const FAULTY_MS = 1500;
/** Faults that let requests pile up. */
const SLOWING: ReadonlySet<FaultKind> = new Set([
  'replica-crash',
  'replica-hang',
  'upstream-brownout',
  'feature-delay',
  'autoscaling-lag',
  'traffic-spike',
]);
const FEWEST = 32;
/** Virtual users cost memory and punctuality; a run that would need more is late, and says so. */
const MOST = 1500;

/** Requests that may be on their way at once, for a load generator that must know beforehand. */
export function mostInFlight({ faults, arms }: Scenario, peakPerSecond: number): number {
  const unloads = !arms.baseline.keepLoaded;
  const worstMs = unloads || faults.some(({ kind }) => SLOWING.has(kind)) ? FAULTY_MS : USUAL_MS;
  return Math.min(MOST, Math.max(FEWEST, Math.ceil((peakPerSecond * worstMs) / 1000)));
}
