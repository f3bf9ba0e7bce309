/** One guard at one evaluation, whichever its reading. */
import type { GuardVerdict } from '../decision.ts';
import type { Guard } from '../policy.ts';
import type { Streak } from '../state.ts';
import { everyClause, pooledClause } from './clauses.ts';
import { every } from './every.ts';
import type { Evidence } from './evidence.ts';
import { pooled } from './pooled.ts';

export interface Evaluated {
  readonly guard: Guard;
  readonly verdict: GuardVerdict;
  /** Reading `every`: the streak after this evaluation. */
  readonly streak: Streak | null;
  /** Windows have been missing for too long. */
  readonly dataLoss: boolean;
}

export function evaluate(guard: Guard, evidence: Evidence, before: Streak, atMs: number): Evaluated {
  const { evaluateEveryMs } = evidence.policy;
  const found = guard.sustained.reading === 'every' ? every(guard, evidence, before) : pooled(guard, evidence);
  const { verdict, judgement } = found;
  const streak = 'streak' in found ? found.streak : null;
  return {
    guard,
    streak,
    dataLoss: 'dataLoss' in found && found.dataLoss,
    verdict: {
      guard: guard.name,
      stage: evidence.stage.name,
      atMs,
      verdict,
      value: judgement.value,
      reference: judgement.reference,
      threshold: guard.bound === null ? null : guard.bound.kind === 'absolute' ? guard.bound.value : guard.bound.by,
      samples: judgement.samples,
      sustainedMs: streak === null ? guard.sustained.forMs : streak.trip * evaluateEveryMs,
      because: 'streak' in found ? everyClause(guard, found, evaluateEveryMs) : pooledClause(guard, found),
    },
  };
}
