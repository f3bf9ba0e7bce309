/** One guard at one evaluation, whatever decides it. */
import { ALL_SEGMENTS } from '../../telemetry/window.ts';
import type { GuardVerdict } from '../decision.ts';
import type { Guard, SustainedGuard } from '../policy.ts';
import type { Streak } from '../state.ts';
import { NO_STREAK } from '../state.ts';
import { NO_MEMORY, type TestMemory } from '../test-memory.ts';
import { duration } from '../words.ts';
import { everyClause, pooledClause } from './clauses.ts';
import { evaluateTest } from './evaluate-test.ts';
import { type Every, every } from './every.ts';
import { type Evidence, isEarlier } from './evidence.ts';
import { type Pooled, pooled } from './pooled.ts';
import { minimum } from './samples-needed.ts';

/** What a guard remembers from the evaluation before. */
export interface Before {
  readonly streak: Streak | undefined;
  readonly memory: TestMemory | undefined;
  /** Evaluations in a row at which it was broken. */
  readonly standing: number;
}

export interface Evaluated {
  readonly guard: Guard;
  readonly verdict: GuardVerdict;
  /** Reading `every`: the streak after this evaluation. */
  readonly streak: Streak | null;
  /** Of a test: what it has seen. */
  readonly memory: TestMemory | null;
  /** Evaluations in a row at which it was broken, this one included. */
  readonly standing: number;
  /** Windows have been missing for too long. */
  readonly dataLoss: boolean;
}

/** `mismatch`: why nothing can be known against another arm, or null. */
export function evaluate(
  guard: Guard,
  evidence: Evidence,
  before: Before,
  mismatch: string | null,
  atMs: number,
): Evaluated {
  const evaluated = once(guard, evidence, before, mismatch, atMs);
  return delayed(placed(evaluated), before, evidence.policy.evaluateEveryMs);
}

/** Says which part of the requests the verdict is about. */
function placed(evaluated: Evaluated): Evaluated {
  const { segment } = evaluated.guard;
  return segment === ALL_SEGMENTS ? evaluated : { ...evaluated, verdict: { ...evaluated.verdict, segment } };
}

function once(
  guard: Guard,
  evidence: Evidence,
  { streak, memory }: Before,
  mismatch: string | null,
  atMs: number,
): Evaluated {
  if (guard.test === null) return sustained(guard as SustainedGuard, evidence, streak ?? NO_STREAK, mismatch, atMs);
  const tested = evaluateTest(guard, guard.test, evidence, memory ?? NO_MEMORY, mismatch, atMs);
  const dataLoss = tested.memory.gap === evidence.policy.maxGap + 1;
  return { guard, ...tested, streak: null, standing: 0, dataLoss };
}

function sustained(
  guard: SustainedGuard,
  evidence: Evidence,
  before: Streak,
  mismatch: string | null,
  atMs: number,
): Evaluated {
  const { evaluateEveryMs } = evidence.policy;
  // The past has no share to keep.
  const unfit = guard.bound?.kind === 'relative' && !isEarlier(guard) ? mismatch : null;
  const judged = guard.sustained.reading === 'every' ? every(guard, evidence, before) : pooled(guard, evidence);
  const found = unfit === null ? judged : incomparable(judged);
  const { verdict, judgement } = found;
  const streak = 'streak' in found ? found.streak : null;
  return {
    guard,
    streak,
    memory: null,
    standing: 0,
    dataLoss: 'dataLoss' in found && found.dataLoss,
    verdict: {
      guard: guard.name,
      stage: evidence.stage.name,
      atMs,
      verdict,
      value: judgement.value,
      reference: judgement.reference,
      ...(judgement.scale === null ? {} : { scale: judgement.scale }),
      threshold: guard.bound === null ? null : guard.bound.kind === 'absolute' ? guard.bound.value : guard.bound.by,
      samples: judgement.samples,
      sustainedMs: streak === null ? guard.sustained.forMs : streak.trip * evaluateEveryMs,
      ...(unfit === null ? neededOf(guard, found) : {}),
      because: unfit ?? ('streak' in found ? everyClause(guard, found, evaluateEveryMs) : pooledClause(guard, found)),
    },
  };
}

/** Arms that differ in more than the model: nothing counts, neither now nor towards a streak. */
const incomparable = (found: Every | Pooled): Every | Pooled =>
  'streak' in found
    ? { ...found, verdict: 'inconclusive', streak: NO_STREAK, dataLoss: false }
    : { ...found, verdict: 'inconclusive' };

/** The samples that a guard lacks, where that is what keeps it from knowing: not that its stretch is too short, or old. */
function neededOf(guard: Guard, found: Every | Pooled): { needed?: number } {
  const { verdict, judgement } = found;
  const { samples, value, reference, referenceSamples, lacking } = judgement;
  if (verdict !== 'inconclusive' || lacking === null || samples === 0) return {};
  if ('lacking' in found && found.lacking !== lacking) return {};
  const times = (referenceSamples ?? samples) / samples;
  if (times === 0) return {};
  const needed = minimum(guard, { own: value, reference, times });
  return needed > samples ? { needed } : {};
}

/** A breach counts once it has stood for the guard's delay: the evaluation that finds it is the first. */
function delayed(evaluated: Evaluated, before: Before, evaluateEveryMs: number): Evaluated {
  const { guard, verdict } = evaluated;
  const standing = verdict.verdict === 'breach' ? before.standing + 1 : 0;
  const stoodMs = Math.max(0, standing - 1) * evaluateEveryMs;
  const sustainedMs = guard.test === null ? verdict.sustainedMs : stoodMs;
  if (standing === 0 || stoodMs >= guard.delayMs - 1e-6 * evaluateEveryMs)
    return { ...evaluated, standing, verdict: { ...verdict, sustainedMs } };
  const because = `${verdict.because}, standing for ${duration(stoodMs)} of ${duration(guard.delayMs)}`;
  return { ...evaluated, standing, verdict: { ...verdict, verdict: 'inconclusive', sustainedMs, because } };
}
