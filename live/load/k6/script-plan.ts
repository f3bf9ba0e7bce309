/** What the k6 script is told, as JSON in one environment variable. Shared by Node and k6: erasable TypeScript, types only. */
import type { SliceIndex } from '../slice-index.ts';

export const PLAN_VARIABLE = 'COALMINE_LOAD';

export interface ScriptPlan {
  readonly url: string;
  /** Absolute folder of the slices, and their index. */
  readonly dir: string;
  readonly index: SliceIndex;
  /** Rehearsal time 0, epoch ms. */
  readonly startAtMs: number;
  readonly virtualUsers: number;
  readonly timeoutMs: number;
  /** From the start of k6 to when whatever is not sent is given up. */
  readonly maxDurationMs: number;
  /** Answers when the load is to end early, and not before. */
  readonly stopUrl: string;
}
