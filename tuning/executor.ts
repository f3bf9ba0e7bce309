/** Who does jobs: threads of this process, or workers on other machines. */
import { canonicalJson } from '../config/hash.ts';
import type { JobResult } from './job.ts';
import type { Job } from './plan.ts';
import type { StopWatch } from './stop.ts';
import type { SweepFiles } from './sweep-files.ts';

export interface SweepExecutor {
  /**
   * Sees to it that these jobs get done; results are kept in the sweep's directory. Hears of each, in any order. Jobs that are no longer wanted
   * when their turn comes are left.
   */
  run(jobs: readonly Job[], onDone: (result: JobResult) => void, isWanted: (job: Job) => boolean): Promise<void>;
  /** Stops as soon as may be; `run` rejects with Stopped when jobs of this process are cut short. */
  stop(): void;
  /** Ends, after `run` has. */
  close(): Promise<void>;
}

export interface SweepProgress {
  readonly done: number;
  /** As far as is known: fewer when a question is answered early. */
  readonly total: number;
  /** Scenarios whose question is answered, of those that are asked; null without one. */
  readonly answered: { readonly clear: number; readonly of: number } | null;
  /** Of `done`: found done when the sweep was taken up. */
  readonly found: number;
  /** The result that has just come; null for those found. */
  readonly latest: JobResult | null;
  /** All results so far. */
  readonly results: readonly JobResult[];
}

/**
 * Does what is left of a sweep and returns every result of `jobs`, in their order; with a watch, those that are wanted once all questions
 * are answered.
 */
export async function sweep(
  files: SweepFiles,
  jobs: readonly Job[],
  executor: () => Promise<SweepExecutor>,
  onProgress: (progress: SweepProgress) => void,
  { signal, watch = null }: { readonly signal?: AbortSignal; readonly watch?: StopWatch | null } = {},
): Promise<readonly JobResult[]> {
  const results = new Map<string, JobResult>();
  const keep = (result: JobResult): void => {
    results.set(result.key, result);
    watch?.add(result);
  };
  for (const job of jobs) {
    const result = files.read(job);
    if (result !== null) keep(result);
  }
  const found = new Set(results.keys());
  const isWanted = (job: Job): boolean => watch?.isWanted(job) ?? true;
  const tell = (latest: JobResult | null): void => {
    const wanted = jobs.filter(isWanted);
    onProgress({
      done: wanted.filter(({ key }) => results.has(key)).length,
      total: wanted.length,
      answered: watch?.progress ?? null,
      found: wanted.filter(({ key }) => found.has(key)).length,
      latest,
      results: [...results.values()],
    });
  };
  tell(null);
  const left = jobs.filter((job) => !results.has(job.key) && isWanted(job));
  if (left.length > 0) {
    const doing = await executor();
    const stop = (): void => doing.stop();
    signal?.addEventListener('abort', stop);
    try {
      signal?.throwIfAborted();
      // A question is asked of the seeds in their order, so that is how they are done.
      const ordered = watch === null ? left : left.toSorted((a, b) => a.replication - b.replication);
      const onDone = (result: JobResult): void => {
        // As it is read back from its file: what is found and what is new must not differ in a byte.
        keep(JSON.parse(canonicalJson(result)) as JobResult);
        tell(result);
      };
      await doing.run(ordered, onDone, isWanted);
    } finally {
      signal?.removeEventListener('abort', stop);
      await doing.close();
    }
  }
  return jobs.filter(isWanted).map(({ key }) => results.get(key)!);
}
