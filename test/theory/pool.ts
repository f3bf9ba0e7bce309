/** Rows over two worker threads. Results do not depend on who measured what. */
import { Worker } from 'node:worker_threads';
import type { RowResult } from './gate.ts';
import type { Order } from './worker.ts';

const WORKERS = 2;

interface Answer {
  readonly id: string;
  readonly result?: RowResult;
  readonly error?: string;
}

/** Starts all rows and gives a promise for each. */
export function measureAll(ids: readonly string[], requests: number): Map<string, Promise<RowResult>> {
  const settle = new Map<string, { resolve(result: RowResult): void; reject(error: Error): void }>();
  const results = new Map(
    ids.map((id) => {
      const { promise, resolve, reject } = Promise.withResolvers<RowResult>();
      settle.set(id, { resolve, reject });
      // Whoever asks for the row sees the error; nobody else must.
      promise.catch(() => undefined);
      return [id, promise] as const;
    }),
  );
  const waiting = [...ids];
  for (let w = 0; w < Math.min(WORKERS, ids.length); w++) {
    const worker = new Worker(new URL('./worker.ts', import.meta.url));
    const next = (): void => {
      const id = waiting.shift();
      if (id === undefined) void worker.terminate();
      else worker.postMessage({ id, requests } satisfies Order);
    };
    worker.on('message', ({ id, result, error }: Answer) => {
      if (result === undefined) settle.get(id)!.reject(new Error(`${id}: ${error}`));
      else settle.get(id)!.resolve(result);
      next();
    });
    worker.on('error', (error) => {
      for (const each of settle.values()) each.reject(error as Error);
    });
    next();
  }
  return results;
}
