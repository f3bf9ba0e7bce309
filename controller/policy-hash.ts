/** Identity of a policy: what it decides, not how its file is written. */
import { hashOf } from '../config/hash.ts';
import type { Guard, Policy } from './policy.ts';

/** `sha256:…` of the resolved policy without its descriptions, which decide nothing. */
export const policyHash = (policy: Policy): string =>
  hashOf({ ...policy, description: null, guards: policy.guards.map(identityOf) });

/** Without what a guard does not use: settings that came later leave the identity of older policies alone. */
function identityOf({ test, delayMs, ...guard }: Guard): object {
  return { ...guard, description: null, ...(test === null ? {} : { test }), ...(delayMs === 0 ? {} : { delayMs }) };
}
