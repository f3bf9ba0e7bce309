/** What is allowed in a scenario, but likely to surprise. */
import type { Issue } from '../config/issues.ts';
import type { Places } from '../config/places.ts';
import type { ScenarioForm } from './schema/scenario.ts';

/** Fleets of at least this many slots keep a small fleet's waiting out of the 95th percentile. */
const ENOUGH_SLOTS = 8;

/**
 * 95th percentile, ms, of pooled fleets of c one-slot servers at utilisation 0.5, 0.6, 0.7, 0.8: Poisson arrivals and a
 * lognormal service of mean 20 ms and sigma 0.35, whose own p95 is 33.5 ms.
 */
const SMALL_FLEET_P95: readonly (readonly [slots: number, p95: readonly number[]])[] = [
  [1, [69.7, 86.9, 115.4, 171.7]],
  [2, [45, 52.8, 66.4, 94.4]],
  [3, [38.5, 42.9, 51.3, 69.2]],
  [4, [36, 38.9, 44.4, 57.1]],
];

/** Warnings, in the form of issues that nobody has to mend. */
export function warningsOf({ arms }: ScenarioForm, places: Places): Issue[] {
  const { replicas, slotsPerReplica, autoscaler } = arms.candidate;
  const slots = Math.min(replicas, autoscaler?.minReplicas ?? replicas) * slotsPerReplica;
  if (slots >= ENOUGH_SLOTS) return [];
  const [known, p95] = SMALL_FLEET_P95.findLast(([each]) => each <= slots) ?? [1, []];
  const row = p95.map((ms, i) => `${ms} ms at utilisation 0.${5 + i}`).join(', ');
  const message =
    `got ${slots} slots in the candidate's fleet, better ${ENOUGH_SLOTS} or more: a service whose own p95 is 33.5 ms ` +
    `has, on ${known} slots, a p95 of ${row}, so a healthy candidate may break a latency guard`;
  return [places.issue(['arms', 'candidate', 'replicas'], message)];
}
