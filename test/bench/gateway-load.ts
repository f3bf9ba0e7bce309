/** An open-loop load at a constant rate, in a process of its own: sends what is due at every tick of a timer, whatever has been answered. */
import { type Dispatcher, Pool } from 'undici';

export interface LoadOrder {
  readonly url: string;
  readonly rateRps: number;
  readonly count: number;
}

export interface LoadResult {
  readonly answered: number;
  readonly failed: number;
  /** From dispatch to the last byte, ms, ascending. */
  readonly latenciesMs: Float64Array;
}

let number = 0;

class Call implements Dispatcher.DispatchHandler {
  private readonly startMs = performance.now();
  private readonly done: (latencyMs: number | null) => void;
  private status = 0;

  constructor(done: (latencyMs: number | null) => void) {
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
    this.done(this.status === 200 ? performance.now() - this.startMs : null);
  }

  onResponseError(): void {
    this.done(null);
  }
}

function run(pool: Pool, { rateRps, count }: LoadOrder): Promise<LoadResult> {
  return new Promise((resolve) => {
    const startMs = performance.now();
    const latencies: number[] = [];
    let sent = 0;
    let ended = 0;
    const done = (latencyMs: number | null): void => {
      if (latencyMs !== null) latencies.push(latencyMs);
      if (++ended < count) return;
      const latenciesMs = Float64Array.from(latencies).sort();
      resolve({ answered: latencies.length, failed: count - latencies.length, latenciesMs });
    };
    const tick = (): void => {
      const due = Math.min(count, ((performance.now() - startMs) * rateRps) / 1000);
      for (; sent < due; sent++) send(pool, done);
      if (sent < count) setTimeout(tick, 1);
    };
    tick();
  });
}

function send(pool: Pool, done: (latencyMs: number | null) => void): void {
  const id = number++;
  const headers = ['content-type', 'application/json', 'x-coalmine-request', `${id}`];
  headers.push('x-coalmine-user', `${(id * 7919) % 100_000}`, 'x-coalmine-row', `${id % 1000}`);
  const body = `{"id":"${id}","inputs":[{"name":"row","datatype":"INT32","shape":[1],"data":[${id % 1000}]},{"name":"entity","datatype":"INT32","shape":[1],"data":[${id % 5000}]}]}`;
  pool.dispatch({ method: 'POST', path: '/v2/models/model/infer', headers, body }, new Call(done));
}

let pool: Pool | null = null;
process.on('message', (order: LoadOrder) => {
  pool ??= new Pool(order.url, { connections: 128 });
  void run(pool, order).then((result) => process.send!(result));
});
process.on('disconnect', () => process.exit());
