/** A worker thread: does the jobs it is sent, one after the other. */
import { parentPort, workerData } from 'node:worker_threads';
import { runJob } from './job.ts';
import { Stopped, type ThreadData, type ThreadMessage, type ThreadOrder } from './job-messages.ts';
import type { Job } from './plan.ts';
import { SweepFiles } from './sweep-files.ts';

const { plan, directory, contents, stop } = workerData as ThreadData;
const files = new SweepFiles(directory);

parentPort?.on('message', ({ job }: ThreadOrder) => {
  if (job === null) return parentPort?.close();
  void work(job).then((message) => parentPort?.postMessage(message));
});

function check(): void {
  if (Atomics.load(stop, 0) !== 0) throw new Stopped();
}

async function work(job: Job): Promise<ThreadMessage> {
  try {
    check();
    const recording = plan.keepRecordings ? files.recording(job) : null;
    const result = await runJob(plan, job, { recording, contents, check });
    files.keep(job, result);
    return { kind: 'done', result };
  } catch (error) {
    if (error instanceof Stopped) return { kind: 'stopped' };
    return { kind: 'failed', error: error instanceof Error ? error : new Error(String(error)) };
  }
}
