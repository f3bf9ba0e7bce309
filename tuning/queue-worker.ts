/**
 * Takes jobs from the queue. This process only supervises: a job is done by a thread, so that the event loop is free to keep its
 * lock, and a job is never thought dead while it is being done.
 */
import { UnrecoverableError, Worker } from 'bullmq';
import { codeVersion } from './code-version.ts';
import { scoreContents } from './contents.ts';
import { type Job, jobsOf, planHash } from './plan.ts';
import { connectionTo, expectRedis, QUEUE, type QueuedJob } from './queue.ts';
import { SweepFiles } from './sweep-files.ts';
import { ThreadPool } from './thread-pool.ts';

export interface QueueWorkerOptions {
  readonly url: string;
  readonly workers: number;
  /** Where sweeps are on this machine; null: where they are on the one that started them. */
  readonly directory: string | null;
  /** A worker that has been silent for so long is taken for dead, and its job is given to another one. */
  readonly lockMs: number;
  /** Package that runs the models. */
  readonly runtime: () => Promise<string>;
  onDone(name: string): void;
  onFailed(name: string, reason: string): void;
}

/** A sweep that jobs were taken of: its plan is read and its models are scored once. */
interface Sweep {
  readonly files: SweepFiles;
  readonly jobs: ReadonlyMap<string, Job>;
  readonly pool: ThreadPool;
}

export interface QueueWorker {
  /** Ends at once; jobs in hand are taken over by others when their locks have run out. */
  close(): Promise<void>;
}

export async function openQueueWorker(options: QueueWorkerOptions): Promise<QueueWorker> {
  const { url, workers, lockMs } = options;
  await expectRedis(url);
  const sweeps = new Map<string, Promise<Sweep>>();
  const sweepOf = (job: QueuedJob): Promise<Sweep> => {
    const key = `${job.sweep} ${job.directory}`;
    const known = sweeps.get(key) ?? open(job, options);
    sweeps.set(key, known);
    return known;
  };
  const worker = new Worker<QueuedJob>(
    QUEUE,
    async ({ data }) => {
      const { files, jobs, pool } = await sweepOf(data);
      const job = jobs.get(data.key);
      if (job === undefined) throw new UnrecoverableError(`got job ${data.key}, expected one of the plan's`);
      // Done before, by a worker that did not live to say so.
      if (files.read(job) === null) await pool.run(job);
    },
    {
      connection: connectionTo(url),
      concurrency: workers,
      lockDuration: lockMs,
      stalledInterval: lockMs / 2,
      maxStalledCount: 100,
      drainDelay: 1,
    },
  );
  worker.on('completed', ({ name }) => options.onDone(name));
  worker.on('failed', (job, error) => options.onFailed(job?.name ?? '?', error.message));
  // Redis may go away for a while: the client tries again by itself.
  worker.on('error', (error) => options.onFailed('queue', error.message));
  await worker.waitUntilReady();
  return {
    async close() {
      await worker.close(true);
      for (const sweep of sweeps.values()) await sweep.then(({ pool }) => pool.close()).catch(() => undefined);
    },
  };
}

async function open(job: QueuedJob, options: QueueWorkerOptions): Promise<Sweep> {
  const files = new SweepFiles(options.directory ?? job.directory);
  const { plan } = files.planned();
  const hash = planHash(plan);
  if (hash !== job.sweep) throw new UnrecoverableError(`got the plan ${hash} at ${files.path}, expected ${job.sweep}`);
  if (plan.code !== codeVersion())
    throw new UnrecoverableError(`got a plan of other code than this worker's: install the version that started it`);
  const contents = await scoreContents(plan, options.runtime);
  const pool = new ThreadPool({ plan, directory: files.path, contents }, options.workers);
  return { files, jobs: new Map(jobsOf(plan).map((each) => [each.key, each])), pool };
}
