/**
 * A change of outcome ratios whose standard error comes from the scatter between users. One user's impressions are alike, so
 * that many of them say little more than a few, and a standard error that takes them for independent calls differences between
 * users differences between arms. In each arm R = Σy/Σz over clusters of users with se(R) of statistics/clustered.ts; se(ln R) = se(R)/R, and
 * both arms add: se(ℓ̂)² = (se_c/R_c)² + (se_k/R_k)². The radius is that of every other confidence sequence. It is asymptotic in the
 * number of clusters as that is in the number of events, so it wants fifty of them in each arm.
 */
import { clusteredRatio } from '../../statistics/clustered.ts';
import { NO_CLUSTERS } from '../../telemetry/clusters.ts';
import type { Arm } from '../../telemetry/window.ts';
import type { RatioSequence } from '../guard-tests.ts';
import { whole } from '../words.ts';
import { changeSequence } from './change-sequence.ts';
import { type Case, type Tested, unknown } from './test-case.ts';

/** Below this many clusters in an arm their scatter is not known. */
const FEWEST = 50;

/** `change`: ℓ̂; `n`: impressions of both arms. */
export function byUser(c: Case<RatioSequence>, change: number, n: number): Tested {
  const { guard, memory } = c;
  if (guard.bound?.kind !== 'relative') return unknown('nothing to compare with');
  const of = (arm: Arm) => {
    const { outcomes, impressions } = memory.sums[arm]?.users ?? NO_CLUSTERS;
    return clusteredRatio({ events: outcomes, samples: impressions });
  };
  const [own, reference] = [of('candidate'), of(guard.bound.to)];
  const fewest = Math.min(own?.clusters ?? 0, reference?.clusters ?? 0);
  if (own === null || reference === null || fewest < FEWEST)
    return unknown(`${whole(fewest)} of ${FEWEST} groups of users in the smaller arm`);
  const standardError = Math.hypot(own.standardError / own.ratio, reference.standardError / reference.ratio);
  const tested = changeSequence(c, { value: change, standardError }, n);
  return { ...tested, words: `${tested.words}, by ${whole(fewest)} groups of users` };
}
