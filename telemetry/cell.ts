import { ClusterRecorder, type Clustering } from './clusters.ts';
import { TimeRecorder } from './histogram.ts';
import { type MeasureInfo, MeasureRecorder, PairMeasureRecorder } from './measures.ts';
import { ScoreRecorder } from './scores.ts';
import type { Arm, ArmWindow, LatencyThreshold, ScoreGrid, ShadowComparison } from './window.ts';

/** What a cell cannot know by itself when its window ends. */
export interface WindowFrame {
  readonly index: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly weightPercent: number;
}

/**
 * Counts one arm × segment between two window ends: increments while requests end, everything derived at `close`.
 * Label delay is exact: a label is counted in the window in which it matures.
 */
export class Cell {
  readonly arm: Arm;
  readonly segment: string;
  arrived = 0;
  arrivedMirrored = 0;
  private mirrored = 0;
  private completed = 0;
  /** How many of the completed requests had to wait. */
  private waited = 0;
  private failed = 0;
  private rejected = 0;
  private timedOut = 0;
  private readonly over: Float64Array;
  private readonly bounds: Float64Array;
  private readonly strict: readonly boolean[];
  private readonly lowestBound: number;
  private readonly latency = new TimeRecorder();
  private readonly waits = new TimeRecorder();
  private readonly fetches = new TimeRecorder();
  private readonly hitMs: number;
  /** Requests that got their features from the cache. */
  hits = 0;
  private timedHits = 0;
  private misses = 0;
  private missing = 0;
  private readonly scores: ScoreRecorder;
  private readonly labels: LabelQueue;
  /** Null in a run that does not tell users apart. */
  private readonly users: ClusterRecorder | null;
  readonly pairs: PairRecorder;
  /** Null in a run that measures nothing. */
  readonly measures: MeasureRecorder | null;

  constructor(arm: Arm, segment: string, options: CellOptions) {
    this.arm = arm;
    this.segment = segment;
    this.hitMs = options.hitMs;
    this.over = new Float64Array(options.thresholds.length);
    this.bounds = Float64Array.from(options.thresholds, (t) => t.thresholdMs);
    this.strict = options.thresholds.map((t) => t.operator === '>');
    this.lowestBound = Math.min(...this.bounds, Number.POSITIVE_INFINITY);
    this.scores = new ScoreRecorder(options.scoreGrid);
    this.labels = new LabelQueue(options.windowMs, options.labelDelayMs);
    this.users =
      options.users === undefined ? null : new ClusterRecorder(options.users, options.windowMs, options.labelDelayMs);
    const { measures, pairMeasures = [] } = options;
    const pairs = measures === undefined ? null : new PairMeasureRecorder(measures, pairMeasures);
    this.pairs = new PairRecorder(options.scoreGrid, pairs);
    this.measures =
      measures === undefined ? null : new MeasureRecorder(measures, options.windowMs, options.labelDelayMs);
  }

  /** A request was answered `latencyMs` after it arrived, having waited `waitMs` in the queue. */
  answered(latencyMs: number, waitMs: number, mirrored: boolean): void {
    this.completed++;
    if (mirrored) this.mirrored++;
    this.latency.record(latencyMs);
    if (waitMs > 0) {
      this.waited++;
      this.waits.record(waitMs);
    }
    if (latencyMs >= this.lowestBound) this.countOver(latencyMs);
  }

  private countOver(latencyMs: number): void {
    for (let k = 0; k < this.bounds.length; k++) {
      if (latencyMs > this.bounds[k]! || (latencyMs === this.bounds[k]! && !this.strict[k])) this.over[k]!++;
    }
  }

  /** The score of an answered request. */
  scored(score: number): void {
    this.scores.record(score);
  }

  /** The label of a prediction answered at `doneMs` will mature after the label delay; `user` counts in runs that tell users apart. */
  labelled(doneMs: number, positive: boolean, user = 0): void {
    this.labels.add(doneMs, positive);
    if (this.users !== null) this.users.add(doneMs, user, positive);
  }

  /** A request got no answer in time: it is over every latency threshold, however fast it failed. */
  unanswered(how: 'failed' | 'rejected' | 'timedOut', mirrored: boolean): void {
    this[how]++;
    if (mirrored) this.mirrored++;
    for (let k = 0; k < this.over.length; k++) this.over[k]!++;
  }

  /** A request got its features from the cache in a measured time; `hits` counts those that take the declared one. */
  hit(fetchMs: number): void {
    this.timedHits++;
    this.fetches.record(fetchMs);
  }

  /** A request came back from the feature store after `fetchMs`, with the features or without. */
  fetched(fetchMs: number, found: boolean): void {
    this.misses++;
    if (!found) this.missing++;
    this.fetches.record(fetchMs);
  }

  /** The window's row; counting starts anew. `inFlight` and the fleet's figures are the world's to say. */
  close(frame: WindowFrame, inFlight: number, fleet: FleetFigures | null, mirroring: boolean): ArmWindow {
    this.waits.recordMany(0, this.completed - this.waited);
    this.fetches.recordMany(this.hitMs, this.hits);
    const { arm, segment, arrived, arrivedMirrored, mirrored, completed, failed, rejected, timedOut } = this;
    const errors = failed + rejected + timedOut;
    const labels = this.labels.mature(frame.index);
    const row: ArmWindow = {
      ...frame,
      arm,
      segment,
      arrived,
      arrivedMirrored,
      inFlight,
      requests: completed + errors,
      mirrored,
      completed,
      failed,
      rejected,
      timedOut,
      errors,
      over: [...this.over],
      latency: this.latency.close(),
      wait: this.waits.close(),
      featureFetch: this.fetches.close(),
      cacheHits: this.hits + this.timedHits,
      cacheMisses: this.misses,
      featuresMissing: this.missing,
      impressions: labels.impressions,
      outcomes: labels.outcomes,
      scores: this.scores.close(),
      busyMs: fleet?.busyMs ?? null,
      capacityMs: fleet?.capacityMs ?? null,
      readyReplicas: fleet?.readyReplicas ?? null,
      shadow: this.pairs.close(mirroring),
      ...(this.measures === null ? {} : { measures: this.measures.close(frame.index) }),
      ...(this.users === null ? {} : { users: this.users.close(frame.index) }),
    };
    this.arrived =
      this.arrivedMirrored =
      this.mirrored =
      this.completed =
      this.failed =
      this.rejected =
      this.timedOut =
        0;
    this.waited = this.hits = this.timedHits = this.misses = this.missing = 0;
    this.over.fill(0);
    return row;
  }
}

export interface CellOptions {
  readonly thresholds: readonly LatencyThreshold[];
  readonly scoreGrid: ScoreGrid;
  readonly windowMs: number;
  readonly labelDelayMs: number;
  readonly hitMs: number;
  /** As in the header. */
  readonly measures?: readonly MeasureInfo[] | undefined;
  readonly pairMeasures?: readonly MeasureInfo[] | undefined;
  /** How users are told apart, where they are. */
  readonly users?: Clustering | undefined;
}

export interface FleetFigures {
  readonly busyMs: number;
  readonly capacityMs: number;
  readonly readyReplicas: number;
}

/** Labels on their way to maturity, counted by the window in which they will mature. */
class LabelQueue {
  private readonly windowMs: number;
  private readonly delayMs: number;
  /** Rings over windows, long enough for an answer at the end of the current window. */
  private readonly impressions: Float64Array;
  private readonly outcomes: Float64Array;

  constructor(windowMs: number, delayMs: number) {
    this.windowMs = windowMs;
    this.delayMs = delayMs;
    const length = Math.ceil(delayMs / windowMs) + 2;
    this.impressions = new Float64Array(length);
    this.outcomes = new Float64Array(length);
  }

  add(doneMs: number, positive: boolean): void {
    const at = Math.floor((doneMs + this.delayMs) / this.windowMs) % this.impressions.length;
    this.impressions[at]!++;
    if (positive) this.outcomes[at]!++;
  }

  mature(index: number): { impressions: number; outcomes: number } {
    const at = index % this.impressions.length;
    const matured = { impressions: this.impressions[at]!, outcomes: this.outcomes[at]! };
    this.impressions[at] = this.outcomes[at] = 0;
    return matured;
  }
}

/** Both copies' answers to mirrored requests, summed as they come. */
class PairRecorder {
  private compared = 0;
  private mismatches = 0;
  private differenceSum = 0;
  private slowerSumMs = 0;
  private incomplete = 0;
  private readonly baseline: ScoreRecorder;
  private readonly candidate: ScoreRecorder;
  readonly measures: PairMeasureRecorder | null;

  constructor(grid: ScoreGrid, measures: PairMeasureRecorder | null) {
    this.measures = measures;
    this.baseline = new ScoreRecorder(grid);
    this.candidate = new ScoreRecorder(grid);
  }

  /** Both copies have answered, the slower after `slowerMs`. */
  complete(slowerMs: number): void {
    this.compared++;
    this.slowerSumMs += slowerMs;
  }

  scored(baseline: number, candidate: number, mismatch: boolean): void {
    this.baseline.record(baseline);
    this.candidate.record(candidate);
    this.differenceSum += Math.abs(candidate - baseline);
    if (mismatch) this.mismatches++;
  }

  lost(): void {
    this.incomplete++;
  }

  close(mirroring: boolean): ShadowComparison | null {
    if (!mirroring && this.compared + this.incomplete === 0) return null;
    const baselineScores = this.baseline.close();
    const candidateScores = this.candidate.close();
    const comparison: ShadowComparison = {
      compared: this.compared,
      mismatches: this.mismatches,
      baselineSum: baselineScores.sum,
      candidateSum: candidateScores.sum,
      absoluteDifferenceSum: this.differenceSum,
      baselineScores,
      candidateScores,
      slowerSumMs: this.slowerSumMs,
      incomplete: this.incomplete,
      ...this.measures?.close(),
    };
    this.compared = this.mismatches = this.differenceSum = this.slowerSumMs = this.incomplete = 0;
    return comparison;
  }
}
