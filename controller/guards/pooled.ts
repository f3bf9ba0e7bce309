/**
 * Reading `pooled`: one value over the trailing `forMs`, v = Σx/Σn over the last W = forMs/evaluateEveryMs evaluation windows (x events, n requests;
 * for a quantile that of the merged histogram), in the metric's unit. Over when v is beyond the bound, strictly as the bound is written.
 * The sum exists only once the stage is that old, or the rollout when the guard carries over; it needs enough non-empty windows, none of
 * them stale. A moving average over counts, as in Prometheus' `increase(x[15m]) / increase(n[15m])`.
 */
import type { Verdict } from '../decision.ts';
import type { SustainedGuard } from '../policy.ts';
import { between, type Evidence, judgeOver } from './evidence.ts';
import type { Judgement } from './judge.ts';
import { lackOfStretch, widthOf } from './stretch.ts';

export interface Pooled {
  readonly verdict: Verdict;
  readonly judgement: Judgement;
  /** Why it is inconclusive; null when it is not. */
  readonly lacking: string | null;
}

export function pooled(guard: SustainedGuard, evidence: Evidence): Pooled {
  const { forMs } = guard.sustained;
  const { index } = evidence;
  const oldest = guard.carryOver ? 0 : evidence.firstOfStage;
  const judgement = judgeOver(
    guard,
    evidence,
    between(evidence, Math.max(index + 1 - widthOf(evidence, forMs), oldest), index),
  );
  const lacking = lackOfStretch(guard, evidence, forMs) ?? judgement.lacking;
  if (guard.bound === null)
    return { verdict: 'inconclusive', judgement, lacking: lacking ?? 'watched without a bound' };
  if (lacking !== null || judgement.over === null) return { verdict: 'inconclusive', judgement, lacking };
  return { verdict: judgement.over ? 'breach' : 'pass', judgement, lacking: null };
}
