/**
 * Jobs for whoever takes them from the queue. What is done is what lies in the sweep's directory: the queue may tell twice, late or
 * never, so results are looked for there.
 */
import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import type { Queue } from 'bullmq';
import type { SweepExecutor } from './executor.ts';
import { Stopped } from './job-messages.ts';
import type { JobResult } from './job.ts';
import type { Job } from './plan.ts';
import { connectionTo, expectRedis, QUEUE, queueId, type QueuedJob } from './queue.ts';
import type { SweepFiles } from './sweep-files.ts';

/** Looks for results this often; for failures every so many looks. */
const LOOK_MS = 250;
const LOOKS_PER_CHECK = 20;
const JOBS_AT_A_TIME = 500;
/** A job that throws is tried so often, since a machine may be out of memory or disk. */
const ATTEMPTS = 3;
/** Finished jobs are remembered this long, for people who look. */
const KEPT_S = 3600;

export async function openQueue(url: string, sweep: string, files: SweepFiles): Promise<SweepExecutor> {
  await expectRedis(url);
  const { Queue: BullQueue } = await import('bullmq');
  const queue: Queue<QueuedJob> = new BullQueue(QUEUE, { connection: connectionTo(url) });
  const stopping = new AbortController();
  return {
    async run(jobs, onDone, isWanted) {
      for (let i = 0; i < jobs.length; i += JOBS_AT_A_TIME)
        await submit(queue, jobs.slice(i, i + JOBS_AT_A_TIME), sweep, files.path);
      await collect(queue, files, jobs, { onDone, isWanted, signal: stopping.signal });
    },
    // Jobs that are queued stay so: workers go on, and the same command finds what they did.
    stop: () => stopping.abort(new Stopped()),
    close: () => queue.close(),
  };
}

async function submit(queue: Queue<QueuedJob>, jobs: readonly Job[], sweep: string, directory: string): Promise<void> {
  // A finished job would keep its number from being added, and its result is not there: it was removed, or never came.
  await Promise.all(
    jobs.map(async ({ key }) => {
      const before = await queue.getJob(queueId(key));
      if (before !== undefined && ((await before.isCompleted()) || (await before.isFailed()))) await before.remove();
    }),
  );
  await queue.addBulk(
    jobs.map(({ key, name }) => ({
      name,
      data: { sweep, directory, key },
      opts: {
        jobId: queueId(key),
        attempts: ATTEMPTS,
        backoff: { type: 'exponential', delay: 1000 },
        removeOnComplete: { age: KEPT_S },
        removeOnFail: { age: KEPT_S },
      },
    })),
  );
}

interface Collecting {
  readonly onDone: (result: JobResult) => void;
  readonly isWanted: (job: Job) => boolean;
  readonly signal: AbortSignal;
}

/** Waits for every result that is wanted, and takes the other jobs back. Rejects when a job has failed for good. */
async function collect(
  queue: Queue<QueuedJob>,
  files: SweepFiles,
  jobs: readonly Job[],
  { onDone, isWanted, signal }: Collecting,
): Promise<void> {
  const waiting = new Map(jobs.map((job) => [job.key, job]));
  for (let look = 0; ; look++) {
    for (const job of waiting.values()) {
      if (!existsSync(files.resultOf(job))) continue;
      waiting.delete(job.key);
      onDone(files.read(job)!);
    }
    for (const job of waiting.values()) {
      if (isWanted(job)) continue;
      waiting.delete(job.key);
      // One that is being done cannot be taken back, and ends by itself.
      await (await queue.getJob(queueId(job.key)))?.remove().catch(() => undefined);
    }
    if (waiting.size === 0) return;
    if (look % LOOKS_PER_CHECK === LOOKS_PER_CHECK - 1) await expectNoFailure(queue, waiting);
    signal.throwIfAborted();
    await setTimeout(LOOK_MS);
  }
}

async function expectNoFailure(queue: Queue<QueuedJob>, waiting: ReadonlyMap<string, Job>): Promise<void> {
  for (const { data, failedReason } of await queue.getFailed()) {
    const job = waiting.get(data.key);
    if (job !== undefined) throw new Error(`${job.name} failed at every worker that tried: ${failedReason}`);
  }
}
