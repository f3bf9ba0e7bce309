import { addClusters, NO_CLUSTERS } from './clusters.ts';
import { TimeTotal } from './histogram.ts';
import { addMeasures, addPairs } from './measures.ts';
import { sumScores } from './scores.ts';
import type { ArmWindow, ShadowComparison, TimeHistogram } from './window.ts';

/** The row of all segments of one arm and window: counts add, histograms merge. `rows` must not be empty. */
export function sumRows(rows: readonly ArmWindow[], segment: string): ArmWindow {
  const first = rows[0]!;
  const sum = (of: (row: ArmWindow) => number): number => rows.reduce((total, row) => total + of(row), 0);
  const shadows = rows.flatMap((row) => (row.shadow === null ? [] : [row.shadow]));
  return {
    ...first,
    segment,
    arrived: sum((r) => r.arrived),
    arrivedMirrored: sum((r) => r.arrivedMirrored),
    inFlight: sum((r) => r.inFlight),
    requests: sum((r) => r.requests),
    mirrored: sum((r) => r.mirrored),
    completed: sum((r) => r.completed),
    failed: sum((r) => r.failed),
    rejected: sum((r) => r.rejected),
    timedOut: sum((r) => r.timedOut),
    errors: sum((r) => r.errors),
    over: first.over.map((_, k) => sum((r) => r.over[k]!)),
    latency: sumTimes(rows.map((r) => r.latency)),
    wait: sumTimes(rows.map((r) => r.wait)),
    featureFetch: sumTimes(rows.map((r) => r.featureFetch)),
    cacheHits: sum((r) => r.cacheHits),
    cacheMisses: sum((r) => r.cacheMisses),
    featuresMissing: sum((r) => r.featuresMissing),
    impressions: sum((r) => r.impressions),
    outcomes: sum((r) => r.outcomes),
    scores: sumScores(rows.map((r) => r.scores)),
    shadow: shadows.length === 0 ? null : sumShadows(shadows),
    ...(first.measures === undefined
      ? {}
      : { measures: rows.reduce((total, row) => addMeasures(total, row.measures ?? {}), {}) }),
    ...(first.users === undefined
      ? {}
      : { users: rows.reduce((total, row) => addClusters(total, row.users ?? NO_CLUSTERS), NO_CLUSTERS) }),
  };
}

export function sumTimes(parts: readonly TimeHistogram[]): TimeHistogram {
  const total = new TimeTotal();
  for (const part of parts) total.add(part);
  const sum = total.close();
  total.destroy();
  return sum;
}

export function sumShadows(parts: readonly ShadowComparison[]): ShadowComparison {
  const sum = (of: (part: ShadowComparison) => number): number => parts.reduce((total, part) => total + of(part), 0);
  return {
    compared: sum((p) => p.compared),
    mismatches: sum((p) => p.mismatches),
    baselineSum: sum((p) => p.baselineSum),
    candidateSum: sum((p) => p.candidateSum),
    absoluteDifferenceSum: sum((p) => p.absoluteDifferenceSum),
    baselineScores: sumScores(parts.map((p) => p.baselineScores)),
    candidateScores: sumScores(parts.map((p) => p.candidateScores)),
    slowerSumMs: sum((p) => p.slowerSumMs),
    incomplete: sum((p) => p.incomplete),
    ...(parts[0]?.measures === undefined
      ? {}
      : {
          measures: parts.reduce((total, part) => addPairs(total, part.measures ?? {}), {}),
          pairMeasures: parts.reduce((total, part) => addMeasures(total, part.pairMeasures ?? {}), {}),
        }),
  };
}
