import { meanMs } from '../scenarios/mean.ts';
import type { FaultKind, Scenario } from '../scenarios/scenario.ts';

/** Faults that let requests pile up, and how long those of a moment may then be under way, ms. */
const SLOWING: ReadonlySet<FaultKind> = new Set([
  'replica-crash',
  'replica-hang',
  'upstream-brownout',
  'feature-delay',
  'autoscaling-lag',
  'traffic-spike',
]);
const PILED_UP_MS = 1500;
/** Besides what is declared: gateway, timers, and a queue that forms for a moment. */
const OVERHEAD_MS = 20;
const FEWEST = 64;
/** Virtual users cost memory and punctuality; a run that would need more is late, and says so. */
const MOST = 1500;

/**
 * Requests that may be on their way at once, for a load generator that must know beforehand. Twice the mean (Little's law, at the
 * slower arm) is far above what a Poisson number of them reaches; every one more makes k6 less punctual.
 */
export function mostInFlight({ faults, arms, features }: Scenario, peakPerSecond: number): number {
  const fetchMs = features.latency === null ? 0 : meanMs(features.latency);
  const serviceMs = Math.max(meanMs(arms.baseline.service), meanMs(arms.candidate.service));
  const pilesUp = !arms.baseline.keepLoaded || faults.some(({ kind }) => SLOWING.has(kind));
  const longMs = Math.max(2 * (serviceMs + fetchMs) + OVERHEAD_MS, pilesUp ? PILED_UP_MS : 0);
  return Math.min(MOST, Math.max(FEWEST, Math.ceil((peakPerSecond * longMs) / 1000)));
}
