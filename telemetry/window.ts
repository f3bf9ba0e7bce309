/**
 * The language both worlds speak and the controller reads: what one arm did in one window of time.
 * Everything is a count or a mergeable sum, so windows add up over time, segments, shards and machines;
 * ratios and percentiles are derived where they are shown, never stored to be averaged later.
 */

import type { ClusterCounts } from './clusters.ts';
import type { MeasureInfo, MeasureSums, PairSums } from './measures.ts';

/** Who answered: the fleet in production, the one under test, or a fresh copy of the former of the latter's size. */
export type Arm = 'baseline' | 'candidate' | 'control';
export const ARMS: readonly Arm[] = ['baseline', 'candidate', 'control'];

/** Name of the segment that holds every request (the only one in a scenario without segments). */
export const ALL_SEGMENTS = 'all';

/**
 * A latency bound some policy names, counted exactly. The operator decides the edge: a guard "p95 < 50 ms" is broken by
 * answers of 50 ms or more (`>=`), a rule "roll back when p95 > 50 ms" by answers of more than 50 ms (`>`).
 */
export interface LatencyThreshold {
  readonly thresholdMs: number;
  readonly operator: '>=' | '>';
}

/** A fixed grid over predictions, so that score histograms of all windows and arms share their bins. Values outside are clamped to the edge bins. */
export interface ScoreGrid {
  readonly low: number;
  readonly high: number;
  readonly bins: number;
}

/** A histogram of times: the exact count, sum and maximum, and the distribution in HdrHistogram's V2 encoding (integer µs, 3 digits). */
export interface TimeHistogram {
  readonly count: number;
  readonly sumMs: number;
  readonly maxMs: number;
  /** HdrHistogram V2 encoding; empty exactly when count is 0. Merge and read with `TimeTotal`. */
  readonly encoded: Uint8Array;
}

/** Counts per bin of the run's ScoreGrid, as parallel arrays of the bins that are not empty, ascending. */
export interface ScoreHistogram {
  readonly count: number;
  readonly sum: number;
  readonly bins: Uint32Array;
  readonly counts: Uint32Array;
}

/** Both arms' answers to the same mirrored requests, joined by request; a pair counts once both sides have answered. */
export interface ShadowComparison {
  /** Pairs compared. */
  readonly compared: number;
  /** Pairs whose scores differ by more than the scenario's tolerance. */
  readonly mismatches: number;
  /** Σ baseline score, Σ candidate score, Σ |candidate − baseline| over the pairs. */
  readonly baselineSum: number;
  readonly candidateSum: number;
  readonly absoluteDifferenceSum: number;
  readonly baselineScores: ScoreHistogram;
  readonly candidateScores: ScoreHistogram;
  /** Σ over the pairs of max(baseline, candidate) latency, ms: what a caller that waits for both would see. */
  readonly slowerSumMs: number;
  /** Pairs that can never be compared, because one side failed, was rejected or timed out. */
  readonly incomplete: number;
  /** In runs with measures: both copies' values of each, and the measures of pairs. */
  readonly measures?: PairSums;
  readonly pairMeasures?: MeasureSums;
}

/** One arm × segment × window. Every count is about requests whose outcome became known inside the window, unless it says otherwise. */
export interface ArmWindow {
  /** Number of the window since the rehearsal began, from 0. */
  readonly index: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly arm: Arm;
  readonly segment: string;
  /**
   * Router's share for this arm at the window's end, 0…100. In a stage about some segments: of their requests, on their rows and on
   * "all"; the rows of others show 100 for the baseline.
   */
  readonly weightPercent: number;
  /** Requests that reached the arm inside the window, mirrored copies included. */
  readonly arrived: number;
  /** How many of `arrived` were shadow copies. */
  readonly arrivedMirrored: number;
  /** Requests in the arm (fetching, waiting or in service) at the window's end. */
  readonly inFlight: number;
  /** Requests whose outcome is known = completed + failed + rejected + timedOut, mirrored copies included. */
  readonly requests: number;
  /** How many of `requests` were shadow copies that no user saw. */
  readonly mirrored: number;
  readonly completed: number;
  readonly failed: number;
  readonly rejected: number;
  readonly timedOut: number;
  /** failed + rejected + timedOut. */
  readonly errors: number;
  /** Per threshold of the run's header, in its order: answers beyond it, plus every request that got no answer. */
  readonly over: readonly number[];
  /** Arrival at the router to last byte of the answer, of completed requests. */
  readonly latency: TimeHistogram;
  /** Time in the fleet's queue, service excluded, of completed requests. */
  readonly wait: TimeHistogram;
  /** Time to get the features, cache hits included, of requests that finished fetching inside the window. */
  readonly featureFetch: TimeHistogram;
  readonly cacheHits: number;
  readonly cacheMisses: number;
  /** Requests served without their stored features (store unavailable or too slow). */
  readonly featuresMissing: number;
  /** Predictions whose label matured inside the window, and the positive labels among them (mirrored copies have none). */
  readonly impressions: number;
  readonly outcomes: number;
  /** Predictions of completed requests. */
  readonly scores: ScoreHistogram;
  /** Busy slot time, and slot time of ready replicas, inside the window (ms): utilisation = busyMs / capacityMs. Null except on the "all" segment. */
  readonly busyMs: number | null;
  readonly capacityMs: number | null;
  readonly readyReplicas: number | null;
  /** On the candidate's rows while requests are mirrored; null otherwise. */
  readonly shadow: ShadowComparison | null;
  /** In runs with measures: of completed requests, copies included, or of predictions whose label matured, as the measure says. */
  readonly measures?: MeasureSums;
  /** In runs that tell users apart: `impressions` and `outcomes` by cluster of users. */
  readonly users?: ClusterCounts;
}

/** What holds for every window of a run; the recording carries it once. */
export interface WindowHeader {
  readonly windowMs: number;
  readonly arms: readonly Arm[];
  /** Segment names, "all" first; with more than one, "all" is their sum. */
  readonly segments: readonly string[];
  readonly thresholds: readonly LatencyThreshold[];
  readonly scoreGrid: ScoreGrid;
  /** What requests are measured by beside latencies and labels, and what mirrored pairs are; not there in a run that measures nothing. */
  readonly measures?: readonly MeasureInfo[];
  readonly pairMeasures?: readonly MeasureInfo[];
  /** Users among whom the arms are shared out, where they are so few (under a million) that shares differ by chance; not there otherwise. */
  readonly users?: number;
  /** Clusters that users are told apart by; not there in a run that does not. */
  readonly userClusters?: number;
}

/** All rows of one window: one per arm × segment, ordered by arm, then segment. */
export interface Window {
  readonly index: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly rows: readonly ArmWindow[];
}
