/**
 * Reading `pooled`: one value over the trailing `forMs` (statistics §3). The sum exists only once the stage is that old, or the
 * rollout when the guard carries over; it needs enough non-empty windows, none of them stale.
 */
import type { Verdict } from '../decision.ts';
import type { SustainedGuard } from '../policy.ts';
import { duration, share } from '../words.ts';
import { between, type Evidence, hasData, judgeOver } from './evidence.ts';
import type { Judgement } from './judge.ts';

/** The newest data may end this many evaluation windows before the decision (statistics §2.7). */
export const STALE_WINDOWS = 2;

export interface Pooled {
  readonly verdict: Verdict;
  readonly judgement: Judgement;
  /** Why it is inconclusive; null when it is not. */
  readonly lacking: string | null;
}

export function pooled(guard: SustainedGuard, evidence: Evidence): Pooled {
  const { policy, index } = evidence;
  const width = Math.max(1, Math.round(guard.sustained.forMs / policy.evaluateEveryMs));
  const first = index + 1 - width;
  const oldest = guard.carryOver ? 0 : evidence.firstOfStage;
  const inside = between(evidence, Math.max(first, oldest), index);
  const judgement = judgeOver(guard, evidence, inside);
  const lacking = lackOf(guard, evidence, inside, first - oldest, width) ?? judgement.lacking;
  if (guard.bound === null)
    return { verdict: 'inconclusive', judgement, lacking: lacking ?? 'watched without a bound' };
  if (lacking !== null || judgement.over === null) return { verdict: 'inconclusive', judgement, lacking };
  return { verdict: judgement.over ? 'breach' : 'pass', judgement, lacking: null };
}

function lackOf(
  guard: SustainedGuard,
  evidence: Evidence,
  inside: Evidence['buckets'],
  spare: number,
  width: number,
): string | null {
  const { policy, index } = evidence;
  if (spare < 0) {
    const known = duration((width + spare) * policy.evaluateEveryMs);
    return `${known} of the ${duration(guard.sustained.forMs)} it looks back`;
  }
  const full = inside.filter((bucket) => hasData(guard, evidence.stage, bucket));
  const newest = full.at(-1)?.index ?? null;
  if (newest === null) return null;
  if (index - newest > STALE_WINDOWS)
    return `the newest data ended ${duration((index - newest) * policy.evaluateEveryMs)} ago`;
  if (full.length < policy.coverage * width)
    return `${full.length} of ${width} windows have data, ${share(policy.coverage)} needed`;
  return null;
}
