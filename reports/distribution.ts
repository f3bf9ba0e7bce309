/** The whole run's latency per arm, along a scale of nines. */
import { histogramsReady, NO_TIMES, TimeTotal } from '../telemetry/histogram.ts';
import type { Arm } from '../telemetry/window.ts';
import type { Series } from './series.ts';

export interface Nine {
  /** 1/(1 − q): 1 is the minimum, 2 the median, 100 is p99. */
  readonly x: number;
  readonly latencyMs: number;
}

const PER_DECADE = 16;
/** A quantile with fewer answers beyond it than this is an anecdote. */
const FEWEST_BEYOND = 5;

export async function latencyByNines(series: Series): Promise<ReadonlyMap<Arm, readonly Nine[]>> {
  await histogramsReady();
  const result = new Map<Arm, readonly Nine[]>();
  for (const arm of series.arms) {
    const total = new TimeTotal();
    for (const point of series.points) total.add(point.arms[arm]?.latency ?? NO_TIMES);
    const points = nines(total);
    if (points.length > 1) result.set(arm, points);
    total.destroy();
  }
  return result;
}

function nines(total: TimeTotal): Nine[] {
  const result: Nine[] = [];
  // The minimum is one lucky answer: begin where it no longer decides.
  for (let i = 1; ; i++) {
    const x = 10 ** (i / PER_DECADE);
    if (total.count / x < FEWEST_BEYOND) return result;
    const q = Math.max(1 - 1 / x, 1 / total.count);
    result.push({ x: Number(x.toPrecision(5)), latencyMs: total.quantile(q)! });
  }
}
