/** What a worker thread is given, and what it says. */
import type { SharedContent } from './contents.ts';
import type { JobResult } from './job.ts';
import type { Job, Plan } from './plan.ts';

export interface ThreadData {
  readonly plan: Plan;
  /** The sweep's directory. */
  readonly directory: string;
  readonly contents: readonly SharedContent[];
  /** One number in shared memory: not 0 asks threads to give up. Ending one inside a native call can abort the process. */
  readonly stop: Int32Array;
}

/** A job to do, or null: nothing more will come. */
export interface ThreadOrder {
  readonly job: Job | null;
}

export type ThreadMessage =
  | { readonly kind: 'done'; readonly result: JobResult }
  | { readonly kind: 'failed'; readonly error: Error }
  | { readonly kind: 'stopped' };

/** The job was cut short because everything stops. */
export class Stopped extends Error {
  override readonly name = 'Stopped';

  constructor() {
    super('stopped');
  }
}
