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
  readonly quiet?: boolean;
}

const LOCK_MS = 30_000;

/** Does jobs until it is stopped. */
export async function workerCommand(options: Options): Promise<void> {
  const say = (text: string): void => {
    if (options.quiet !== true) process.stderr.write(`${text}\n`);
  };
  const worker = await openQueueWorker({
    url: options.queue,
    workers: Math.max(1, wholeOption('--workers', options.workers) ?? availableParallelism()),
    directory: options.dir === undefined ? null : resolve(options.dir),
    lockMs: durationOption('--lock', options.lock) ?? LOCK_MS,
    runtime: () => findRuntime({ onFetch: (what) => process.stderr.write(`${what}\n`) }),
    onDone: (name) => say(`done ${name}`),
    onFailed: (name, reason) => process.stderr.write(`failed ${name}: ${reason}\n`),
  });
  say(`waiting for jobs at ${options.queue}`);
  const stop = (signal: 'SIGINT' | 'SIGTERM'): void => {
    const code = signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated;
    // A job in hand is cut short, and goes to another worker when its lock has run out.
    worker.close().then(
      () => process.exit(code),
      () => process.exit(code),
    );
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}
