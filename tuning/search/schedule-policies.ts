/** One policy for every way in which a space leads the traffic, the base first: what recordings are made of. */
import type { Policy } from '../../controller/policy.ts';
import { scheduleKey, scheduleOf } from '../schedule.ts';
import { schedules } from './points.ts';
import { basePolicy, policyAt, type Space } from './space.ts';

export function schedulePolicies(space: Space): readonly Policy[] {
  const found = new Map<string, Policy>();
  for (const point of schedules(space)) {
    const policy = policyAt(space, point);
    const key = policy === null ? null : scheduleKey(scheduleOf(policy));
    if (policy === null || key === null || found.has(key)) continue;
    const name = found.size === 0 ? policy.name : `${policy.name}, schedule ${found.size + 1}`;
    found.set(key, { ...policy, name });
  }
  return found.size === 0 ? [basePolicy(space)] : [...found.values()];
}
