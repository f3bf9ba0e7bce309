/**
 * Whether the router gives the candidate the share it was told to (sample-ratio mismatch): the two-arm test on the
 * requests themselves. While it fails, arms differ in more than the model, so no guard on a change against another arm can know anything.
 * Below SLACK the mismatch is not called one.
 *
 * What is shared out are users, each with all of their requests. N users, each about as busy as the others, who are hashed to the candidate
 * with probability w give it a share of the requests with a variance of about w(1 − w)(1/N + 1/n), n the requests: that of
 * 1/(1/N + 1/n) independent observations, however many requests there are. A share that so many could have by chance (Clopper and
 * Pearson at ALPHA) is no mismatch either.
 */
import { clopperPearson } from '../../statistics/binomial.ts';
import { cellOf } from '../needs.ts';
import type { Stage } from '../policy.ts';
import type { Bucket, Split } from '../state.ts';
import { percent, whole } from '../words.ts';
import { logShareEvidence } from './arm-evidence.ts';

const ALPHA = 1e-4;
const SLACK = 0.05;

/** The requests of the stage so far, with those of the evaluation window that has just ended. */
export function splitAfter(before: Split, bucket: Bucket | undefined): Split {
  let { candidate, others } = before;
  for (const [cell, tally] of Object.entries(bucket?.cells ?? {})) {
    const toUsers = tally.arrived - tally.arrivedMirrored;
    if (cell === cellOf('candidate', 'all')) candidate += toUsers;
    else if (cell === cellOf('baseline', 'all') || cell === cellOf('control', 'all')) others += toUsers;
  }
  return { candidate, others };
}

/**
 * Why nothing can be known against another arm; null while the shares are right, or there are none. `users`: among how many they are
 * shared out, where those are few.
 */
export function splitMismatch(
  { candidate, others }: Split,
  { weightPercent }: Stage,
  users: number | undefined,
): string | null {
  if (weightPercent <= 0 || weightPercent >= 100 || candidate + others === 0) return null;
  const share = weightPercent / 100;
  const seen = candidate / (candidate + others);
  if (Math.abs(seen / share - 1) <= SLACK) return null;
  if (logShareEvidence([candidate, others], [share, 1 - share]) < -Math.log(ALPHA)) return null;
  if (users !== undefined && byChance(seen, share, users, candidate + others)) return null;
  const few = users === undefined ? '' : `, more than ${whole(users)} users explain`;
  return `the router gives the candidate ${percent(seen * 100)} of the requests, not ${percent(weightPercent)}${few}`;
}

/** Whether users who are each hashed to the candidate with probability `share` may well have `seen` of the requests. */
function byChance(seen: number, share: number, users: number, requests: number): boolean {
  const units = Math.max(1, Math.round(1 / (1 / users + 1 / requests)));
  const [low, high] = clopperPearson(Math.round(seen * units), units, 1 - ALPHA);
  return share >= low && share <= high;
}
