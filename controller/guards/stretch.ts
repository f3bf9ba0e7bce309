/**
 * What keeps a sum over the last so many minutes from meaning anything: the stage, or the rollout when the guard carries over, is not that old
 * yet; the newest data is old; or too few of its evaluation windows have data. Traffic mends none of these.
 */
import { duration, share } from '../words.ts';
import { between, type Evidence, hasData } from './evidence.ts';
import type { Guard } from '../policy.ts';

/** The newest data may end this many evaluation windows before the decision. */
export const STALE_WINDOWS = 2;

/** Evaluation windows in a stretch of `overMs`; at least one. */
export const widthOf = ({ policy }: Evidence, overMs: number): number =>
  Math.max(1, Math.round(overMs / policy.evaluateEveryMs));

/** Why there is no such stretch; null when there is one. */
export function lackOfStretch(guard: Guard, evidence: Evidence, overMs: number): string | null {
  const { policy, index } = evidence;
  const width = widthOf(evidence, overMs);
  const first = index + 1 - width;
  const oldest = guard.carryOver ? 0 : evidence.firstOfStage;
  if (first < oldest)
    return `${duration((index + 1 - oldest) * policy.evaluateEveryMs)} of the ${duration(overMs)} it looks back`;
  const full = between(evidence, first, index).filter((bucket) => hasData(guard, evidence.stage, bucket));
  const newest = full.at(-1)?.index ?? null;
  if (newest !== null && index - newest > STALE_WINDOWS)
    return `the newest data ended ${duration((index - newest) * policy.evaluateEveryMs)} ago`;
  if (full.length < policy.coverage * width)
    return `${full.length} of ${width} windows have data, ${share(policy.coverage)} needed`;
  return null;
}
