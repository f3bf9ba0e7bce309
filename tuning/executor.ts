/** Who does jobs: threads of this process, or workers on other machines. */
import type { JobResult } from './job.ts';
import type { Job, Plan } from './plan.ts';
import type { SweepFiles } from './sweep-files.ts';

export interface SweepExecutor {
  /** Sees to it that these jobs get done; results are kept in the sweep's directory. Hears of each, in any order. */
  run(jobs: readonly Job[], onDone: (result: JobResult) => void): Promise<void>;
  /** Ends at once, wherever the jobs are. */
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
    try {
      await doing.run(left, (result) => {
        results.set(result.key, result);
        tell(result);
      });
    } finally {
      await doing.close();
    }
  }
  return jobs.map(({ key }) => results.get(key)!);
}

/** Name of what is swept, for people. */
export const sizeOf = ({ scenarios, policies, replications }: Plan): string =>
  `${scenarios.length} scenarios × ${policies.length} policies × ${replications} replications`;
