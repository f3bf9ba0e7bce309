/** A recording cut down to what a policy's guards can read at any position of their sliders. */
import { bucketIndex } from '../controller/fold.ts';
import { isEarlier } from '../controller/guards/evidence.ts';
import { counterOf } from '../controller/guards/latency.ts';
import { armsOf, type Needs, needsOf, segmentsOf, tellsUsersApart } from '../controller/needs.ts';
import type { Policy } from '../controller/policy.ts';
import type { Part } from '../controller/tally.ts';
import { addClusters, NO_CLUSTERS } from '../telemetry/clusters.ts';
import { addMeasures, addPairs } from '../telemetry/measures.ts';
import { NO_SCORES, sumScores } from '../telemetry/scores.ts';
import type { Arm, ArmWindow, LatencyThreshold, ShadowComparison, TimeHistogram, Window } from '../telemetry/window.ts';
import { withCounters } from '../tuning/derive-counters.ts';
import type { Judged } from '../tuning/judge.ts';
import { decidingPart } from './guards.ts';

export const NO_TIME: TimeHistogram = { count: 0, sumMs: 0, maxMs: 0, encoded: new Uint8Array(0) };

/** Histograms that decide, by cell. A latency bound is decided by counters: its histogram would only be shown. */
export function histogramsOf(policy: Policy): Needs {
  const deciding = decidingPart(policy);
  return needsOf({ ...deciding, guards: deciding.guards.filter((guard) => counterOf(guard) === null) });
}

/**
 * Windows are added up to evaluation windows, except where histograms of times decide: those are kept as they are. `counters` are the
 * latency bounds that are kept; histograms are kept when they are wanted. Throws RangeError when the recording lacks what the policy reads.
 */
export function thin(
  recording: Judged,
  policy: Policy,
  counters: readonly LatencyThreshold[],
  keepsHistograms: boolean,
): Judged {
  const counted = withCounters(recording, counters);
  const places = counters.map(({ thresholdMs, operator }) =>
    counted.header.thresholds.findIndex((each) => each.thresholdMs === thresholdMs && each.operator === operator),
  );
  const needs: Needs = keepsHistograms ? histogramsOf(policy) : new Map();
  const segments = segmentsOf(decidingPart(policy));
  const isKept = keptIn(recording, policy);
  const counts = armsCounted(policy);
  const keepsTimes = [...needs.values()].some((parts) => parts.has('latency') || parts.has('feature-fetch'));
  const cut = counted.windows.map(
    (window): Window => ({
      ...window,
      rows: window.rows
        .filter(({ segment }) => segments.has(segment))
        .map((row) =>
          strip(
            row,
            counts.has(row.arm) ? places : places.map(() => -1),
            isKept(window.endMs) ? needs.get(`${row.arm}/${row.segment}`) : undefined,
          ),
        ),
    }),
  );
  const groups = keepsTimes
    ? cut.map((window) => [window])
    : [...Map.groupBy(cut, ({ endMs }) => bucketIndex(endMs, policy.evaluateEveryMs)).values()];
  return {
    provenance: recording.provenance,
    header: { ...counted.header, thresholds: counters },
    windows: groups.map((group, index) => joined(group, index)),
  };
}

/** Whether a histogram at this time may be read: by a guard that is active then, or that remembers or looks back. */
function keptIn({ provenance }: Judged, policy: Policy): (endMs: number) => boolean {
  const readers = decidingPart(policy).guards.filter(
    (guard) => 'quantile' in guard.metric || guard.metric.kind === 'distribution' || tellsUsersApart(guard),
  );
  const always = readers.some((guard) => guard.carryOver || guard.stages === null || isEarlier(guard));
  return (endMs) => {
    const stage = provenance.stages.findLast(({ startMs }) => startMs < endMs);
    return always || readers.some(({ stages }) => stage !== undefined && stages!.includes(stage.name));
  };
}

/** Arms whose latency counters are read. */
function armsCounted(policy: Policy): ReadonlySet<Arm> {
  return new Set(
    decidingPart(policy).guards.flatMap((guard) =>
      guard.metric.kind === 'slow-ratio' ? armsOf(guard) : ['candidate' as const],
    ),
  );
}

function strip(
  { users, ...row }: ArmWindow,
  places: readonly number[],
  parts: ReadonlySet<Part> | undefined,
): ArmWindow {
  return {
    ...row,
    over: places.map((place) => row.over[place] ?? 0),
    latency: parts?.has('latency') ? row.latency : NO_TIME,
    wait: NO_TIME,
    featureFetch: parts?.has('feature-fetch') ? row.featureFetch : { ...NO_TIME, count: row.featureFetch.count },
    scores: parts?.has('scores') ? row.scores : { ...NO_SCORES, count: row.scores.count },
    shadow: row.shadow === null ? null : stripShadow(row.shadow, parts?.has('pairs') === true),
    ...(users !== undefined && parts?.has('users') === true && { users }),
  };
}

const stripShadow = (shadow: ShadowComparison, keep: boolean): ShadowComparison =>
  keep
    ? shadow
    : {
        ...shadow,
        baselineScores: { ...NO_SCORES, count: shadow.baselineScores.count },
        candidateScores: { ...NO_SCORES, count: shadow.candidateScores.count },
      };

/** Windows of one evaluation window as one; it ends when the last of them does. */
function joined(group: readonly Window[], index: number): Window {
  const first = group[0]!;
  const last = group.at(-1)!;
  const rows = last.rows.map((_, r) => group.map((window) => window.rows[r]!).reduce(addRows));
  return { index, startMs: first.startMs, endMs: last.endMs, rows };
}

const SUMMED = [
  'arrived',
  'arrivedMirrored',
  'requests',
  'errors',
  'impressions',
  'outcomes',
  'featuresMissing',
] as const;

/** Only what a judge reads is added; the rest is of the later one. */
function addRows(a: ArmWindow, b: ArmWindow): ArmWindow {
  const sums = Object.fromEntries(SUMMED.map((name) => [name, a[name] + b[name]]));
  return {
    ...b,
    ...sums,
    ...(b.measures !== undefined && { measures: addMeasures(a.measures ?? {}, b.measures) }),
    ...(b.users !== undefined && { users: addClusters(a.users ?? NO_CLUSTERS, b.users) }),
    over: b.over.map((n, k) => n + a.over[k]!),
    featureFetch: { ...b.featureFetch, count: a.featureFetch.count + b.featureFetch.count },
    scores: addScores(a.scores, b.scores),
    shadow: a.shadow === null || b.shadow === null ? (a.shadow ?? b.shadow) : addShadow(a.shadow, b.shadow),
  };
}

function addScores(a: ArmWindow['scores'], b: ArmWindow['scores']): ArmWindow['scores'] {
  return { ...sumScores([a, b]), count: a.count + b.count };
}

const addShadow = (a: ShadowComparison, b: ShadowComparison): ShadowComparison => ({
  ...b,
  compared: a.compared + b.compared,
  mismatches: a.mismatches + b.mismatches,
  ...(b.measures !== undefined && { measures: addPairs(a.measures ?? {}, b.measures) }),
  ...(b.pairMeasures !== undefined && { pairMeasures: addMeasures(a.pairMeasures ?? {}, b.pairMeasures) }),
  baselineScores: addScores(a.baselineScores, b.baselineScores),
  candidateScores: addScores(a.candidateScores, b.candidateScores),
});
