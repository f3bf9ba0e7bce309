/** A worker thread that measures rows, one at a time, by name. */
import { parentPort } from 'node:worker_threads';
import { runRow } from './gate.ts';
import { ROWS } from './rows.ts';

export interface Order {
  readonly id: string;
  readonly requests: number;
}

parentPort!.on('message', ({ id, requests }: Order) => {
  const row = ROWS.find((each) => each.id === id)!;
  const startedMs = performance.now();
  runRow(row, requests).then(
    (result) => parentPort!.postMessage({ id, result, seconds: (performance.now() - startedMs) / 1000 }),
    (error: unknown) => parentPort!.postMessage({ id, error: error instanceof Error ? error.stack : String(error) }),
  );
});
