/** What a worker thread is given, and what it says. */
import type { SharedContent } from './contents.ts';
import type { JobResult } from './job.ts';
import type { Job, Plan } from './plan.ts';

export interface ThreadData {
  readonly plan: Plan;
  /** The sweep's directory. */
  readonly directory: string;
  readonly contents: readonly SharedContent[];
}

export interface ThreadOrder {
  readonly job: Job;
}

export type ThreadMessage =
  | { readonly kind: 'done'; readonly result: JobResult }
  | { readonly kind: 'failed'; readonly error: Error };
