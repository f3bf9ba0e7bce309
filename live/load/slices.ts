/** Writes the requests of a scenario to binary slices, which both generators replay. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Scenario } from '../../scenarios/scenario.ts';
import { type PlannedStage, requestsOf } from '../../sim/arrivals/requests.ts';
import { ContentRows } from '../../sim/content-rows.ts';
import { streamsOf } from '../../sim/random.ts';
import { StagedDirectory, writeFileAtomic } from '../../storage/files.ts';
import { withDuckdb } from '../../storage/duckdb.ts';
import { checkParquet } from '../../storage/parquet.ts';
import { ROW_BYTES, writeRow } from './row.ts';
import { INDEX_FILE, type Slice, type SliceIndex } from './slice-index.ts';

/** A slice holds at most an hour: u32 µs end at 71 minutes. */
const HOUR_MS = 3_600_000;
const BUFFER_ROWS = 16_384;

export interface SliceOptions {
  /** Rows of the content table; counted in its file when left out. */
  readonly contentRows?: number;
  /** When stages will begin if the rollout goes as planned; for traffic spikes that wait for one. Ascending. */
  readonly stages?: readonly PlannedStage[];
  /** Length of a slice, ms. At most an hour. */
  readonly sliceMs?: number;
}

/**
 * Writes the scenario's requests before `untilMs` into the new folder `dir`, as the simulator draws them: same streams, same
 * times (rounded to whole µs), keys, users and content rows; also from a trace. Slices in order of time, and an index.
 * The folder is whole or not there; memory stays bounded.
 *
 * The load is fixed before it starts, so traffic spikes are baked into it. Those at a time are exact. Those that wait for a
 * stage or a change of the weight begin where `stages` says it will be: the holds of a policy added up are true for a
 * rollout that goes as planned; after an extended stage or a rollback they are not, and the spike comes when it was planned.
 * Without `stages` such spikes are left out.
 */
export async function writeSlices(
  scenario: Scenario,
  dir: string,
  untilMs: number,
  { contentRows, stages = [], sliceMs = HOUR_MS }: SliceOptions = {},
): Promise<SliceIndex> {
  if (!(sliceMs > 0 && sliceMs <= HOUR_MS))
    throw new RangeError(`got slices of ${sliceMs} ms, expected 0 to ${HOUR_MS}`);
  const rows = await contentRowsOf(scenario, contentRows);
  const staged = StagedDirectory.open(dir);
  const writer = new SliceWriter(staged.path, sliceMs);
  try {
    const endMs = Math.min(untilMs, scenario.limitMs);
    for await (const piece of requestsOf(scenario, endMs, { contentRows: rows, stages })) {
      for (let i = 0; i < piece.count; i++)
        writer.add(Math.round(piece.timesMs[i]! * 1000), piece.keys[i]!, piece.users[i]!, piece.contents[i]!);
    }
    const index = writer.finish(endMs);
    writeFileAtomic(join(staged.path, INDEX_FILE), `${JSON.stringify(index, null, 2)}\n`);
    staged.commit();
    return index;
  } finally {
    writer.close();
    staged.abort();
  }
}

async function contentRowsOf({ traffic, seed }: Scenario, rows: number | undefined): Promise<ContentRows | null> {
  if (traffic.content.kind === 'none') return null;
  const { file } = traffic.content;
  const count = rows ?? (await withDuckdb((connection) => checkParquet(connection, file, {})));
  return new ContentRows(traffic, count, streamsOf(seed));
}

/** Collects rows and writes them slice by slice. */
class SliceWriter {
  private readonly folder: string;
  private readonly sliceUs: number;
  private readonly buffer = new DataView(new ArrayBuffer(BUFFER_ROWS * ROW_BYTES));
  private readonly slices: Slice[] = [];
  private buffered = 0;
  private rows = 0;
  private file: number | null = null;
  private second = 0;
  private inSecond = 0;
  private peakPerSecond = 0;

  constructor(folder: string, sliceMs: number) {
    this.folder = folder;
    this.sliceUs = sliceMs * 1000;
  }

  add(timeUs: number, key: number, user: number, content: number): void {
    const number = Math.floor(timeUs / this.sliceUs);
    while (this.slices.length <= number) this.begin();
    const at = this.buffered++ * ROW_BYTES;
    writeRow(this.buffer, at, timeUs - number * this.sliceUs, key, user, content);
    this.rows++;
    if (this.buffered === BUFFER_ROWS) this.flush();
    const second = Math.floor(timeUs / 1e6);
    this.inSecond = second === this.second ? this.inSecond + 1 : 1;
    this.second = second;
    this.peakPerSecond = Math.max(this.peakPerSecond, this.inSecond);
  }

  finish(untilMs: number): SliceIndex {
    this.endSlice();
    const { rows, peakPerSecond, slices } = this;
    return { schemaVersion: 1, rowBytes: ROW_BYTES, rows, untilMs, peakPerSecond, slices };
  }

  close(): void {
    if (this.file !== null) closeSync(this.file);
    this.file = null;
  }

  /** The next slice; one without requests gets an empty file, so that slices follow each other in time. */
  private begin(): void {
    this.endSlice();
    const place = this.slices.length;
    const file = `slice-${String(place).padStart(4, '0')}.bin`;
    this.slices.push({ file, startMs: (place * this.sliceUs) / 1000, rows: 0, first: this.rows });
    this.file = openSync(join(this.folder, file), 'w');
  }

  private endSlice(): void {
    this.flush();
    this.close();
    const last = this.slices.at(-1);
    if (last !== undefined) this.slices[this.slices.length - 1] = { ...last, rows: this.rows - last.first };
  }

  private flush(): void {
    if (this.file === null || this.buffered === 0) return;
    const bytes = new Uint8Array(this.buffer.buffer, 0, this.buffered * ROW_BYTES);
    for (let from = 0; from < bytes.length; ) from += writeSync(this.file, bytes, from);
    this.buffered = 0;
  }
}
