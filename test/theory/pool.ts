/** Rows over two worker threads. Results do not depend on who measured what. */
import { Worker } from 'node:worker_threads';
import type { RowResult } from './gate.ts';
import type { Order } from './worker.ts';

const WORKERS = 2;

interface Answer {
  readonly id: string;
  readonly result?: RowResult;
  /** All runs of the row together. */
  readonly seconds?: number;
  readonly error?: string;
}

/** Starts all rows and gives a promise for each; `progress` is told of every row that is done, in a line. */
export function measureAll(
  ids: readonly string[],
  requests: number,
  progress: (line: string) => void = () => undefined,
): Map<string, Promise<RowResult>> {
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
  let done = 0;
  for (let w = 0; w < Math.min(WORKERS, ids.length); w++) {
    const worker = new Worker(new URL('./worker.ts', import.meta.url));
    const next = (): void => {
      const id = waiting.shift();
      if (id === undefined) void worker.terminate();
      else worker.postMessage({ id, requests } satisfies Order);
    };
    worker.on('message', ({ id, result, seconds, error }: Answer) => {
      progress(
        `${++done}/${ids.length} ${id}: ${(seconds ?? 0).toFixed(1)} s, ${result === undefined ? error : stateOf(result)}`,
      );
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

function stateOf({ red, comparisons, again }: RowResult): string {
  const issues = comparisons.flatMap((each) => each.issues);
  if (issues.length === 0) return 'green';
  return `${red ? 'RED' : 'green'} after ${again.length} more runs at four times the size (${issues.join('; ')})`;
}
