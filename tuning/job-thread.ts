/** A worker thread: does the jobs it is sent, one after the other. */
import { parentPort, workerData } from 'node:worker_threads';
import { runJob } from './job.ts';
import type { ThreadData, ThreadMessage, ThreadOrder } from './job-messages.ts';
import { SweepFiles } from './sweep-files.ts';

const { plan, directory, contents } = workerData as ThreadData;
const files = new SweepFiles(directory);

parentPort?.on('message', ({ job }: ThreadOrder) => {
  void work(job).then((message) => parentPort?.postMessage(message));
});

async function work(job: ThreadOrder['job']): Promise<ThreadMessage> {
  try {
    const recording = plan.keepRecordings ? files.recording(job) : null;
    const result = await runJob(plan, job, { recording, contents });
    files.keep(job, result);
    return { kind: 'done', result };
  } catch (error) {
    return { kind: 'failed', error: error instanceof Error ? error : new Error(String(error)) };
  }
}
