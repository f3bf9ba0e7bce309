/** Runs a scenario in the product's own simulated world and hands out its requests in batches. */
import type { RequestProbe } from '../../sim/probe.ts';
import { SimWorld } from '../../sim/world.ts';
import { WindowChecker } from '../../telemetry/invariants.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import type { Action } from '../../world.ts';
import { Batch } from './batch.ts';

export interface Study {
  readonly scenario: Scenario;
  /** ms per unit of time. */
  readonly unitMs: number;
  /** Requests to drop at the beginning. */
  readonly warmUp: number;
  readonly batches: number;
  readonly batchSize: number;
  /** What the controller did before the first request. */
  readonly actions?: readonly Action[];
  /** Changes the probe's record on its way: how negative controls damage the measurement. */
  readonly damage?: (probe: RequestProbe) => RequestProbe;
  /** Also compares the windows' counters with the probe's; off where a negative control makes them differ. */
  readonly audit?: boolean;
}

/** Sends batches to `visit` until there were as many as asked for; the batch is reused. Returns the simulated time, ms. */
export async function simulate(study: Study, visit: (batch: Batch) => void): Promise<number> {
  const collector = new Collector(study, visit);
  const probe = study.damage?.(collector) ?? collector;
  const world = await SimWorld.open(study.scenario, { thresholds: [], content: null, probe });
  const checker = new WindowChecker();
  for (const action of study.actions ?? []) world.apply(action);
  checker.acted(study.actions ?? [], 0);
  const { windowMs } = study.scenario;
  let untilMs = 0;
  try {
    for (;;) {
      untilMs += windowMs;
      collector.sliceEndMs = untilMs;
      const before = collector.records;
      const { windows, trafficEnded } = await world.advance(untilMs);
      for (const window of windows) {
        if (study.audit !== false) checker.check(window);
        for (const row of window.rows) collector.count(row);
      }
      collector.settle();
      if (collector.full) break;
      // Every window is long enough for thousands: whoever waits for more would wait for ever.
      if (collector.records === before) throw new Error(`no request came in ${windowMs} ms before ${untilMs} ms`);
      if (trafficEnded) throw new Error(`traffic ended after ${untilMs} ms, before the last batch was full`);
    }
  } finally {
    await world.close();
  }
  if (study.audit !== false) collector.audit();
  return untilMs;
}

type Row = Awaited<ReturnType<SimWorld['advance']>>['windows'][number]['rows'][number];
const TOTALS = ['completed', 'failed', 'rejected', 'timedOut', 'latencyMs', 'waitMs', 'busyMs', 'hits'] as const;
type Totals = Record<(typeof TOTALS)[number], number>;
const zero = (): Totals => ({
  completed: 0,
  failed: 0,
  rejected: 0,
  timedOut: 0,
  latencyMs: 0,
  waitMs: 0,
  busyMs: 0,
  hits: 0,
});
const STATUS = ['completed', 'failed', 'rejected', 'timedOut'] as const;

/** Fills batches, and keeps the sums that the windows must show as well. */
class Collector implements RequestProbe {
  full = false;
  sliceEndMs = 0;
  /** Requests told of so far. */
  records = 0;
  private readonly study: Study;
  private readonly batch: Batch;
  private readonly visit: (batch: Batch) => void;
  private toSkip: number;
  private at = 0;
  private readonly seen: Totals = zero();
  private readonly counted: Totals = zero();
  /** Known outcomes and work that lie beyond the slice: [status, done, latency, wait, start, finish] each. */
  private late: number[][] = [];

  constructor(study: Study, visit: (batch: Batch) => void) {
    this.study = study;
    this.batch = new Batch(study.batchSize);
    this.visit = visit;
    this.toSkip = study.warmUp;
  }

  dispatched(
    arm: number,
    replica: number,
    arrivalMs: number,
    queuedMs: number,
    startMs: number,
    finishMs: number,
    status: number,
    doneMs: number,
  ): void {
    const { seen } = this;
    this.records++;
    if (queuedMs === arrivalMs) seen.hits++;
    if (doneMs < this.sliceEndMs && finishMs < this.sliceEndMs) {
      seen[STATUS[status]!]++;
      seen.busyMs += finishMs - startMs;
      if (status === 0) {
        seen.latencyMs += doneMs - arrivalMs;
        seen.waitMs += startMs - queuedMs;
      }
    } else this.late.push([status, doneMs, doneMs - arrivalMs, startMs - queuedMs, startMs, finishMs]);
    if (this.full) return;
    if (this.toSkip > 0) {
      this.toSkip--;
      return;
    }
    const { batch } = this;
    const unit = this.study.unitMs;
    if (this.at === batch.size && !this.flush(queuedMs / unit)) return;
    const i = this.at++;
    if (i === 0) batch.fromTime = queuedMs / unit;
    batch.arm[i] = arm;
    batch.replica[i] = replica;
    batch.status[i] = status;
    batch.arrival[i] = arrivalMs / unit;
    batch.queued[i] = queuedMs / unit;
    batch.start[i] = startMs / unit;
    batch.finish[i] = finishMs / unit;
    batch.done[i] = doneMs / unit;
  }

  /** Hands the batch out; false when it was the last. */
  private flush(time: number): boolean {
    this.batch.toTime = time;
    this.visit(this.batch);
    this.at = 0;
    this.full = ++this.batch.index === this.study.batches;
    return !this.full;
  }

  count(row: Row): void {
    const { counted } = this;
    for (const status of STATUS) counted[status] += row[status];
    counted.latencyMs += row.latency.sumMs;
    counted.waitMs += row.wait.sumMs;
    counted.busyMs += row.busyMs ?? 0;
    counted.hits += row.cacheHits;
  }

  /** Adds what became known in the slice that has ended. */
  settle(): void {
    const end = this.sliceEndMs;
    const { seen } = this;
    this.late = this.late.filter(([status, done, latency, waitMs, start, finish]) => {
      if (done! >= end || finish! >= end) return true;
      seen[STATUS[status!]!]++;
      seen.busyMs += finish! - start!;
      if (status === 0) {
        seen.latencyMs += latency!;
        seen.waitMs += waitMs!;
      }
      return false;
    });
  }

  /** Counters of the windows and of the probe must agree; busy time is the utilisation law. */
  audit(): void {
    const { seen, counted, sliceEndMs: end } = this;
    const expected = { ...seen };
    for (const [status, done, latency, waitMs, start, finish] of this.late) {
      expected.busyMs += Math.max(0, Math.min(finish!, end) - Math.min(start!, end));
      if (done! >= end) continue;
      expected[STATUS[status!]!]++;
      if (status !== 0) continue;
      expected.latencyMs += latency!;
      expected.waitMs += waitMs!;
    }
    for (const name of TOTALS) {
      if (name === 'hits' && this.study.scenario.features.latency === null) continue;
      const tolerance = name.endsWith('Ms') ? 1e-9 * Math.max(expected[name], 1) : 0;
      if (Math.abs(counted[name] - expected[name]) > tolerance)
        throw new Error(`windows and probe disagree: ${name} is ${counted[name]} and ${expected[name]}`);
    }
  }
}
