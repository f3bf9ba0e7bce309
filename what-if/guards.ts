/** The guards a judgement depends on. */
import type { Guard, Policy } from '../controller/policy.ts';

/** Watching and alerting change nothing that is decided. */
export const decides = ({ action, requiredToAdvance }: Guard): boolean =>
  requiredToAdvance || action === 'roll-back' || action === 'pause' || action === 'hold';

/** The policy with them alone: it decides what the whole one does. */
export const decidingPart = (policy: Policy): Policy => ({ ...policy, guards: policy.guards.filter(decides) });
