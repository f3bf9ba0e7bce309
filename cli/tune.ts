import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import type { JobResult } from '../tuning/job.ts';
import type { Plan, Shard } from '../tuning/plan.ts';
import { Interrupted } from './failure.ts';
import { hostOf } from '../host.ts';
import { shardOption, wholeOption } from './options.ts';
import { planOf, type TuneOptions } from './tune-plan.ts';
import { printResult } from './tuning-output.ts';
import { sweepPrinter } from './sweep-progress.ts';

export async function tuneCommand(scenarios: readonly string[], options: TuneOptions): Promise<void> {
  const [{ SweepFiles }, { jobsIn, jobsOf, planHash }, { StopWatch }] = await Promise.all([
    import('../tuning/sweep-files.ts'),
    import('../tuning/plan.ts'),
    import('../tuning/stop.ts'),
  ]);
  const planned =
    options.resume === undefined
      ? { plan: await planOf(scenarios, options), shard: shardOption('--shard', options.shard) }
      : new SweepFiles(resolve(options.resume)).planned();
  const { plan, shard } = planned;
  const files = new SweepFiles(resolve(options.resume ?? options.out ?? placeOf(planHash(plan), shard)));
  files.begin(planned);
  const jobs = jobsIn(jobsOf(plan), shard);
  process.stderr.write(
    `${files.path}: ${plan.stop === null || shard !== null ? '' : 'up to '}${jobs.length} replications${shard === null ? '' : ` of shard ${shard.index}/${shard.count}`}\n`,
  );
  // A shard does not see the seeds of the others: it does all of its own, and `merge` stops where the answer is.
  const watch = plan.stop === null || shard !== null ? null : new StopWatch(plan, plan.stop);
  const workers = wholeOption('--workers', options.workers) ?? availableParallelism();
  const progress = sweepPrinter(process.stderr, plan, options.quiet === true);
  const [{ sweep }, { openLocal }, { finish }, { findRuntime }] = await Promise.all([
    import('../tuning/executor.ts'),
    import('../tuning/local-executor.ts'),
    import('../tuning/finish.ts'),
    import('../models/find-runtime.ts'),
  ]);
  const abort = new AbortController();
  const stop = (signal: 'SIGINT' | 'SIGTERM'): void => abort.abort(new Interrupted(signal));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const runtime = () => findRuntime({ onFetch: (what) => process.stderr.write(`${what}\n`) });
  const open = async () => {
    if (options.queue === undefined)
      return openLocal(plan, files, { workers: Math.max(1, Math.min(workers, jobs.length)), runtime });
    const { openQueue } = await import('../tuning/queue-executor.ts');
    return openQueue(options.queue, planHash(plan), files);
  };
  try {
    const results = await sweep(files, jobs, open, (now) => progress.show(now), {
      signal: abort.signal,
      watch,
    });
    progress.end();
    const finished = await finish(files, planned, results, hostOf());
    if (finished === null) printShard(shard!, files.path, jobs.length, options.json === true);
    else await printResult(finished, files.path, options.json === true);
  } catch (error) {
    const { reason } = abort.signal as { reason: unknown };
    if (!(reason instanceof Interrupted)) throw error;
    progress.end();
    if (progress.results().length > 0) await showPartial(plan, progress.results());
    process.stderr.write(`coalmine: interrupted by ${reason.signal}: ${progress.kept()}; the same command goes on\n`);
    process.exitCode = reason.exitCode;
  } finally {
    progress.end();
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}

function printShard({ index, count }: Shard, directory: string, jobs: number, json: boolean): void {
  const shard = `${index}/${count}`;
  const document = { schemaVersion: 1, shard, directory, jobs };
  process.stdout.write(json ? `${JSON.stringify(document, null, 2)}\n` : `shard ${shard} is done: ${directory}\n`);
}

/** The same command finds its own place again. */
const placeOf = (hash: string, shard: Shard | null): string =>
  `runs/tune-${hash.slice(7, 15)}${shard === null ? '' : `-${shard.index}-of-${shard.count}`}`;

/** What is known so far, for whoever has seen enough. */
async function showPartial(plan: Plan, results: readonly JobResult[]): Promise<void> {
  const [{ resultOf }, { sweepTable }] = await Promise.all([
    import('../tuning/result.ts'),
    import('../reports/sweep-table.ts'),
  ]);
  process.stderr.write(`\nSo far:\n${sweepTable(resultOf(plan, results))}\n`);
}
