/** Windows summed into at most MAX_POINTS points of time per arm: counts are added, histograms merged, percentiles taken last. */
import { histogramsReady, TimeTotal } from '../telemetry/histogram.ts';
import { ALL_SEGMENTS, ARMS, type Arm, type ArmWindow, type TimeHistogram, type Window } from '../telemetry/window.ts';

const MAX_POINTS = 240;
/** Points span a round number of windows, so that their edges fall on round times. */
const SPANS = [1, 2, 3, 6, 12, 18, 30, 60, 90, 180, 360];
export const LATENCY_QUANTILES = [0.5, 0.95, 0.99, 0.999] as const;
export const FETCH_QUANTILE = 0.99;

export interface Counts {
  requests: number;
  /** Of the requests: copies that no user saw. */
  mirrored: number;
  errors: number;
  impressions: number;
  outcomes: number;
}

export interface ArmPoint extends Counts {
  /** Per LATENCY_QUANTILES; null where fewer than one answer is expected beyond it. */
  readonly latencyMs: readonly (number | null)[];
  readonly fetchMs: number | null;
  /** All answers of the point, for the distribution over the run. */
  readonly latency: TimeHistogram;
}

export interface TimePoint {
  readonly startMs: number;
  readonly endMs: number;
  readonly arms: Readonly<Partial<Record<Arm, ArmPoint>>>;
}

export interface Series {
  /** Length of a point, ms. */
  readonly stepMs: number;
  readonly points: readonly TimePoint[];
  /** Arms that answered at least once. */
  readonly arms: readonly Arm[];
}

/** Rows that cover an arm's whole traffic. */
export const wholeRows = (window: Window): readonly ArmWindow[] =>
  window.rows.filter((row) => row.segment === ALL_SEGMENTS);

/** Windows in which requests were mirrored and no user saw the candidate. */
export const beforeUsers = (windows: readonly Window[]): readonly Window[] =>
  windows.filter((window) =>
    wholeRows(window).some(
      ({ arm, shadow, weightPercent }) => arm === 'candidate' && shadow !== null && weightPercent === 0,
    ),
  );

const NO_COUNTS: Counts = { requests: 0, mirrored: 0, errors: 0, impressions: 0, outcomes: 0 };

class ArmSum {
  private readonly latency = new TimeTotal();
  private readonly fetch = new TimeTotal();
  private counts: Counts = { ...NO_COUNTS };

  add(row: ArmWindow): void {
    this.latency.add(row.latency);
    this.fetch.add(row.featureFetch);
    for (const key of Object.keys(this.counts) as (keyof Counts)[]) this.counts[key] += row[key];
  }

  close(): ArmPoint | null {
    const { counts, latency, fetch } = this;
    this.counts = { ...NO_COUNTS };
    const empty = counts.requests === 0 && counts.impressions === 0;
    const point = empty
      ? null
      : {
          ...counts,
          latencyMs: LATENCY_QUANTILES.map((q) => supported(latency, q)),
          fetchMs: supported(fetch, FETCH_QUANTILE),
          latency: latency.close(),
        };
    latency.reset();
    fetch.reset();
    return point;
  }

  destroy(): void {
    this.latency.destroy();
    this.fetch.destroy();
  }
}

const supported = (total: TimeTotal, q: number): number | null =>
  total.count * (1 - q) >= 1 ? total.quantile(q) : null;

export async function timeSeries(windows: readonly Window[]): Promise<Series> {
  await histogramsReady();
  const least = Math.ceil(windows.length / MAX_POINTS);
  const span = SPANS.find((s) => s >= least) ?? least;
  const sums = new Map(ARMS.map((arm) => [arm, new ArmSum()]));
  const points: TimePoint[] = [];
  for (let from = 0; from < windows.length; from += span) {
    const part = windows.slice(from, from + span);
    for (const row of part.flatMap(wholeRows)) sums.get(row.arm)!.add(row);
    const arms: Partial<Record<Arm, ArmPoint>> = {};
    for (const [arm, sum] of sums) {
      const point = sum.close();
      if (point !== null) arms[arm] = point;
    }
    points.push({ startMs: part[0]!.startMs, endMs: part.at(-1)!.endMs, arms });
  }
  for (const sum of sums.values()) sum.destroy();
  const stepMs = points[0] === undefined ? 0 : points[0].endMs - points[0].startMs;
  const arms = ARMS.filter((arm) => points.some((p) => (p.arms[arm]?.requests ?? 0) > 0));
  return { stepMs, points, arms };
}

export interface CountPoint {
  readonly startMs: number;
  readonly endMs: number;
  readonly arms: Readonly<Partial<Record<Arm, Counts>>>;
}

/** Adjacent points' counts added up until at most `most` are left: ratios of rare things need more requests than percentiles. */
export function coarser(series: Series, most: number): CountPoint[] {
  const group = Math.max(1, Math.ceil(series.points.length / most));
  return Array.from({ length: Math.ceil(series.points.length / group) }, (_, i) => {
    const part = series.points.slice(i * group, (i + 1) * group);
    const arms: Partial<Record<Arm, Counts>> = {};
    for (const arm of series.arms) {
      const sum = { ...NO_COUNTS };
      for (const point of part)
        for (const key of Object.keys(sum) as (keyof Counts)[]) sum[key] += point.arms[arm]?.[key] ?? 0;
      arms[arm] = sum;
    }
    return { startMs: part[0]!.startMs, endMs: part.at(-1)!.endMs, arms };
  });
}
