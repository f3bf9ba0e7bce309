import { TimeRecorder, TimeTotal } from '../../telemetry/histogram.ts';
import type { Ending } from './ending.ts';
import type { LoadCounts, LoadReport, Quantiles } from './plan.ts';

/** What a generator counts and measures, in bounded memory: three histograms. `histogramsReady` must have been awaited. */
export class Tally {
  sent = 0;
  private readonly endings = [0, 0, 0];
  private readonly lateness = new TimeRecorder();
  private readonly service = new TimeRecorder();
  private readonly corrected = new TimeRecorder();

  /** A request was sent, so late. */
  send(latenessMs: number): void {
    this.sent++;
    this.lateness.record(Math.max(latenessMs, 0));
  }

  /** A request has ended; times from its sending and from its intended time. */
  end(ending: Ending, serviceMs: number, correctedMs: number): void {
    this.endings[ending]!++;
    this.service.record(serviceMs);
    this.corrected.record(Math.max(correctedMs, 0));
  }

  /** A request found no connection for as long as its sender was willing to wait: it was never sent. */
  neverSent(): void {
    this.sent--;
  }

  /** Requests sent that have not ended. */
  get inFlight(): number {
    const [completed = 0, errors = 0, timedOut = 0] = this.endings;
    return this.sent - completed - errors - timedOut;
  }

  /** The counts so far; `offered`: requests due by now. */
  counts(offered: number): LoadCounts {
    const [completed = 0, errors = 0, timedOut = 0] = this.endings;
    const { sent, inFlight } = this;
    return { offered, sent, completed, errors, timedOut, interrupted: inFlight, dropped: offered - sent };
  }

  /** The times measured. To be called once. */
  times(): Pick<LoadReport, 'latenessMs' | 'correctedMs' | 'serviceMs'> {
    const late = quantilesOf(this.lateness);
    return {
      latenessMs: { p50: late?.p50 ?? null, p99: late?.p99 ?? null, max: late?.max ?? null },
      correctedMs: quantilesOf(this.corrected),
      serviceMs: quantilesOf(this.service),
    };
  }
}

function quantilesOf(recorder: TimeRecorder): Quantiles | null {
  const total = new TimeTotal();
  total.add(recorder.close());
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((q) => total.quantile(q));
  const max = total.maxMs;
  total.destroy();
  return p50 == null || p95 == null || p99 == null ? null : { p50, p95, p99, max };
}
