/**
 * Micro-batching: what comes in during one turn of the event loop is run together. That costs no time when requests come one by
 * one, and when they queue up it spreads the fixed cost of a run over all of them.
 */
import type { InferenceEngine } from './engine.ts';
import { asServerError, ServerError } from './errors.ts';
import type { Limits } from './options.ts';
import { hasRows, joinRows, type Rows, shapeKey, takeRows } from './rows.ts';
import type { Statistics } from './statistics.ts';
import type { Tensor } from './tensor.ts';

/** A request that waits to be run. Exactly one of `succeed` and `fail` is called, once; neither throws. */
export interface Job extends Rows {
  /** When it began to wait, ms. */
  readonly queuedMs: number;
  succeed(outputs: readonly Tensor[]): void;
  fail(error: ServerError): void;
}

export interface Batching extends Pick<Limits, 'queueLimit' | 'maxBatchSize' | 'maxQueueDelayUs'> {
  /** Whether rows of different requests may be run together at all. */
  readonly together: boolean;
  /** Whether their shapes have to be compared first. */
  readonly shapesVary: boolean;
}

/** Requests whose rows may be run together, oldest first. */
interface Group {
  jobs: Job[];
  rows: number;
}

/** Timers run up to a millisecond late: the last of a wait is spent in turns of the event loop. */
const TIMER_GRID_MS = 1;

/** Batches begun in one turn of the event loop: a turn costs as much as a small run, and new requests are only seen between turns. */
const BATCHES_PER_TURN = 16;

export class Batcher {
  private readonly groups = new Map<string, Group>();
  private waiting = 0;
  private running = false;
  /** Whether something is already scheduled that will look at the groups. */
  private awake = false;
  private alone = 0;
  private together: boolean;
  private hurried = false;
  private timer: NodeJS.Timeout | undefined;
  private readonly engine: InferenceEngine;
  private readonly batching: Batching;
  private readonly statistics: Statistics;
  private readonly clock: () => number;

  constructor(engine: InferenceEngine, batching: Batching, statistics: Statistics, clock: () => number) {
    this.engine = engine;
    this.batching = batching;
    this.statistics = statistics;
    this.clock = clock;
    this.together = batching.together;
  }

  /** Requests that wait to be run. */
  get queued(): number {
    return this.waiting;
  }

  /** Throws ServerError 503 when the queue is full. */
  submit(job: Job): void {
    const { queueLimit, shapesVary } = this.batching;
    if (this.waiting >= queueLimit) {
      this.statistics.rejected++;
      throw new ServerError(503, `the queue is full: ${queueLimit} requests wait already`);
    }
    const key = this.together ? (shapesVary ? shapeKey(job.inputs) : '') : String(this.alone++);
    const group = this.groups.get(key);
    if (group === undefined) this.groups.set(key, { jobs: [job], rows: job.rows });
    else {
      group.jobs.push(job);
      group.rows += job.rows;
    }
    this.waiting++;
    if (this.timer !== undefined && this.groups.get(key)!.rows >= this.batching.maxBatchSize) this.wakeNow();
    this.wake();
  }

  /** From now on nobody waits for others. */
  hurry(): void {
    this.hurried = true;
    if (this.timer !== undefined) this.wakeNow();
  }

  /** Does not wait for the timer. */
  private wakeNow(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    setImmediate(this.turn);
  }

  private wake(): void {
    if (this.awake || this.running || this.waiting === 0) return;
    this.awake = true;
    setImmediate(this.turn);
  }

  private readonly turn = (): void => {
    this.awake = false;
    this.timer = undefined;
    const nowMs = this.clock();
    let soonestMs = Infinity;
    const batches: Job[][] = [];
    for (const [key, group] of this.groups) {
      const waitMs = this.waitMs(group, nowMs);
      if (waitMs > 0) soonestMs = Math.min(soonestMs, waitMs);
      else if (batches.push(this.take(key, group)) === BATCHES_PER_TURN) break;
    }
    if (batches.length > 0) return void this.run(batches, nowMs);
    this.awake = true;
    if (soonestMs > 2 * TIMER_GRID_MS) this.timer = setTimeout(this.turn, Math.floor(soonestMs - TIMER_GRID_MS));
    else setImmediate(this.turn);
  };

  /** How long the group may still wait for more rows, ms. */
  private waitMs({ jobs, rows }: Group, nowMs: number): number {
    const { maxQueueDelayUs, maxBatchSize } = this.batching;
    if (maxQueueDelayUs === 0 || this.hurried || !this.together || rows >= maxBatchSize) return 0;
    return jobs[0]!.queuedMs + maxQueueDelayUs / 1000 - nowMs;
  }

  /** Removes the oldest jobs that fit in a batch from the group; at least one. What remains comes after the other groups. */
  private take(key: string, group: Group): Job[] {
    let rows = group.jobs[0]!.rows;
    let count = 1;
    while (count < group.jobs.length && rows + group.jobs[count]!.rows <= this.batching.maxBatchSize)
      rows += group.jobs[count++]!.rows;
    this.groups.delete(key);
    const jobs = group.jobs;
    if (count < jobs.length) {
      this.groups.set(key, { jobs: jobs.slice(count), rows: group.rows - rows });
      jobs.length = count;
    }
    this.waiting -= count;
    return jobs;
  }

  private async run(batches: readonly (readonly Job[])[], beganMs: number): Promise<void> {
    this.running = true;
    await Promise.all(batches.map((jobs) => this.executeAll(jobs, beganMs)));
    this.running = false;
    this.wake();
  }

  private async executeAll(jobs: readonly Job[], beganMs: number): Promise<void> {
    if (await this.execute(jobs, beganMs)) return;
    // After a failed batch everybody is run alone, so that only whoever is at fault fails.
    for (const job of jobs) await this.execute([job], this.clock());
  }

  /** Runs the jobs together and tells each. False when several failed together, of which none is told. */
  private async execute(jobs: readonly Job[], beganMs: number): Promise<boolean> {
    let rows = 0;
    let queueMs = 0;
    for (let i = 0; i < jobs.length; i++) {
      rows += jobs[i]!.rows;
      queueMs += beganMs - jobs[i]!.queuedMs;
    }
    let readyMs = beganMs;
    let startMs = beganMs;
    let outputs: readonly Tensor[];
    try {
      const inputs = joinRows(jobs, rows);
      readyMs = startMs = this.clock();
      outputs = await this.engine.run(inputs, () => {
        startMs = this.clock();
      });
    } catch (error) {
      if (jobs.length > 1) return false;
      jobs[0]!.fail(asServerError(error));
      return true;
    }
    const doneMs = this.clock();
    if (jobs.length === 1) jobs[0]!.succeed(outputs);
    else if (hasRows(outputs, rows)) distribute(jobs, outputs);
    else {
      // Its first dimension is not rows after all.
      this.together = false;
      return false;
    }
    // From being ready to the run's begin the event loop had other things to do: that is waiting, not computing.
    queueMs += jobs.length * (startMs - readyMs);
    const nowMs = this.clock();
    const times = { inputMs: readyMs - beganMs, inferMs: doneMs - startMs, outputMs: nowMs - doneMs };
    this.statistics.executed(jobs.length, rows, queueMs, times, nowMs);
    return true;
  }
}

function distribute(jobs: readonly Job[], outputs: readonly Tensor[]): void {
  let from = 0;
  for (let i = 0; i < jobs.length; i++) {
    const job = jobs[i]!;
    job.succeed(takeRows(outputs, from, job.rows));
    from += job.rows;
  }
}
