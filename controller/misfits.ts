/** Whether a run's windows hold what a policy reads. */
import { ALL_SEGMENTS, type WindowHeader } from '../telemetry/window.ts';
import { counterOf, sameThreshold } from './guards/latency.ts';
import { armsOf, tellsUsersApart } from './needs.ts';
import type { Guard, Policy } from './policy.ts';

/** One sentence per thing the policy reads and the run does not record; empty when they fit. */
export function misfits(policy: Policy, header: WindowHeader): readonly string[] {
  const found: string[] = [];
  for (const guard of policy.guards) {
    const counter = counterOf(guard);
    if (counter !== null && !header.thresholds.some((each) => sameThreshold(each, counter)))
      found.push(
        `guard ${guard.name} needs the exact count of answers ${counter.operator} ${counter.thresholdMs} ms, which this run does not keep`,
      );
    if (!header.segments.includes(guard.segment))
      found.push(
        `guard ${guard.name} reads segment '${guard.segment}', expected one of: ${header.segments.join(', ')}`,
      );
    found.push(...measureMisfits(guard, header));
    if (tellsUsersApart(guard) && header.userClusters === undefined)
      found.push(`guard ${guard.name} needs labels by user, which this run does not keep`);
    for (const arm of armsOf(guard))
      if (!header.arms.includes(arm))
        found.push(`guard ${guard.name} reads arm '${arm}', expected one of: ${header.arms.join(', ')}`);
  }
  for (const { name, segments = [] } of policy.stages)
    for (const segment of segments)
      if (segment === ALL_SEGMENTS || !header.segments.includes(segment))
        found.push(
          `stage ${name} is about segment '${segment}', expected one of: ${header.segments.slice(1).join(', ') || 'none, since this run has no segments'}`,
        );
  return found;
}

/** A measure must be one of the run's; one of pairs has no arm to compare it with. */
function measureMisfits({ name, metric, bound }: Guard, { measures = [], pairMeasures = [] }: WindowHeader): string[] {
  if (metric.kind !== 'measure') return [];
  const isOfPairs = pairMeasures.some((each) => each.name === metric.name);
  const known = [...measures, ...pairMeasures].map((each) => each.name);
  if (!known.includes(metric.name)) {
    const rule = known.length === 0 ? 'a scenario that measures something' : `one of: ${known.join(', ')}`;
    return [`guard ${name} reads measure '${metric.name}', which this run does not have, expected ${rule}`];
  }
  return isOfPairs && bound?.kind === 'relative'
    ? [
        `guard ${name} compares '${metric.name}' with ${bound.to}, expected an absolute bound: it compares both arms already`,
      ]
    : [];
}
