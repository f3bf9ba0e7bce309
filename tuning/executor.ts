/** Who does jobs: threads of this process, or workers on other machines. */
import { canonicalJson } from '../config/hash.ts';
import type { JobResult } from './job.ts';
import type { Job, Plan } from './plan.ts';
import type { SweepFiles } from './sweep-files.ts';

export interface SweepExecutor {
  /** Sees to it that these jobs get done; results are kept in the sweep's directory. Hears of each, in any order. */
  run(jobs: readonly Job[], onDone: (result: JobResult) => void): Promise<void>;
  /** Stops as soon as may be; `run` rejects with Stopped when jobs of this process are cut short. */
  stop(): void;
  /** Ends, after `run` has. */
  close(): Promise<void>;
}

export interface SweepProgress {
  readonly done: number;
  readonly total: number;
  /** Of `done`: found done when the sweep was taken up. */
  readonly found: number;
  /** The result that has just come; null for those found. */
  readonly latest: JobResult | null;
  /** All results so far. */
  readonly results: readonly JobResult[];
}

/** Does what is left of a sweep and returns every result of `jobs`, in their order. */
export async function sweep(
  files: SweepFiles,
  jobs: readonly Job[],
  executor: () => Promise<SweepExecutor>,
  onProgress: (progress: SweepProgress) => void,
  signal?: AbortSignal,
): Promise<readonly JobResult[]> {
  const results = new Map<string, JobResult>();
  for (const job of jobs) {
    const result = files.read(job);
    if (result !== null) results.set(job.key, result);
  }
  const found = results.size;
  const tell = (latest: JobResult | null): void =>
    onProgress({ done: results.size, total: jobs.length, found, latest, results: [...results.values()] });
  tell(null);
  const left = jobs.filter(({ key }) => !results.has(key));
  if (left.length > 0) {
    const doing = await executor();
    const stop = (): void => doing.stop();
    signal?.addEventListener('abort', stop);
    try {
      signal?.throwIfAborted();
      await doing.run(left, (result) => {
        // As it is read back from its file: what is found and what is new must not differ in a byte.
        results.set(result.key, JSON.parse(canonicalJson(result)) as JobResult);
        tell(result);
      });
    } finally {
      signal?.removeEventListener('abort', stop);
      await doing.close();
    }
  }
  return jobs.map(({ key }) => results.get(key)!);
}

/** Name of what is swept, for people. */
export const sizeOf = ({ scenarios, policies, replications }: Plan): string =>
  `${scenarios.length} scenarios × ${policies.length} policies × ${replications} replications`;
