/**
 * Thin recordings as bytes and back. Counts are variable-length integers, column by column, so that they deflate well; latency
 * counters are monotone in their bound and written as differences.
 */
import type { ClusterCounts } from '../telemetry/clusters.ts';
import type { MeasureSums, PairSums } from '../telemetry/measures.ts';
import { NO_SCORES } from '../telemetry/scores.ts';
import type { ArmWindow, ScoreHistogram, ShadowComparison, TimeHistogram, Window } from '../telemetry/window.ts';
import type { Judged } from '../tuning/judge.ts';
import type { Quantiles, QuantileSeries } from '../tuning/fast/quantiles.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import { keyOf, type PackedQuantiles, readQuantiles, writeQuantiles } from './packed-quantiles.ts';

/** What stands in the page as JSON beside the bytes. */
export interface PackedHead {
  readonly header: Judged['header'];
  readonly provenance: Judged['provenance'];
  /** Rows per window: arm and segment. */
  readonly cells: readonly (readonly [arm: ArmWindow['arm'], segment: string])[];
  readonly windows: number;
  /** Quantiles worked out beforehand, and over how many evaluations. */
  readonly series: readonly QuantileSeries[];
  readonly evaluations: number;
}

/** A recording with quantiles worked out beforehand. */
export type Unpacked = Judged & { readonly quantiles: PackedQuantiles };

/** Quantiles by their series, all over the same evaluations. */
export type Worked = readonly (readonly [QuantileSeries, Quantiles])[];

const COUNTS = [
  'arrived',
  'arrivedMirrored',
  'requests',
  'errors',
  'impressions',
  'outcomes',
  'featuresMissing',
] as const;

export function encode(
  { header, provenance, windows }: Judged,
  worked: Worked = [],
): { head: PackedHead; bytes: Uint8Array } {
  const out = new ByteWriter();
  const cells = (windows[0]?.rows ?? []).map(({ arm, segment }) => [arm, segment] as const);
  for (const { startMs, endMs } of windows) {
    out.double(startMs);
    out.double(endMs);
  }
  for (const c of cells.keys()) {
    const rows = windows.map((window) => window.rows[c]!);
    for (const name of COUNTS) for (const row of rows) out.whole(row[name]);
    for (const k of header.thresholds.keys()) for (const { over } of rows) out.signed(over[k]! - (over[k + 1] ?? 0));
    for (const { featureFetch } of rows) writeTimes(out, featureFetch);
    for (const { latency } of rows) writeTimes(out, latency);
    for (const { scores } of rows) writeScores(out, scores);
    for (const { shadow } of rows) writeShadow(out, shadow);
    for (const { measures } of rows) writePlain(out, measures);
    if (header.userClusters !== undefined) for (const { users } of rows) writePlain(out, users);
  }
  for (const [, quantiles] of worked) writeQuantiles(out, quantiles);
  const series = worked.map(([each]) => each);
  const evaluations = worked[0]?.[1].value.length ?? 0;
  return { head: { header, provenance, cells, windows: windows.length, series, evaluations }, bytes: out.close() };
}

/** Throws RangeError when the bytes end early. */
export function decode(
  { header, provenance, cells, windows: length, series, evaluations }: PackedHead,
  bytes: Uint8Array,
): Unpacked {
  const from = new ByteReader(bytes);
  const times = Array.from({ length }, () => ({ startMs: from.double(), endMs: from.double() }));
  const windows = times.map((time, index): Omit<Window, 'rows'> & { readonly rows: ArmWindow[] } => ({
    index,
    ...time,
    rows: [],
  }));
  for (const [arm, segment] of cells) {
    const column = <T>(read: () => T): T[] => Array.from({ length }, read);
    const counts = COUNTS.map((name) => [name, column(() => from.whole())] as const);
    const over = header.thresholds.map(() => column(() => from.signed()));
    for (let k = over.length - 2; k >= 0; k--) for (let i = 0; i < length; i++) over[k]![i]! += over[k + 1]![i]!;
    const featureFetch = column(() => readTimes(from));
    const latency = column(() => readTimes(from));
    const scores = column(() => readScores(from));
    const shadow = column(() => readShadow(from));
    const measures = column(() => readPlain(from) as MeasureSums | undefined);
    const users = header.userClusters === undefined ? [] : column(() => readPlain(from) as ClusterCounts | undefined);
    for (const [i, { rows, index, startMs, endMs }] of windows.entries()) {
      const own = Object.fromEntries(counts.map(([name, values]) => [name, values[i]!])) as Record<
        (typeof COUNTS)[number],
        number
      >;
      rows.push({
        ...UNKNOWN,
        ...own,
        index,
        startMs,
        endMs,
        arm,
        segment,
        over: over.map((values) => values[i]!),
        featureFetch: featureFetch[i]!,
        latency: latency[i]!,
        scores: scores[i]!,
        shadow: shadow[i]!,
        ...(measures[i] !== undefined && { measures: measures[i] }),
        ...(users[i] !== undefined && { users: users[i] }),
      });
    }
  }
  const quantiles = new Map(series.map((each) => [keyOf(each), readQuantiles(from, evaluations)]));
  return { header, provenance, windows, quantiles };
}

const NO_TIMES: TimeHistogram = { count: 0, sumMs: 0, maxMs: 0, encoded: new Uint8Array(0) };
/** What no judge reads. */
const UNKNOWN = {
  weightPercent: 0,
  inFlight: 0,
  mirrored: 0,
  completed: 0,
  failed: 0,
  rejected: 0,
  timedOut: 0,
  wait: NO_TIMES,
  cacheHits: 0,
  cacheMisses: 0,
  busyMs: null,
  capacityMs: null,
  readyReplicas: null,
};

function writeTimes(out: ByteWriter, { count, sumMs, maxMs, encoded }: TimeHistogram): void {
  out.whole(count);
  out.whole(encoded.length);
  if (encoded.length === 0) return;
  out.double(sumMs);
  out.double(maxMs);
  out.bytes(encoded);
}

function readTimes(from: ByteReader): TimeHistogram {
  const count = from.whole();
  const length = from.whole();
  if (length === 0) return count === 0 ? NO_TIMES : { ...NO_TIMES, count };
  return { count, sumMs: from.double(), maxMs: from.double(), encoded: from.bytes(length) };
}

function writeScores(out: ByteWriter, { count, bins, counts }: ScoreHistogram): void {
  out.whole(count);
  out.whole(bins.length);
  for (const [i, bin] of bins.entries()) {
    out.whole(i === 0 ? bin : bin - bins[i - 1]!);
    out.whole(counts[i]!);
  }
}

function readScores(from: ByteReader): ScoreHistogram {
  const count = from.whole();
  const length = from.whole();
  if (length === 0) return count === 0 ? NO_SCORES : { ...NO_SCORES, count };
  const bins = new Uint32Array(length);
  const counts = new Uint32Array(length);
  for (let i = 0; i < length; i++) {
    bins[i] = from.whole() + (i === 0 ? 0 : bins[i - 1]!);
    counts[i] = from.whole();
  }
  return { count, sum: 0, bins, counts };
}

function writeShadow(out: ByteWriter, shadow: ShadowComparison | null): void {
  out.whole(shadow === null ? 0 : 1);
  if (shadow === null) return;
  out.whole(shadow.compared);
  out.whole(shadow.mismatches);
  writeScores(out, shadow.baselineScores);
  writeScores(out, shadow.candidateScores);
  writePlain(out, shadow.measures);
  writePlain(out, shadow.pairMeasures);
}

function readShadow(from: ByteReader): ShadowComparison | null {
  if (from.whole() === 0) return null;
  const counts = { compared: from.whole(), mismatches: from.whole() };
  const scores = { baselineScores: readScores(from), candidateScores: readScores(from) };
  const measures = readPlain(from) as PairSums | undefined;
  const pairMeasures = readPlain(from) as MeasureSums | undefined;
  return {
    ...counts,
    ...scores,
    ...(measures !== undefined && { measures }),
    ...(pairMeasures !== undefined && { pairMeasures }),
    baselineSum: 0,
    candidateSum: 0,
    absoluteDifferenceSum: 0,
    slowerSumMs: 0,
    incomplete: 0,
  };
}

/** Sums by name of the measure, or labels by user, as JSON: few runs have any. */
function writePlain(out: ByteWriter, value: MeasureSums | PairSums | ClusterCounts | undefined): void {
  const bytes = value === undefined ? [] : new TextEncoder().encode(JSON.stringify(value));
  out.whole(bytes.length);
  out.bytes(Uint8Array.from(bytes));
}

function readPlain(from: ByteReader): unknown {
  const length = from.whole();
  return length === 0 ? undefined : (JSON.parse(new TextDecoder().decode(from.bytes(length))) as unknown);
}
