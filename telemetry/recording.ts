/**
 * A rehearsal's telemetry as one Parquet file: a row per window × arm × segment, in that order. What holds for
 * all of them (the WindowHeader, as JSON) stands in the file's metadata, so a recording can be judged without anything else.
 */
import { createHash, type Hash } from 'node:crypto';
import { BadInput, fileIssue } from '../config/issues.ts';
import type { Columns } from '../storage/columns.ts';
import { ParquetWriter } from '../storage/parquet-writer.ts';
import { readColumns, readMetadata } from '../storage/parquet.ts';
import type { ClusterCounts } from './clusters.ts';
import type { MeasureSums, PairSums } from './measures.ts';
import { decodeScores, encodeScores } from './scores.ts';
import type { Provenance } from './provenance.ts';
import type { Arm, ArmWindow, ShadowComparison, TimeHistogram, Window, WindowHeader } from './window.ts';

const TIMES = ['latency', 'wait', 'featureFetch'] as const;
const COUNTS = [
  'weightPercent',
  'arrived',
  'arrivedMirrored',
  'inFlight',
  'requests',
  'mirrored',
  'completed',
  'failed',
  'rejected',
  'timedOut',
  'errors',
  'cacheHits',
  'cacheMisses',
  'featuresMissing',
  'impressions',
  'outcomes',
] as const;
const FLEET = ['busyMs', 'capacityMs', 'readyReplicas'] as const;
const SHADOW = ['compared', 'mismatches', 'absoluteDifferenceSum', 'slowerSumMs', 'incomplete'] as const;

/** Name of the header in the file's metadata. */
const HEADER_KEY = 'coalmine.header';
/** Name of what stands behind the recording. */
const PROVENANCE_KEY = 'coalmine.provenance';

type TimeName = (typeof TIMES)[number];

/** Column names are the fields of ArmWindow; histograms take one column each for count, sum, maximum and encoding. */
const SCHEMA = {
  index: 'int32',
  startMs: 'double',
  endMs: 'double',
  arm: 'varchar',
  segment: 'varchar',
  ...fields(COUNTS, 'double'),
  over: 'varchar',
  ...fields(
    TIMES.flatMap((t) => [`${t}Count`, `${t}SumMs`, `${t}MaxMs`] as const),
    'double',
  ),
  ...fields(
    TIMES.map((t) => `${t}Hdr` as const),
    'blob',
  ),
  scoreSum: 'double',
  scores: 'blob',
  ...fields(FLEET, 'double?'),
  ...fields(
    SHADOW.map((s) => `shadow_${s}` as const),
    'double?',
  ),
  shadow_baselineSum: 'double?',
  shadow_candidateSum: 'double?',
  shadow_baselineScores: 'blob?',
  shadow_candidateScores: 'blob?',
} as const;

/** Columns of a run that measures something: sums by name, as JSON. */
const MEASURES = { measures: 'varchar', shadow_measures: 'varchar?', shadow_pairMeasures: 'varchar?' } as const;
/** The column of a run that tells users apart: labels by cluster, as JSON. */
const USERS = { users: 'varchar' } as const;

type FullSchema = typeof SCHEMA & typeof MEASURES & typeof USERS;

/** A run has the columns of what it records; one that does neither is written as ever. */
const schemaOf = ({ measures, userClusters }: WindowHeader): FullSchema =>
  ({
    ...SCHEMA,
    ...(measures === undefined ? {} : MEASURES),
    ...(userClusters === undefined ? {} : USERS),
  }) as FullSchema;

function fields<N extends string, T extends string>(names: readonly N[], type: T): Record<N, T> {
  return Object.fromEntries(names.map((name) => [name, type])) as Record<N, T>;
}

/** Column names in the order of a row's values; a row has none of those that its run does not record. */
const COLUMNS: readonly (keyof FullSchema)[] = [
  'over',
  'index',
  'startMs',
  'endMs',
  'arm',
  'segment',
  ...COUNTS,
  ...FLEET,
  ...TIMES.flatMap((t) => [`${t}Count`, `${t}SumMs`, `${t}MaxMs`, `${t}Hdr`] as const),
  'scoreSum',
  'scores',
  ...SHADOW.map((s) => `shadow_${s}` as const),
  'shadow_baselineSum',
  'shadow_candidateSum',
  'shadow_baselineScores',
  'shadow_candidateScores',
  'measures',
  'shadow_measures',
  'shadow_pairMeasures',
  'users',
];

/** Values of one row; the last columns only in a run that records them. A list, since objects of fifty fields cost more than what is in them. */
export type Row = readonly unknown[];

function toRow(w: ArmWindow): Row {
  const { shadow } = w;
  const row: unknown[] = [JSON.stringify(w.over), w.index, w.startMs, w.endMs, w.arm, w.segment];
  for (const name of COUNTS) row.push(w[name]);
  for (const name of FLEET) row.push(w[name]);
  for (const name of TIMES) {
    const { count, sumMs, maxMs, encoded } = w[name];
    row.push(count, sumMs, maxMs, encoded);
  }
  row.push(w.scores.sum, encodeScores(w.scores));
  for (const name of SHADOW) row.push(shadow?.[name] ?? null);
  if (shadow === null) row.push(null, null, null, null);
  else
    row.push(
      shadow.baselineSum,
      shadow.candidateSum,
      encodeScores(shadow.baselineScores),
      encodeScores(shadow.candidateScores),
    );
  if (w.measures !== undefined) {
    row.push(JSON.stringify(w.measures));
    if (shadow === null) row.push(null, null);
    else row.push(JSON.stringify(shadow.measures), JSON.stringify(shadow.pairMeasures));
  }
  if (w.users !== undefined) row.push(JSON.stringify(w.users));
  return row;
}

/** Rows are handed to the file this many at a time: what its engine takes at once. */
const BATCH_ROWS = 2048;

/** Rows of one window, ready to be written and hashed. */
export const rowsOf = (window: Window): readonly Row[] => window.rows.map(toRow);

/** Identity of a recording, whether it is written or not: equal for equal runs. */
export class RecordingDigest {
  private readonly hash: Hash = createHash('sha256');

  constructor(header: WindowHeader) {
    this.hash.update(JSON.stringify(header));
  }

  add(rows: readonly Row[]): void {
    // Numbers are gathered up to the next blob: a call of the hash costs more than what it hashes.
    let text = '';
    for (const row of rows) {
      for (const value of row) {
        if (!(value instanceof Uint8Array)) {
          text += `${String(value)};`;
          continue;
        }
        if (text !== '') this.hash.update(text);
        this.hash.update(value);
        text = '';
      }
    }
    if (text !== '') this.hash.update(text);
  }

  /** sha256 (hex) of the header and everything added so far. */
  close(): string {
    return this.hash.copy().digest('hex');
  }
}

/** Writes a recording window by window; the file appears under its name when `finish` is done. */
export class RecordingWriter {
  private readonly file: ParquetWriter<FullSchema>;
  private readonly schema: FullSchema;
  private readonly header: string;
  private rows: Row[] = [];

  private constructor(file: ParquetWriter<FullSchema>, header: WindowHeader) {
    this.file = file;
    this.schema = schemaOf(header);
    this.header = JSON.stringify(header);
  }

  static async open(path: string, header: WindowHeader): Promise<RecordingWriter> {
    return new RecordingWriter(await ParquetWriter.open(path, schemaOf(header)), header);
  }

  add(rows: readonly Row[]): void {
    this.rows.push(...rows);
    if (this.rows.length >= BATCH_ROWS) this.flush();
  }

  async finish(provenance: Provenance | null = null): Promise<void> {
    this.flush();
    const beside = provenance === null ? {} : { [PROVENANCE_KEY]: JSON.stringify(provenance) };
    await this.file.finish({ [HEADER_KEY]: this.header, ...beside });
  }

  abort(): void {
    this.file.abort();
  }

  private flush(): void {
    if (this.rows.length === 0) return;
    const { rows } = this;
    const recorded = COLUMNS.filter((name) => name in this.schema);
    const columns = Object.entries(this.schema).map(([name, type]) => {
      const place = recorded.indexOf(name as keyof FullSchema);
      if (type !== 'int32' && type !== 'double') return [name, rows.map((row) => row[place])];
      const values = type === 'int32' ? new Int32Array(rows.length) : new Float64Array(rows.length);
      for (const [i, row] of rows.entries()) values[i] = row[place] as number;
      return [name, values];
    });
    this.file.append(Object.fromEntries(columns) as Columns<FullSchema>);
    this.rows = [];
  }
}

/** A recording's header and, one after the other, its windows. */
export interface Recording {
  readonly header: WindowHeader;
  readonly windows: readonly Window[];
}

/** Reads a whole recording. Throws BadInput when the file is none. */
export async function readRecording(path: string): Promise<Recording> {
  const header = headerOf((await readMetadata(path, HEADER_KEY)) ?? 'null');
  if (header === null)
    throw new BadInput([fileIssue(path, 'got a table without a window header, expected a recording')]);
  const windows: { index: number; startMs: number; endMs: number; rows: ArmWindow[] }[] = [];
  try {
    for await (const part of readColumns(path, schemaOf(header))) {
      for (let i = 0; i < part.index.length; i++) {
        const row = fromColumns(part, i);
        const last = windows.at(-1);
        if (last?.index === row.index) last.rows.push(row);
        else windows.push({ index: row.index, startMs: row.startMs, endMs: row.endMs, rows: [row] });
      }
    }
  } catch (error) {
    if (error instanceof BadInput) throw error;
    // A damaged page may decode into something that is no row of ours.
    const { message } = error as Error;
    throw new BadInput([fileIssue(path, `got rows that cannot be read (${message}), expected those of a recording`)]);
  }
  return { header, windows };
}

/** The header that a recording states as JSON; null when it is none. */
function headerOf(text: string): WindowHeader | null {
  try {
    const header = JSON.parse(text) as WindowHeader | null;
    const lists = [header?.arms, header?.segments, header?.thresholds];
    return typeof header?.windowMs === 'number' && lists.every(Array.isArray) ? header : null;
  } catch {
    return null;
  }
}

/** What stands behind a recording; null when it was not said. Throws BadInput when the file is none. */
export async function readProvenance(path: string): Promise<Provenance | null> {
  const text = await readMetadata(path, PROVENANCE_KEY);
  if (text === null) return null;
  try {
    return JSON.parse(text) as Provenance;
  } catch {
    throw new BadInput([
      fileIssue(path, `got something else than JSON as ${PROVENANCE_KEY}, expected what stands behind a recording`),
    ]);
  }
}

function fromColumns(part: Columns<FullSchema>, i: number): ArmWindow {
  const number = (name: string): number => (part as unknown as Record<string, Float64Array>)[name]![i]!;
  const optional = (name: string): number | null => (part as unknown as Record<string, (number | null)[]>)[name]![i]!;
  const bytes = (name: string): Uint8Array => (part as unknown as Record<string, Uint8Array[]>)[name]![i]!;
  const times = (name: TimeName): TimeHistogram => ({
    count: number(`${name}Count`),
    sumMs: number(`${name}SumMs`),
    maxMs: number(`${name}MaxMs`),
    encoded: bytes(`${name}Hdr`),
  });
  const counts = Object.fromEntries(COUNTS.map((name) => [name, number(name)])) as Record<
    (typeof COUNTS)[number],
    number
  >;
  const fleet = Object.fromEntries(FLEET.map((name) => [name, optional(name)])) as Record<
    (typeof FLEET)[number],
    number | null
  >;
  return {
    index: part.index[i]!,
    startMs: number('startMs'),
    endMs: number('endMs'),
    arm: part.arm[i]! as Arm,
    segment: part.segment[i]!,
    ...counts,
    over: JSON.parse(part.over[i]!) as number[],
    latency: times('latency'),
    wait: times('wait'),
    featureFetch: times('featureFetch'),
    scores: decodeScores(bytes('scores'), number('scoreSum')),
    ...fleet,
    shadow: optional('shadow_compared') === null ? null : { ...shadowFrom(optional, bytes), ...pairSumsFrom(part, i) },
    ...(part.measures === undefined ? {} : { measures: JSON.parse(part.measures[i]!) as MeasureSums }),
    ...(part.users === undefined ? {} : { users: JSON.parse(part.users[i]!) as ClusterCounts }),
  };
}

/** Of a run that measures something; its schema is the only one with these columns. */
function pairSumsFrom(
  part: Partial<Columns<FullSchema>>,
  i: number,
): Pick<ShadowComparison, 'measures' | 'pairMeasures'> {
  const [measures, pairMeasures] = [part.shadow_measures?.[i], part.shadow_pairMeasures?.[i]];
  if (typeof measures !== 'string' || typeof pairMeasures !== 'string') return {};
  return { measures: JSON.parse(measures) as PairSums, pairMeasures: JSON.parse(pairMeasures) as MeasureSums };
}

function shadowFrom(optional: (name: string) => number | null, bytes: (name: string) => Uint8Array): ShadowComparison {
  const sums = Object.fromEntries(SHADOW.map((name) => [name, optional(`shadow_${name}`)!])) as Record<
    (typeof SHADOW)[number],
    number
  >;
  const baselineSum = optional('shadow_baselineSum')!;
  const candidateSum = optional('shadow_candidateSum')!;
  return {
    ...sums,
    baselineSum,
    candidateSum,
    baselineScores: decodeScores(bytes('shadow_baselineScores'), baselineSum),
    candidateScores: decodeScores(bytes('shadow_candidateScores'), candidateSum),
  };
}
