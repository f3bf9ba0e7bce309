/** What guards read of one arm and segment over some stretch of time: sums of windows, as plain data. */
import type { ArmWindow, ScoreHistogram, TimeHistogram } from '../telemetry/window.ts';
import { addClusters, type ClusterCounts, NO_CLUSTERS } from '../telemetry/clusters.ts';
import { addMeasures, addPairs, type MeasureSums, type PairSums } from '../telemetry/measures.ts';
import { decodeBuckets } from './decode-times.ts';
import { merge, NOTHING, type Sparse } from './sparse.ts';

/** A histogram of times: buckets of telemetry/histogram.ts, and the exact longest time. */
export interface Times {
  readonly buckets: Sparse;
  readonly maxMs: number;
}

export interface Tally {
  readonly arrived: number;
  readonly requests: number;
  /** Of `arrived`: shadow copies. */
  readonly arrivedMirrored: number;
  readonly errors: number;
  /** Per threshold of the run's header. */
  readonly over: readonly number[];
  readonly impressions: number;
  readonly outcomes: number;
  readonly featuresMissing: number;
  /** Histograms are empty unless some guard reads them (see needs.ts). */
  readonly latency: Times;
  readonly featureFetch: Times;
  readonly scores: Sparse;
  /** Mirrored pairs, and the scores both arms gave in them. */
  readonly compared: number;
  readonly mismatches: number;
  readonly pairedBaseline: Sparse;
  readonly pairedCandidate: Sparse;
  /** In runs with measures: the arm's, both copies' in mirrored pairs, and those of pairs. */
  readonly measures: MeasureSums;
  readonly pairedMeasures: PairSums;
  readonly pairMeasures: MeasureSums;
  /** Labels by cluster of users; empty unless some guard reads them. */
  readonly users: ClusterCounts;
}

/** What of a window is worth keeping beside its counts. */
export type Part = 'latency' | 'feature-fetch' | 'scores' | 'pairs' | 'users';

const NO_TIMES: Times = { buckets: NOTHING, maxMs: 0 };

export const NO_TALLY: Tally = {
  arrived: 0,
  requests: 0,
  arrivedMirrored: 0,
  errors: 0,
  over: [],
  impressions: 0,
  outcomes: 0,
  featuresMissing: 0,
  latency: NO_TIMES,
  featureFetch: NO_TIMES,
  scores: NOTHING,
  compared: 0,
  mismatches: 0,
  pairedBaseline: NOTHING,
  pairedCandidate: NOTHING,
  measures: {},
  pairedMeasures: {},
  pairMeasures: {},
  users: NO_CLUSTERS,
};

const timesOf = ({ encoded, maxMs }: TimeHistogram): Times => ({ buckets: decodeBuckets(encoded), maxMs });
const scoresOf = ({ bins, counts }: ScoreHistogram): Sparse => ({ at: listOf(bins), counts: listOf(counts) });

/** A plain loop: spreading a typed array goes through its iterator, value by value. */
function listOf(values: Uint32Array): readonly number[] {
  const list: number[] = [];
  for (let i = 0; i < values.length; i++) list.push(values[i]!);
  return list;
}

/** One row, with those of its histograms that are in `parts`. */
export function tallyOf(row: ArmWindow, parts: ReadonlySet<Part>): Tally {
  const pairs = parts.has('pairs') ? row.shadow : null;
  return {
    arrived: row.arrived,
    requests: row.requests,
    arrivedMirrored: row.arrivedMirrored,
    errors: row.errors,
    over: [...row.over],
    impressions: row.impressions,
    outcomes: row.outcomes,
    featuresMissing: row.featuresMissing,
    latency: parts.has('latency') ? timesOf(row.latency) : NO_TIMES,
    featureFetch: parts.has('feature-fetch') ? timesOf(row.featureFetch) : NO_TIMES,
    scores: parts.has('scores') ? scoresOf(row.scores) : NOTHING,
    compared: row.shadow?.compared ?? 0,
    mismatches: row.shadow?.mismatches ?? 0,
    pairedBaseline: pairs === null ? NOTHING : scoresOf(pairs.baselineScores),
    pairedCandidate: pairs === null ? NOTHING : scoresOf(pairs.candidateScores),
    measures: row.measures ?? NO_TALLY.measures,
    pairedMeasures: row.shadow?.measures ?? NO_TALLY.pairedMeasures,
    pairMeasures: row.shadow?.pairMeasures ?? NO_TALLY.pairMeasures,
    users: parts.has('users') ? (row.users ?? NO_CLUSTERS) : NO_CLUSTERS,
  };
}

const EVERY_PART: ReadonlySet<Part> = new Set(['latency', 'feature-fetch', 'scores', 'pairs', 'users']);

/**
 * Counts are added, histograms merged: whole numbers throughout, so the order of adding never shows. Histograms that are not in
 * `parts` come out empty: merging is what evaluations spend their time on.
 */
export function add(a: Tally, b: Tally, parts: ReadonlySet<Part> = EVERY_PART): Tally {
  const pairs = parts.has('pairs');
  return {
    arrived: a.arrived + b.arrived,
    requests: a.requests + b.requests,
    arrivedMirrored: a.arrivedMirrored + b.arrivedMirrored,
    errors: a.errors + b.errors,
    over: (a.over.length >= b.over.length ? a : b).over.map((_, i) => (a.over[i] ?? 0) + (b.over[i] ?? 0)),
    impressions: a.impressions + b.impressions,
    outcomes: a.outcomes + b.outcomes,
    featuresMissing: a.featuresMissing + b.featuresMissing,
    latency: parts.has('latency') ? addTimes(a.latency, b.latency) : NO_TIMES,
    featureFetch: parts.has('feature-fetch') ? addTimes(a.featureFetch, b.featureFetch) : NO_TIMES,
    scores: parts.has('scores') ? merge(a.scores, b.scores) : NOTHING,
    compared: a.compared + b.compared,
    mismatches: a.mismatches + b.mismatches,
    pairedBaseline: pairs ? merge(a.pairedBaseline, b.pairedBaseline) : NOTHING,
    pairedCandidate: pairs ? merge(a.pairedCandidate, b.pairedCandidate) : NOTHING,
    measures: addMeasures(a.measures, b.measures),
    pairedMeasures: addPairs(a.pairedMeasures, b.pairedMeasures),
    pairMeasures: addMeasures(a.pairMeasures, b.pairMeasures),
    users: parts.has('users') ? addClusters(a.users, b.users) : NO_CLUSTERS,
  };
}

const addTimes = (a: Times, b: Times): Times => ({
  buckets: merge(a.buckets, b.buckets),
  maxMs: Math.max(a.maxMs, b.maxMs),
});
