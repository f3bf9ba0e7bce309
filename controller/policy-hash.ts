/** Identity of a policy: what it decides, not how its file is written. */
import { hashOf } from '../config/hash.ts';
import type { Policy } from './policy.ts';

/** `sha256:…` of the resolved policy without its descriptions, which decide nothing. */
export const policyHash = (policy: Policy): string =>
  hashOf({
    ...policy,
    description: null,
    guards: policy.guards.map((guard) => ({ ...guard, description: null })),
  });
