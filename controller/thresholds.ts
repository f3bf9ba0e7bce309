/** The exceedance counters a policy needs, which a world must keep from the first request on. */
import type { LatencyThreshold } from '../telemetry/window.ts';
import { counterOf, sameThreshold } from './guards/latency.ts';
import type { Policy } from './policy.ts';

/** Distinct counters of the policy's latency bounds, by time and then `>` before `>=`: the same list on every machine. */
export function thresholdsOf(policy: Policy): LatencyThreshold[] {
  const distinct: LatencyThreshold[] = [];
  for (const guard of policy.guards) {
    const counter = counterOf(guard);
    if (counter !== null && !distinct.some((each) => sameThreshold(each, counter))) distinct.push(counter);
  }
  return distinct.toSorted((a, b) => a.thresholdMs - b.thresholdMs || a.operator.length - b.operator.length);
}
