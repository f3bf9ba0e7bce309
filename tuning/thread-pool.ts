/** Jobs on worker threads: as many at a time as there are threads, in the order they are asked for. */
import { Worker } from 'node:worker_threads';
import { Stopped, type ThreadData, type ThreadMessage } from './job-messages.ts';
import type { JobResult } from './job.ts';
import type { Job } from './plan.ts';

/** The thread's file: a `.ts` beside a source, a `.js` beside compiled code. */
const THREAD = new URL(import.meta.url.endsWith('.ts') ? './job-thread.ts' : './job-thread.js', import.meta.url);

interface Waiting {
  readonly job: Job;
  readonly isWanted: () => boolean;
  resolve(result: JobResult | null): void;
  reject(error: Error): void;
}

export class ThreadPool {
  private readonly data: ThreadData;
  private readonly threads: Worker[] = [];
  private readonly idle: Worker[] = [];
  private readonly queue: Waiting[] = [];
  private readonly busy = new Map<Worker, Waiting>();
  private readonly ends: Promise<void>[] = [];
  private isClosing = false;

  constructor(data: Omit<ThreadData, 'stop'>, size: number) {
    this.data = { ...data, stop: new Int32Array(new SharedArrayBuffer(4)) };
    for (let i = 0; i < size; i++) this.add();
  }

  /**
   * Resolves when the job is done and its result kept, or with null when it was not wanted any more when its turn came; rejects when it fails, or
   * its thread does.
   */
  run(job: Job, isWanted: () => boolean = () => true): Promise<JobResult | null> {
    return new Promise((resolve, reject) => {
      this.queue.push({ job, isWanted, resolve, reject });
      this.dispatch();
    });
  }

  /** Cuts every job short at its next evaluation: `run` rejects with Stopped. Nothing half-written bears a final name. */
  stop(): void {
    Atomics.store(this.data.stop, 0, 1);
    for (const waiting of this.queue.splice(0)) waiting.reject(new Stopped());
  }

  /** Stops, and resolves when every thread has ended. */
  async close(): Promise<void> {
    this.isClosing = true;
    this.stop();
    for (const thread of this.threads) thread.postMessage({ job: null });
    await Promise.all(this.ends);
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
      else waiting?.reject(message.kind === 'failed' ? message.error : new Stopped());
      // Whoever hears of this result may not want the next one.
      setImmediate(() => this.dispatch());
    });
    thread.on('error', (error) => this.lost(thread, error instanceof Error ? error : new Error(String(error))));
    this.ends.push(
      new Promise((resolve) => {
        thread.once('exit', (code) => {
          if (!this.isClosing) this.lost(thread, new Error(`a worker thread ended with code ${code}`));
          resolve();
        });
      }),
    );
  }

  private dispatch(): void {
    while (this.queue.length > 0 && this.idle.length > 0) {
      const waiting = this.queue.shift()!;
      if (!waiting.isWanted()) {
        waiting.resolve(null);
        continue;
      }
      const thread = this.idle.shift()!;
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
