/** What a rehearsal adds up to: sums over its windows, whichever world they come from. */
import { MeasureLedger } from './measure-ledger.ts';
import type { Percentiles } from './outcome.ts';
import { TimeTotal } from './telemetry/histogram.ts';
import { ScoreTotal } from './telemetry/scores.ts';
import {
  ALL_SEGMENTS,
  type Arm,
  type ArmWindow,
  type LatencyThreshold,
  type Window,
  type WindowHeader,
} from './telemetry/window.ts';

/** Times of one arm over a part of the run. */
export class TimeLedger {
  readonly latency: TimeTotal = new TimeTotal();
  readonly wait: TimeTotal = new TimeTotal();
  readonly featureFetch: TimeTotal = new TimeTotal();

  add(row: ArmWindow): void {
    this.latency.add(row.latency);
    this.wait.add(row.wait);
    this.featureFetch.add(row.featureFetch);
  }

  destroy(): void {
    for (const total of [this.latency, this.wait, this.featureFetch]) total.destroy();
  }
}

/** Sums of one arm over the whole run. */
export class ArmLedger {
  /** While users saw both arms, and the rest of the run. */
  private readonly shared = new TimeLedger();
  private readonly rest = new TimeLedger();
  /** Requests whose outcome is known, and the copies among them. */
  requests = 0;
  mirrored = 0;
  /** Requests that reached the arm, and the copies among them. */
  arrived = 0;
  arrivedMirrored = 0;
  private busyMs = 0;
  private capacityMs = 0;
  private hits = 0;
  private misses = 0;

  add(row: ArmWindow, isShared: boolean): void {
    (isShared ? this.shared : this.rest).add(row);
    this.requests += row.requests;
    this.mirrored += row.mirrored;
    this.arrived += row.arrived;
    this.arrivedMirrored += row.arrivedMirrored;
    this.busyMs += row.busyMs ?? 0;
    this.capacityMs += row.capacityMs ?? 0;
    this.hits += row.cacheHits;
    this.misses += row.cacheMisses;
  }

  utilisation(): number | null {
    return this.capacityMs === 0 ? null : this.busyMs / this.capacityMs;
  }

  cacheHitRatio(): number | null {
    return this.hits + this.misses === 0 ? null : this.hits / (this.hits + this.misses);
  }

  /** The times to compare the arms by: of the windows in which users saw both, else (in shadow) of all windows. */
  times(hasShared: boolean): TimeLedger {
    return hasShared ? this.shared : this.rest;
  }

  destroy(): void {
    this.shared.destroy();
    this.rest.destroy();
  }
}

/** Mean and nearest-rank percentiles of a total, ms; null throughout when it is empty. */
export function percentilesOf(total: TimeTotal): Percentiles {
  return {
    mean: total.mean(),
    p50: total.quantile(0.5),
    p90: total.quantile(0.9),
    p95: total.quantile(0.95),
    p99: total.quantile(0.99),
    p999: total.quantile(0.999),
    max: total.count === 0 ? null : total.maxMs,
  };
}

/** Requests a user sent that the window saw the end of: copies have no user. */
const served = (row: ArmWindow): number => row.requests - row.mirrored;

/**
 * What users of the candidate lost against what the baseline did to its own users in the same windows. Windows in which
 * the baseline served nobody cannot be compared and count nothing.
 */
export class Harm {
  requestsToCandidate = 0;
  private errors = 0;
  private slow = 0;
  private outcomes = 0;
  private compared = false;
  private comparedOutcomes = false;
  /** Index of the tightest latency threshold, −1 without any. */
  private readonly tightest: number;

  /** `counted` are the counters of the windows, `own` those of them that matter here. */
  constructor(counted: readonly LatencyThreshold[], own: readonly LatencyThreshold[] = counted) {
    const lowest = Math.min(...own.map((t) => t.thresholdMs));
    const first = own.find((t) => t.thresholdMs === lowest);
    this.tightest = counted.findIndex((t) => t.thresholdMs === lowest && t.operator === first?.operator);
  }

  /** Rows of one window: of every segment by itself when there are some, since arms may serve different ones. */
  add(rows: readonly ArmWindow[]): void {
    const parts = rows.filter(({ segment }) => segment !== ALL_SEGMENTS);
    const compared = parts.length > 0 ? parts : rows;
    const baselines = new Map(compared.filter(({ arm }) => arm === 'baseline').map((row) => [row.segment, row]));
    for (const row of compared) if (row.arm === 'candidate') this.compare(baselines.get(row.segment)!, row);
  }

  private compare(baseline: ArmWindow, candidate: ArmWindow): void {
    if (candidate.impressions > 0 && baseline.impressions > 0) {
      this.comparedOutcomes = true;
      this.outcomes += (candidate.impressions * baseline.outcomes) / baseline.impressions - candidate.outcomes;
    }
    this.requestsToCandidate += candidate.arrived - candidate.arrivedMirrored;
    const n = served(candidate);
    // Errors and slow answers are not told apart by who asked, so windows with copies in them are left out.
    if (n === 0 || candidate.mirrored > 0 || baseline.requests === 0) return;
    this.compared = true;
    this.errors += candidate.errors - (n * baseline.errors) / baseline.requests;
    const k = this.tightest;
    if (k >= 0) this.slow += candidate.over[k]! - (n * baseline.over[k]!) / baseline.requests;
  }

  close(): {
    requestsToCandidate: number;
    excessErrors: number | null;
    excessSlow: number | null;
    lostOutcomes: number | null;
  } {
    return {
      requestsToCandidate: this.requestsToCandidate,
      excessErrors: this.compared ? whole(this.errors) : null,
      excessSlow: this.compared && this.tightest >= 0 ? whole(this.slow) : null,
      lostOutcomes: this.comparedOutcomes ? whole(this.outcomes) : null,
    };
  }
}

/** Rounded, without the −0 that JSON would hide and a comparison would not. */
const whole = (value: number): number => Math.round(value) + 0;

/** What a window's requests were: sent by users, retries included, ended, and answered; copies left out. */
interface Load {
  readonly endMs: number;
  readonly offered: number;
  readonly ended: number;
  readonly completed: number;
}

const loadOf = (endMs: number, rows: readonly ArmWindow[]): Load => {
  const sum = (of: (row: ArmWindow) => number): number => rows.reduce((total, row) => total + of(row), 0);
  return {
    endMs,
    offered: sum((row) => row.arrived - row.arrivedMirrored),
    ended: sum(served),
    // Copies are hardly ever left unanswered, and nobody counts those apart.
    completed: sum((row) => Math.max(0, row.completed - row.mirrored)),
  };
};

/** Adds up the "all" rows of every window. Call `destroy` at the end. */
export class Ledger {
  readonly arms: ReadonlyMap<Arm, ArmLedger>;
  readonly harm: Harm;
  readonly measures: MeasureLedger;
  /** Users have seen both arms at the same time. */
  hasShared = false;
  /** By window, for counting requests per stage. */
  private readonly loads: Load[] = [];
  private compared = 0;
  private mismatches = 0;
  private readonly baselineScores: ScoreTotal;
  private readonly candidateScores: ScoreTotal;

  constructor(header: WindowHeader) {
    this.baselineScores = new ScoreTotal(header.scoreGrid);
    this.candidateScores = new ScoreTotal(header.scoreGrid);
    this.arms = new Map(header.arms.map((arm) => [arm, new ArmLedger()]));
    this.harm = new Harm(header.thresholds);
    this.measures = new MeasureLedger(header);
  }

  add(window: Window): void {
    const rows = window.rows.filter((row) => row.segment === ALL_SEGMENTS);
    this.loads.push(loadOf(window.endMs, rows));
    const baseline = rows.find((row) => row.arm === 'baseline')!;
    const candidate = rows.find((row) => row.arm === 'candidate')!;
    const isShared = served(baseline) > 0 && served(candidate) > 0;
    if (isShared) this.hasShared = true;
    for (const row of rows) this.arms.get(row.arm)!.add(row, isShared);
    this.harm.add(window.rows);
    this.measures.add(baseline, candidate, isShared);
    if (candidate.shadow !== null) this.addShadow(candidate.shadow);
  }

  /** Requests that users sent and that ended in (fromMs, toMs]. */
  servedBetween(fromMs: number, toMs: number): number {
    return this.loads.reduce((sum, w) => (w.endMs > fromMs && w.endMs <= toMs ? sum + w.ended : sum), 0);
  }

  /** Requests that users sent, and those that were answered, in the windows that ended in (fromMs, toMs]. */
  loadBetween(fromMs: number, toMs: number): { readonly offered: number; readonly completed: number } {
    const inside = this.loads.filter(({ endMs }) => endMs > fromMs && endMs <= toMs);
    return {
      offered: inside.reduce((sum, each) => sum + each.offered, 0),
      completed: inside.reduce((sum, each) => sum + each.completed, 0),
    };
  }

  /** Both arms' answers to the mirrored requests, over the whole run. Shifts are candidate/baseline − 1. */
  shadow(): {
    compared: number;
    scoreMedianShift: number | null;
    scoreMeanShift: number | null;
    mismatchRatio: number | null;
  } {
    const { baselineScores, candidateScores } = this;
    return {
      compared: this.compared,
      scoreMedianShift: shift(baselineScores.quantile(0.5), candidateScores.quantile(0.5)),
      scoreMeanShift: shift(baselineScores.sum, candidateScores.sum),
      mismatchRatio: baselineScores.count === 0 ? null : this.mismatches / baselineScores.count,
    };
  }

  destroy(): void {
    for (const arm of this.arms.values()) arm.destroy();
  }

  private addShadow(shadow: NonNullable<ArmWindow['shadow']>): void {
    this.compared += shadow.compared;
    this.mismatches += shadow.mismatches;
    this.baselineScores.add(shadow.baselineScores);
    this.candidateScores.add(shadow.candidateScores);
  }
}

/** candidate/baseline − 1 over the same requests; null where it means nothing. */
const shift = (baseline: number | null, candidate: number | null): number | null =>
  baseline === null || candidate === null || baseline === 0 ? null : candidate / baseline - 1;
