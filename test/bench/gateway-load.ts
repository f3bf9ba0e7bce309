/** An open-loop load at a constant rate, in a process of its own: sends what is due at every tick of a timer, whatever has been answered. */
import { type Dispatcher, Pool } from 'undici';

export interface LoadOrder {
  readonly url: string;
  /** Infinity: everything is due at once, so as much is under way as there are connections. */
  readonly rateRps: number;
  readonly count: number;
}

export interface LoadResult {
  /** Requests that were not answered with 200. */
  readonly failed: number;
}

const CONNECTIONS = 128;

class Call implements Dispatcher.DispatchHandler {
  private readonly done: (isGood: boolean) => void;
  private status = 0;

  constructor(done: (isGood: boolean) => void) {
    this.done = done;
  }

  onRequestStart(): void {
    // Nothing to do; undici requires it.
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    this.status = status;
  }

  onResponseData(): void {
    // The same.
  }

  onResponseEnd(): void {
    this.done(this.status === 200);
  }

  onResponseError(): void {
    this.done(false);
  }
}

function run({ url, rateRps, count }: LoadOrder): Promise<LoadResult> {
  const pool = new Pool(url, { connections: CONNECTIONS });
  return new Promise((resolve) => {
    const startMs = performance.now();
    let sent = 0;
    let ended = 0;
    let failed = 0;
    const done = (isGood: boolean): void => {
      if (!isGood) failed++;
      if (++ended === count) resolve({ failed });
    };
    const tick = (): void => {
      const due = Math.min(count, ((performance.now() - startMs) * rateRps) / 1000);
      for (; sent < due; sent++) send(pool, sent, done);
      if (sent < count) setTimeout(tick, 1);
    };
    tick();
  });
}

function send(pool: Pool, number: number, done: (isGood: boolean) => void): void {
  const row = number % 1000;
  const headers = ['content-type', 'application/json', 'x-coalmine-request', `${number}`];
  headers.push('x-coalmine-user', `${(number * 7919) % 100_000}`, 'x-coalmine-row', `${row}`);
  const inputs = [row, number % 5000].map((value, i) => ({
    name: i === 0 ? 'row' : 'entity',
    datatype: 'INT32',
    shape: [1],
    data: [value],
  }));
  const body = JSON.stringify({ id: String(number), inputs });
  pool.dispatch({ method: 'POST', path: '/v2/models/model/infer', headers, body }, new Call(done));
}

process.on('message', (order: LoadOrder) => {
  void run(order).then((result) => process.send!(result));
});
process.on('disconnect', () => process.exit());
