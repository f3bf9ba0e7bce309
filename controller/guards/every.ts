/**
 * Reading `every`: breach when v_t = x_t/n_t is over the bound in each of the last k = forMs/evaluateEveryMs evaluation windows t, pass when it is under
 * in each (x_t events of n_t requests of the window, v_t in the metric's unit; a quantile likewise). Of windows that are over with
 * probability p independently, a run of k among m has the probability of statistics/run-length.ts (Feller, An Introduction to
 * Probability Theory, vol. 1, ch. XIII.7). A missing window freezes the trip streak
 * and resets the hold streak; a gap of more than `maxGap` windows resets both, since nobody knows what happened in it.
 */
import type { Verdict } from '../decision.ts';
import type { SustainedGuard } from '../policy.ts';
import { NO_STREAK, type Streak } from '../state.ts';
import { between, type Evidence, judgeOver } from './evidence.ts';
import type { Judgement } from './judge.ts';

export interface Every {
  readonly verdict: Verdict;
  readonly streak: Streak;
  /** The latest evaluation window. */
  readonly judgement: Judgement;
  /** Windows in a row that the bound asks for. */
  readonly needed: number;
  /** The gap has just become too long. */
  readonly dataLoss: boolean;
}

/** What one evaluation window does to a streak; null is a missing one. */
export function advanceStreak(streak: Streak, over: boolean | null, samples: number, maxGap: number): Streak {
  if (over === null) {
    const gap = streak.gap + 1;
    return gap > maxGap
      ? { ...NO_STREAK, gap }
      : { ...streak, hold: 0, gap, samples: streak.trip > 0 ? streak.samples : 0 };
  }
  const same = over ? streak.trip > 0 : streak.hold > 0;
  return {
    trip: over ? streak.trip + 1 : 0,
    hold: over ? 0 : streak.hold + 1,
    gap: 0,
    samples: (same ? streak.samples : 0) + samples,
  };
}

export function every(guard: SustainedGuard, evidence: Evidence, before: Streak): Every {
  const { policy, index } = evidence;
  const judgement = judgeOver(guard, evidence, between(evidence, index, index));
  // Without a bound there is nothing to be over, which is not the same as missing.
  const streak =
    guard.bound === null ? before : advanceStreak(before, judgement.over, judgement.samples, policy.maxGap);
  const needed = Math.max(1, Math.round(guard.sustained.forMs / policy.evaluateEveryMs));
  // A frozen streak waits: only a window that is there can complete it.
  const verdict =
    judgement.over === true && streak.trip >= needed
      ? 'breach'
      : judgement.over === false && streak.hold >= needed
        ? 'pass'
        : 'inconclusive';
  return { verdict, streak, judgement, needed, dataLoss: streak.gap === policy.maxGap + 1 };
}
