/** Content tables: requests to a catalogue (ranking/requests.ts), or flights from a Parquet file, joined with the feature store's history by the SQL that training ran too. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { BadInput, fileIssue } from '../config/issues.ts';
import { type AnyColumn, readInto } from '../storage/columns.ts';
import { readMetadata } from '../storage/parquet.ts';
import { sqlPath, withDuckdb } from '../storage/duckdb.ts';
import type { Content } from './content.ts';
import { dataFile, modelsFolder } from './files.ts';
import { openRequests } from './ranking/requests.ts';
import type { RankingTruth } from './ranking/truth.ts';
import { readServed, type ServedFeature } from './served.ts';

/** A content table with what models are served. Its arrays are shared memory: a worker reads them without a copy. */
export interface ContentTable extends Content {
  /** Columns of `matrix`. */
  readonly features: readonly ServedFeature[];
  /** Features of all rows, row by row: [rows × features.length]. */
  readonly matrix: Float32Array;
  /** What lists are judged by; null where models answer with a number. */
  readonly ranking: RankingTruth | null;
}

/** Name under which a table says what kind of content it holds; flights say nothing. */
const CONTENT_KEY = 'coalmine.content';
/** The file's own columns; the rest comes from the history. DuckDB hands over at most 2,048 rows at a time. */
const COLUMNS = ['minute', 'delay', 'origin', 'destination'];
const CHUNK_ROWS = 2048;
const HISTORY = { routes: 'routes', airports: 'airports', origin_hours: 'origin-hours' };

/**
 * Reads a content table: flights in file order, with columns minute (since 2001-01-01 00:00), delay (min), origin and
 * destination (ids of data/airports.parquet). Throws BadInput when the file is missing, is no such table, has missing
 * values, or flies a route that the history does not know.
 */
export async function openContent(file: string): Promise<ContentTable> {
  if (!existsSync(file)) throw new BadInput([fileIssue(file, 'got no file of this name, expected a content table')]);
  // A file that is no Parquet at all is refused below.
  const kind = await readMetadata(file, CONTENT_KEY).catch(() => null);
  if (kind === 'ranking') return openRequests(file);
  const served = readServed();
  return withDuckdb(async (connection) => {
    const rows = await openViews(connection, file);
    const segments = new Uint8Array(new SharedArrayBuffer(rows));
    const actual = new Float32Array(new SharedArrayBuffer(rows * 4));
    const width = served.features.length;
    const matrix = new Float32Array(new SharedArrayBuffer(rows * width * 4));
    const scratch = new Float32Array(CHUNK_ROWS);
    const joined = await readColumns(connection, 'outcomes.sql', (read, at) => {
      read(0, segments, at);
      read(1, actual, at);
    });
    if (joined !== rows)
      throw new BadInput([
        fileIssue(file, `got ${rows - joined} flights of unknown routes, expected those of routes.parquet`),
      ]);
    await readColumns(connection, 'features.sql', (read, at, count) => {
      for (let feature = 0; feature < width; feature++) {
        read(feature, scratch, 0);
        for (let row = 0; row < count; row++) matrix[(at + row) * width + feature] = scratch[row] ?? Number.NaN;
      }
    });
    return { ...served, rows, segments, actual, matrix, ranking: null };
  });
}

/** Makes the views that the SQL files read; answers the number of flights. */
async function openViews(connection: DuckDBConnection, file: string): Promise<number> {
  for (const [view, name] of Object.entries(HISTORY))
    await connection.run(`create view ${view} as from read_parquet(${sqlPath(dataFile(`${name}.parquet`))})`);
  try {
    await connection.run(`create view flights as select file_row_number as row, minute::integer as minute,
      delay::integer as delay, origin::utinyint as origin, destination::utinyint as destination
      from read_parquet(${sqlPath(file)}, file_row_number = true)`);
    const counts = COLUMNS.map((column) => `count(${column})::double`).join(', ');
    const found = await connection.runAndReadAll(`select count(*)::double, ${counts} from flights`);
    const [rows = 0, ...complete] = (found.getRows()[0] ?? []).map(Number);
    const gaps = COLUMNS.filter((_, index) => complete[index] !== rows);
    if (gaps.length > 0)
      throw new BadInput(gaps.map((name) => fileIssue(file, `got missing values in column '${name}', expected none`)));
    return rows;
  } catch (error) {
    if (error instanceof BadInput) throw error;
    const [reason = ''] = (error as Error).message.split('\n');
    throw new BadInput([
      fileIssue(
        file,
        `got a file that is no content table (${reason}), expected Parquet with columns ${COLUMNS.join(', ')}`,
      ),
    ]);
  }
}

/** Copies one column of the current piece into an array, from place `to` on. */
type ReadColumn = (column: number, into: AnyColumn, to: number) => void;

/** Runs an SQL file of this folder and shows every piece of its result, `count` rows from row `at`; answers how many rows came. */
async function readColumns(
  connection: DuckDBConnection,
  sqlFile: string,
  use: (read: ReadColumn, at: number, count: number) => void,
): Promise<number> {
  const result = await connection.stream(readFileSync(join(modelsFolder, sqlFile), 'utf8'));
  let at = 0;
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    const piece = chunk;
    use((column, into, to) => readInto(piece, column, into, to), at, piece.rowCount);
    at += piece.rowCount;
  }
  return at;
}
