import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { findRuntime } from '../models/find-runtime.ts';
import { openQueueWorker } from '../tuning/queue-worker.ts';
import { EXIT } from './exit.ts';
import { durationOption, wholeOption } from './options.ts';

interface Options {
  readonly queue: string;
  readonly workers?: string;
  readonly dir?: string;
  readonly lock?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const LOCK_MS = 30_000;

/** Does jobs until it is stopped. */
export async function workerCommand(options: Options): Promise<void> {
  const say = (text: string): void => {
    if (options.quiet !== true) process.stderr.write(`${text}\n`);
  };
  const counts = { done: 0, failed: 0 };
  const worker = await openQueueWorker({
    url: options.queue,
    workers: Math.max(1, wholeOption('--workers', options.workers) ?? availableParallelism()),
    directory: options.dir === undefined ? null : resolve(options.dir),
    lockMs: durationOption('--lock', options.lock) ?? LOCK_MS,
    runtime: () => findRuntime({ onFetch: (what) => process.stderr.write(`${what}\n`) }),
    onDone(name) {
      counts.done += 1;
      say(`done ${name}`);
    },
    onFailed(name, reason) {
      counts.failed += 1;
      process.stderr.write(`failed ${name}: ${reason}\n`);
    },
  });
  say(`waiting for jobs at ${options.queue}`);
  const stop = (signal: 'SIGINT' | 'SIGTERM'): void => {
    const end = (): void => {
      if (options.json === true) process.stdout.write(`${JSON.stringify({ schemaVersion: 1, ...counts }, null, 2)}\n`);
      process.exit(signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated);
    };
    // A job in hand is cut short, and goes to another worker when its lock has run out.
    worker.close().then(end, end);
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}
