/** Tables as Parquet files: columns in, columns out, never row objects. */
import { existsSync } from 'node:fs';
import type { DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api';
import { BadInput, fileIssue } from '../config/issues.ts';
import {
  type AnyColumn,
  type Columns,
  duckdbType,
  emptyColumn,
  firstRows,
  isNullable,
  readInto,
  type TableSchema,
} from './columns.ts';
import { sqlName, sqlPath, sqlText, withDuckdb, openDuckdb } from './duckdb.ts';
import { ParquetWriter } from './parquet-writer.ts';

/** Writes a whole table at once, with `metadata` beside its rows; see ParquetWriter for one that comes in pieces. */
export async function writeParquet<S extends TableSchema>(
  path: string,
  schema: S,
  columns: Columns<S>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const writer = await ParquetWriter.open(path, schema);
  try {
    writer.append(columns);
    await writer.finish(metadata);
  } finally {
    writer.abort();
  }
}

/** Reads the columns that the schema names (the file may have more). Throws BadInput like `readColumns`. */
export async function readParquet<S extends TableSchema>(path: string, schema: S): Promise<Columns<S>> {
  return withDuckdb(async (connection) => {
    const rows = await checkParquet(connection, path, schema);
    const arrays = Object.values(schema).map((type) => emptyColumn(type, rows));
    let at = 0;
    for await (const chunk of chunks(connection, path, schema)) {
      arrays.forEach((array, index) => readInto(chunk, index, array, at));
      at += chunk.rowCount;
    }
    return asColumns(schema, arrays);
  });
}

/** Rows per piece: large enough that the promise per piece costs nothing, small enough to stay in the processor's cache. */
const PIECE_ROWS = 65_536;

/**
 * Reads the columns that the schema names piece by piece, in file order; every piece is a fresh copy, the last one shorter.
 * Throws BadInput when the file is missing, is no Parquet file, lacks a column or has it with another type, or when a
 * column that may not have missing values has some.
 */
export async function* readColumns<S extends TableSchema>(path: string, schema: S): AsyncGenerator<Columns<S>, void> {
  const duckdb = await openDuckdb();
  try {
    await checkParquet(duckdb.connection, path, schema);
    // A chunk never has more than 2,048 rows, which divides PIECE_ROWS; but chunks may be shorter, hence the spare room.
    const room = PIECE_ROWS + 2048;
    let arrays = Object.values(schema).map((type) => emptyColumn(type, room));
    let rows = 0;
    const piece = (): Columns<S> =>
      asColumns(
        schema,
        arrays.map((array) => firstRows(array, rows)),
      );
    for await (const chunk of chunks(duckdb.connection, path, schema)) {
      arrays.forEach((array, index) => readInto(chunk, index, array, rows));
      rows += chunk.rowCount;
      if (rows < PIECE_ROWS) continue;
      yield piece();
      arrays = Object.values(schema).map((type) => emptyColumn(type, room));
      rows = 0;
    }
    if (rows > 0) yield piece();
  } finally {
    duckdb.close();
  }
}

const asColumns = <S extends TableSchema>(schema: S, arrays: readonly AnyColumn[]): Columns<S> =>
  Object.fromEntries(Object.keys(schema).map((name, index) => [name, arrays[index]])) as Columns<S>;

async function* chunks(
  connection: DuckDBConnection,
  path: string,
  schema: TableSchema,
): AsyncGenerator<DuckDBDataChunk> {
  const names = Object.keys(schema).map(sqlName);
  const query = `SELECT ${names.join(', ')} FROM read_parquet(${sqlPath(path)})`;
  const result = await reading(path, () => connection.stream(query));
  // A file may be damaged behind a footer that reads well.
  const next = (): Promise<DuckDBDataChunk | null> => reading(path, () => result.fetchChunk());
  for (let chunk = await next(); chunk !== null && chunk.rowCount > 0; chunk = await next()) yield chunk;
}

/** What the engine says of a file it cannot read becomes an issue. */
async function reading<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const [reason = ''] = (error as Error).message.split('\n');
    throw new BadInput([fileIssue(path, `got a file that cannot be read (${reason}), expected a Parquet file`)]);
  }
}

/** Number of rows of a file whose columns are as the schema says. Throws BadInput like `readColumns`. */
export async function checkParquet(connection: DuckDBConnection, path: string, schema: TableSchema): Promise<number> {
  if (!existsSync(path)) throw new BadInput([fileIssue(path, 'got no file of this name, expected a Parquet file')]);
  const found = await describe(connection, path);
  const issues = Object.entries(schema).flatMap(([name, type]) => {
    const wanted = String(duckdbType(type));
    const column = found.columns.get(name);
    const got = `got ${column === undefined ? 'no column' : `the type ${column.type} in column`} '${name}'`;
    if (column?.type !== wanted) return [fileIssue(path, `${got}, expected a column of type ${wanted}`)];
    if (column.hasNulls && !isNullable(type))
      return [fileIssue(path, `got missing values in column '${name}', expected none`)];
    return [];
  });
  if (issues.length > 0) throw new BadInput(issues);
  return found.rows;
}

interface Description {
  readonly rows: number;
  readonly columns: ReadonlyMap<string, { readonly type: string; readonly hasNulls: boolean }>;
}

/** What the file's own footer says. A column whose missing values were not counted is taken to have some. */
async function describe(connection: DuckDBConnection, path: string): Promise<Description> {
  const file = sqlPath(path);
  return reading(path, async () => {
    const types = await connection.runAndReadAll(`DESCRIBE SELECT * FROM read_parquet(${file})`);
    const counts = await connection.runAndReadAll(
      `SELECT path_in_schema, sum(coalesce(stats_null_count, 1))::DOUBLE FROM parquet_metadata(${file}) GROUP BY ALL`,
    );
    const rows = await connection.runAndReadAll(`SELECT sum(num_rows)::DOUBLE FROM parquet_file_metadata(${file})`);
    const nulls = new Map(counts.getRows().map(([name, count]) => [String(name), Number(count)]));
    const columns = types
      .getRows()
      .map(([name, type]): [string, { type: string; hasNulls: boolean }] => [
        String(name),
        { type: String(type), hasNulls: (nulls.get(String(name)) ?? 0) > 0 },
      ]);
    return { rows: Number(rows.getRows()[0]?.[0] ?? 0), columns: new Map(columns) };
  });
}

/** What was written beside the rows under `key`; null when there is nothing of that name. Throws BadInput like `readColumns`. */
export async function readMetadata(path: string, key: string): Promise<string | null> {
  return withDuckdb(async (connection) => {
    await checkParquet(connection, path, {});
    const sql = `SELECT decode(value) FROM parquet_kv_metadata(${sqlPath(path)}) WHERE decode(key) = ${sqlText(key)}`;
    const [row] = (await reading(path, () => connection.runAndReadAll(sql))).getRows();
    return row === undefined ? null : String(row[0]);
  });
}
