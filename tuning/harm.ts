/** What a policy's hesitation cost users, from a recording: the same sums as in a rehearsal's outcome, up to the decision. */
import type { Policy } from '../controller/policy.ts';
import { thresholdsOf } from '../controller/thresholds.ts';
import { Harm as HarmSum } from '../ledger.ts';
import type { Outcome } from '../outcome.ts';
import type { Recording } from '../telemetry/recording.ts';

export type Harm = Outcome['harm'];

/** Slow is what is beyond the tightest of the policy's own latency bounds, whatever else the recording counts. */
export function harmUntil({ header, windows }: Recording, policy: Policy, untilMs: number): Harm {
  const own = thresholdsOf(policy);
  const sum = new HarmSum(header.thresholds, own);
  for (const { endMs, rows } of windows) {
    // A window that is open at the decision belongs to it, as in a rehearsal.
    if (endMs - header.windowMs >= untilMs - 1e-6) break;
    sum.add(rows);
  }
  return sum.close();
}
