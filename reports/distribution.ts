/** Latency per arm over the stages in which users saw both, along a scale of nines. */
import { histogramsReady, NO_TIMES, TimeTotal } from '../telemetry/histogram.ts';
import type { Arm } from '../telemetry/window.ts';
import type { Series, TimePoint } from './series.ts';

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
    for (const point of comparable(series.points)) total.add(point.arms[arm]?.latency ?? NO_TIMES);
    const points = nines(total);
    if (points.length > 1) result.set(arm, points);
    total.destroy();
  }
  return result;
}

/** The points in which users saw both arms; when none did, all of them: the arms are compared over the same time. */
function comparable(points: readonly TimePoint[]): readonly TimePoint[] {
  const served = points.filter(
    ({ arms: { candidate } }) => candidate !== undefined && candidate.requests > candidate.mirrored,
  );
  return served.length > 0 ? served : points;
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
