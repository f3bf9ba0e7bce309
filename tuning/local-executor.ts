/** Jobs on threads of this process. */
import { type SharedContent, scoreContents } from './contents.ts';
import type { SweepExecutor } from './executor.ts';
import type { Plan } from './plan.ts';
import type { SweepFiles } from './sweep-files.ts';
import { ThreadPool } from './thread-pool.ts';

export interface LocalOptions {
  readonly workers: number;
  /** Package that runs the models. */
  readonly runtime: () => Promise<string>;
}

export async function openLocal(plan: Plan, files: SweepFiles, options: LocalOptions): Promise<SweepExecutor> {
  const contents: readonly SharedContent[] = await scoreContents(plan, options.runtime);
  const pool = new ThreadPool({ plan, directory: files.path, contents }, options.workers);
  return {
    async run(jobs, onDone, isWanted) {
      await Promise.all(
        jobs.map(async (job) => {
          const result = await pool.run(job, () => isWanted(job));
          if (result !== null) onDone(result);
        }),
      );
    },
    stop: () => pool.stop(),
    close: () => pool.close(),
  };
}
