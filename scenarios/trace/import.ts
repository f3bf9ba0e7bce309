/** Makes a trace from request logs of other systems. */
import { existsSync, rmSync } from 'node:fs';
import type { DuckDBConnection } from '@duckdb/node-api';
import { BadInput, fileIssue, type Issue } from '../../config/issues.ts';
import { sqlText, withDuckdb } from '../../storage/duckdb.ts';
import { commitFile, partialName } from '../../storage/files.ts';
import { PARQUET_OPTIONS } from '../../storage/parquet-writer.ts';
import { type ImportOptions, sourceSql, tableSql } from './sources.ts';

export interface ImportReport {
  /** Arrivals written. */
  readonly rows: number;
  /** Rows left out because their time could not be read. */
  readonly badRows: number;
  /** The first of them, with their places. */
  readonly badSamples: readonly Issue[];
  readonly keys: number;
  readonly users: number;
  /** Segment names in the order of their numbers; empty when there is no segment column. */
  readonly segments: readonly string[];
}

/** More bad rows than this share, and the file is refused: it is probably read the wrong way. */
const MAX_BAD_SHARE = 0.01;
const SAMPLES = 5;
const MAX_SEGMENTS = 256;

/**
 * Writes `file` as a trace to `out`: sorted by time, which begins at 0; texts become numbers, the most frequent one 0.
 * Throws BadInput, and writes nothing, when the file or its columns cannot be read or more than 1 % of its rows are bad.
 */
export async function importTrace(file: string, out: string, options: ImportOptions): Promise<ImportReport> {
  if (!existsSync(file)) throw new BadInput([fileIssue(file, 'got no file of this name, expected a log to import')]);
  return withDuckdb(async (connection) => {
    await reading(file, async () => {
      const columns = await columnsOf(connection, file, options);
      await connection.run(`CREATE TABLE source AS ${sourceSql(file, options, columns)}`);
      if (options.format !== 'parquet') await addRejects(connection, options.format === 'csv' ? 1 : 0);
    });
    const badSamples = await refuseBadRows(connection, file);
    const [total = 0, rows = 0] = await numbers(connection, 'SELECT count(*), count(time_us) FROM source');
    for (const name of ['key', 'user', 'segment'] as const) await number(connection, name);
    const [keys, users] = await numbers(connection, 'SELECT (SELECT count(*) FROM keys), (SELECT count(*) FROM users)');
    const segments = await segmentsOf(connection, file);
    await write(connection, out);
    // Without a column there is one key, and every request is a user of its own.
    return { rows, badRows: total - rows, badSamples, keys: keys || 1, users: users || rows, segments };
  });
}

/** Runs `read`; what the engine says about an unreadable file becomes an issue. */
async function reading(file: string, read: () => Promise<void>): Promise<void> {
  try {
    await read();
  } catch (error) {
    if (error instanceof BadInput) throw error;
    const [reason = ''] = (error as Error).message.split('\n');
    throw new BadInput([fileIssue(file, `got a file that cannot be read (${reason}), expected the format asked for`)]);
  }
}

async function columnsOf(connection: DuckDBConnection, file: string, { format }: ImportOptions): Promise<string[]> {
  if (format !== 'csv' && format !== 'parquet') return [];
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${tableSql(file, format)}`);
  return described.getRows().map(([name]) => String(name));
}

/**
 * Adds the lines that could not even be split into columns as rows without a time, and corrects the line numbers of the other
 * bad rows, which were counted without them: a reject with g good rows before it moves every later one by one line.
 */
async function addRejects(connection: DuckDBConnection, headerLines: number): Promise<void> {
  await connection.run(`
    CREATE TABLE rejects AS
      SELECT line, text, row_number() OVER (ORDER BY line) AS place
      FROM (SELECT line, any_value(csv_line) AS text FROM reject_errors GROUP BY line);
    UPDATE source SET line = line + (
        SELECT count(*) FROM rejects r WHERE r.line - ${headerLines} - r.place <= source.line - 1 - ${headerLines})
      WHERE time_us IS NULL;
    INSERT INTO source (line, text) SELECT line, text FROM rejects`);
}

async function numbers(connection: DuckDBConnection, sql: string): Promise<number[]> {
  const result = await connection.runAndReadAll(sql);
  return (result.getRows()[0] ?? []).map(Number);
}

/** The first bad rows; throws when there are too many, or no good ones. */
async function refuseBadRows(connection: DuckDBConnection, file: string): Promise<Issue[]> {
  const [rows = 0, bad = 0] = await numbers(connection, 'SELECT count(*), count(*) - count(time_us) FROM source');
  if (rows === 0) throw new BadInput([fileIssue(file, 'got no rows, expected a request per row')]);
  const found = await connection.runAndReadAll(
    `SELECT line::DOUBLE, left(coalesce(text, ''), 60) FROM source WHERE time_us IS NULL ORDER BY line LIMIT ${SAMPLES}`,
  );
  const samples = found.getRows().map(([line, text]): Issue => {
    return {
      file,
      line: Number(line),
      column: 1,
      path: '',
      message: `got '${String(text)}', expected a row with a time`,
    };
  });
  if (bad <= rows * MAX_BAD_SHARE) return samples;
  throw new BadInput([
    fileIssue(file, `got ${bad} of ${rows} rows that cannot be read, expected at most 1 %`),
    ...samples,
  ]);
}

/** Numbers the texts of a column by falling frequency, in a table such as `keys` (value, id). */
async function number(connection: DuckDBConnection, name: 'key' | 'user' | 'segment'): Promise<void> {
  await connection.run(
    `CREATE TABLE ${name}s AS SELECT "${name}" AS value, row_number() OVER (ORDER BY count(*) DESC, "${name}") - 1 AS id
     FROM source WHERE time_us IS NOT NULL AND "${name}" IS NOT NULL GROUP BY "${name}"`,
  );
}

async function segmentsOf(connection: DuckDBConnection, file: string): Promise<string[]> {
  const result = await connection.runAndReadAll('SELECT value FROM segments ORDER BY id');
  const segments = result.getRows().map(([value]) => String(value));
  if (segments.length <= MAX_SEGMENTS) return segments;
  throw new BadInput([fileIssue(file, `got ${segments.length} segments, expected at most ${MAX_SEGMENTS}`)]);
}

async function write(connection: DuckDBConnection, out: string): Promise<void> {
  const partial = partialName(out);
  // Without a column, every request is a user of its own and contents follow each other; row numbers are within int32.
  const select = `
    WITH ordered AS (
      SELECT *, row_number() OVER (ORDER BY time_us, line) - 1 AS row, min(time_us) OVER () AS origin
      FROM source WHERE time_us IS NOT NULL)
    SELECT
      time_us - origin AS time_us,
      coalesce(k.id, 0)::INTEGER AS "key",
      coalesce(u.id, row)::INTEGER AS "user",
      row::INTEGER AS content,
      coalesce(s.id, 0)::UTINYINT AS segment
    FROM ordered
    LEFT JOIN keys k ON ordered."key" = k.value
    LEFT JOIN users u ON ordered."user" = u.value
    LEFT JOIN segments s ON ordered."segment" = s.value
    ORDER BY row`;
  try {
    await connection.run(`COPY (${select}) TO ${sqlText(partial)} (${PARQUET_OPTIONS})`);
    commitFile(partial, out);
  } finally {
    rmSync(partial, { force: true });
  }
}
