import { monitorEventLoopDelay } from 'node:perf_hooks';
import { TimeRecorder } from '../../telemetry/histogram.ts';
import type { ReplicaSums } from './messages.ts';

/** Grain of the event-loop measurement, ms. */
const LAG_GRAIN_MS = 20;

/** Counts what a replica did. histogramsReady() must have been awaited. */
export class Tally {
  received = 0;
  answered = 0;
  failed = 0;
  rejected = 0;
  timedOut = 0;
  readonly modelRun: TimeRecorder = new TimeRecorder();
  private readonly intended = new TimeRecorder();
  private readonly actual = new TimeRecorder();
  private readonly lag = monitorEventLoopDelay({ resolution: LAG_GRAIN_MS });

  constructor() {
    this.lag.enable();
  }

  /** A slot was held for a declared service time, and really so long. */
  held(intendedMs: number, actualMs: number): void {
    this.intended.record(intendedMs);
    this.actual.record(actualMs);
  }

  /** Counts since the start; the histograms start anew, so they are asked for once, at the end. */
  sums(storeFailures: number): ReplicaSums {
    const { received, answered, failed, rejected, timedOut } = this;
    const { user, system } = process.cpuUsage();
    return {
      received,
      answered,
      failed,
      rejected,
      timedOut,
      storeFailures,
      intended: this.intended.close(),
      actual: this.actual.close(),
      modelRun: this.modelRun.close(),
      cpuMs: (user + system) / 1000,
      rssMb: process.memoryUsage.rss() / 2 ** 20,
      loopLagMsP99: Math.max(0, this.lag.percentile(99) / 1e6 - LAG_GRAIN_MS),
    };
  }
}
