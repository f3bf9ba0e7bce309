import type { Policy } from '../controller/policy.ts';
import type { LogLine, Outcome } from '../outcome.ts';
import type { Window, WindowHeader } from '../telemetry/window.ts';

/** Everything a report is made from: what a run directory holds, read and checked elsewhere. */
export interface RunData {
  readonly outcome: Outcome;
  /** decisions.jsonl, in order. */
  readonly log: readonly LogLine[];
  readonly policy: Policy;
  readonly header: WindowHeader;
  /** Ascending; empty when no request was ever sent (a refused rollout). */
  readonly windows: readonly Window[];
}
