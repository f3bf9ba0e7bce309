/** Jobs on worker threads: as many at a time as there are threads, in the order they are asked for. */
import { Worker } from 'node:worker_threads';
import type { ThreadData, ThreadMessage } from './job-messages.ts';
import type { JobResult } from './job.ts';
import type { Job } from './plan.ts';

/** The thread's file: a `.ts` beside a source, a `.js` beside compiled code. */
const THREAD = new URL(import.meta.url.endsWith('.ts') ? './job-thread.ts' : './job-thread.js', import.meta.url);

interface Waiting {
  readonly job: Job;
  resolve(result: JobResult): void;
  reject(error: Error): void;
}

export class ThreadPool {
  private readonly data: ThreadData;
  private readonly threads: Worker[] = [];
  private readonly idle: Worker[] = [];
  private readonly queue: Waiting[] = [];
  private readonly busy = new Map<Worker, Waiting>();

  constructor(data: ThreadData, size: number) {
    this.data = data;
    for (let i = 0; i < size; i++) this.add();
  }

  /** Resolves when the job is done and its result kept; rejects when it fails, or its thread does. */
  run(job: Job): Promise<JobResult> {
    return new Promise((resolve, reject) => {
      this.queue.push({ job, resolve, reject });
      this.dispatch();
    });
  }

  /** Ends every thread at once; what they were doing is lost, and nothing half-written bears a final name. */
  async close(): Promise<void> {
    await Promise.all(this.threads.splice(0).map((thread) => thread.terminate()));
  }

  private add(): void {
    const thread = new Worker(THREAD, { workerData: this.data });
    this.threads.push(thread);
    this.idle.push(thread);
    thread.on('message', (message: ThreadMessage) => {
      const waiting = this.busy.get(thread);
      this.busy.delete(thread);
      this.idle.push(thread);
      if (message.kind === 'done') waiting?.resolve(message.result);
      else waiting?.reject(message.error);
      this.dispatch();
    });
    thread.on('error', (error) => this.lost(thread, error instanceof Error ? error : new Error(String(error))));
    thread.on('exit', (code) => this.lost(thread, new Error(`a worker thread ended with code ${code}`)));
  }

  private dispatch(): void {
    while (this.queue.length > 0 && this.idle.length > 0) {
      const thread = this.idle.shift()!;
      const waiting = this.queue.shift()!;
      this.busy.set(thread, waiting);
      thread.postMessage({ job: waiting.job });
    }
  }

  /** What the thread was doing fails; so does what waits when no thread is left. */
  private lost(thread: Worker, error: Error): void {
    this.busy.get(thread)?.reject(error);
    this.busy.delete(thread);
    for (const list of [this.threads, this.idle]) if (list.includes(thread)) list.splice(list.indexOf(thread), 1);
    if (this.threads.length === 0) for (const waiting of this.queue.splice(0)) waiting.reject(error);
  }
}
