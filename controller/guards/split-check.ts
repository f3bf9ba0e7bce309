/**
 * Whether the router gives the candidate the share it was told to (sample-ratio mismatch): the two-arm test on the
 * requests themselves. While it fails, arms differ in more than the model, so no guard on a change against another arm can know anything.
 * Users are hashed to arms, and a hash of few users is a little uneven: below SLACK the mismatch is not called one.
 */
import { cellOf } from '../needs.ts';
import type { Stage } from '../policy.ts';
import type { Bucket, Split } from '../state.ts';
import { percent } from '../words.ts';
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

/** Why nothing can be known against another arm; null while the shares are right, or there are none. */
export function splitMismatch({ candidate, others }: Split, { weightPercent }: Stage): string | null {
  if (weightPercent <= 0 || weightPercent >= 100 || candidate + others === 0) return null;
  const share = weightPercent / 100;
  const seen = candidate / (candidate + others);
  if (Math.abs(seen / share - 1) <= SLACK) return null;
  if (logShareEvidence([candidate, others], [share, 1 - share]) < -Math.log(ALPHA)) return null;
  return `the router gives the candidate ${percent(seen * 100)} of the requests, not ${percent(weightPercent)}`;
}
