/** The same policy on a compressed schedule, for rehearsals against real servers that cannot wait for hours. */
import { scaleTest } from './guard-tests.ts';
import type { Policy } from './policy.ts';

/**
 * Every duration of the schedule divided by `timeScale`: holds, extensions, sustained stretches, the evaluation window.
 * What physics sets stays: latency bounds, and the rollback's deadline and verification, since draining and loading a model take
 * as long as they take. Minimum samples stay as well: a compressed rehearsal that sees too little turns inconclusive instead
 * of confident. Throws RangeError when `timeScale` is not a finite number above 0.
 */
export function scalePolicy(policy: Policy, timeScale: number): Policy {
  if (!(timeScale > 0 && Number.isFinite(timeScale)))
    throw new RangeError(`got a time scale of ${timeScale}, expected a finite number above 0`);
  return {
    ...policy,
    evaluateEveryMs: policy.evaluateEveryMs / timeScale,
    stages: policy.stages.map((stage) => ({
      ...stage,
      holdMs: stage.holdMs / timeScale,
      extendMs: stage.extendMs / timeScale,
    })),
    guards: policy.guards.map((guard) => ({
      ...guard,
      sustained: guard.sustained === null ? null : { ...guard.sustained, forMs: guard.sustained.forMs / timeScale },
      test: guard.test === null ? null : scaleTest(guard.test, timeScale),
      delayMs: guard.delayMs / timeScale,
    })),
  };
}
