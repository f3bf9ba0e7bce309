/** Counts and times of one version of a model, in the protocol's words. */

/** How often and how long altogether, ns. */
export interface Duration {
  readonly count: number;
  readonly ns: number;
}

/** Adds ms, shows ns. */
class Timer {
  count = 0;
  ms = 0;

  add(count: number, ms: number): void {
    this.count += count;
    this.ms += ms;
  }

  get duration(): Duration {
    return { count: this.count, ns: Math.round(this.ms * 1e6) };
  }
}

/** What one execution of the model took, ms. */
export interface BatchTimes {
  /** Putting the rows together, running, and taking the answers apart and writing them. */
  readonly inputMs: number;
  readonly inferMs: number;
  readonly outputMs: number;
}

/** Upper bounds of the histogram of request times, s. */
export const BUCKETS_S: readonly number[] = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
];

export class Statistics {
  readonly success: Timer = new Timer();
  readonly fail: Timer = new Timer();
  readonly queue: Timer = new Timer();
  readonly input: Timer = new Timer();
  readonly infer: Timer = new Timer();
  readonly output: Timer = new Timer();
  /** Requests turned away because the queue was full; among the failed ones. */
  rejected = 0;
  rows = 0;
  executions = 0;
  /** Epoch ms of the last execution; 0 = none yet. */
  lastMs = 0;
  /** Requests by time, not yet summed up; one more than there are bounds. */
  readonly buckets: Float64Array = new Float64Array(BUCKETS_S.length + 1);
  private readonly batches = new Map<number, { input: Timer; infer: Timer; output: Timer }>();

  /** A request was answered, or failed, so long after it had come in. */
  finished(ok: boolean, ms: number): void {
    (ok ? this.success : this.fail).add(1, ms);
    if (!ok) return;
    let bucket = 0;
    while (bucket < BUCKETS_S.length && ms > BUCKETS_S[bucket]! * 1000) bucket++;
    this.buckets[bucket]! += 1;
  }

  /** `requests` with `rows` rows were run together; they had waited `queueMs` altogether. The times count for each of them. */
  executed(requests: number, rows: number, queueMs: number, times: BatchTimes, nowMs: number): void {
    this.rows += rows;
    this.executions += 1;
    this.lastMs = nowMs;
    this.queue.add(requests, queueMs);
    this.input.add(requests, requests * times.inputMs);
    this.infer.add(requests, requests * times.inferMs);
    this.output.add(requests, requests * times.outputMs);
    let batch = this.batches.get(rows);
    if (batch === undefined) {
      batch = { input: new Timer(), infer: new Timer(), output: new Timer() };
      this.batches.set(rows, batch);
    }
    batch.input.add(1, times.inputMs);
    batch.infer.add(1, times.inferMs);
    batch.output.add(1, times.outputMs);
  }

  /** One entry of `model_stats`. */
  report(name: string, version: string): ModelStatistics {
    return {
      name,
      version,
      last_inference: Math.floor(this.lastMs),
      inference_count: this.rows,
      execution_count: this.executions,
      inference_stats: {
        success: this.success.duration,
        fail: this.fail.duration,
        queue: this.queue.duration,
        compute_input: this.input.duration,
        compute_infer: this.infer.duration,
        compute_output: this.output.duration,
      },
      batch_stats: [...this.batches]
        .sort(([a], [b]) => a - b)
        .map(([batch_size, { input, infer, output }]) => ({
          batch_size,
          compute_input: input.duration,
          compute_infer: infer.duration,
          compute_output: output.duration,
        })),
    };
  }
}

export interface ModelStatistics {
  readonly name: string;
  readonly version: string;
  /** Epoch ms. */
  readonly last_inference: number;
  /** Rows; over `execution_count` it is the mean size of a batch. */
  readonly inference_count: number;
  readonly execution_count: number;
  /** Per request: a batch's times count once for each request in it. */
  readonly inference_stats: Readonly<
    Record<'success' | 'fail' | 'queue' | 'compute_input' | 'compute_infer' | 'compute_output', Duration>
  >;
  /** Per execution, by rows. */
  readonly batch_stats: readonly {
    readonly batch_size: number;
    readonly compute_input: Duration;
    readonly compute_infer: Duration;
    readonly compute_output: Duration;
  }[];
}
