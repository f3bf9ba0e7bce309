/** A Parquet file that grows batch by batch and appears under its name only when it is complete. */
import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { type DuckDBAppender, DuckDBDataChunk } from '@duckdb/node-api';
import { type AnyColumn, type Columns, duckdbType, isNullable, type TableSchema, writeInto } from './columns.ts';
import { type Duckdb, openDuckdb, sqlName, sqlText } from './duckdb.ts';
import { commitFile, partialName } from './files.ts';

/**
 * How every Parquet file of ours is written. At zstd's first level a recording takes three fifths of the time to write, and is 1.4 % larger
 * than at its third, the usual one.
 */
export const PARQUET_OPTIONS = 'FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, PARQUET_VERSION v2';

/** DuckDB's vectors hold this many rows. */
const CHUNK_ROWS = 2048;

/** Memory is bounded by the engine's limit, whatever is appended. Rows keep their order. */
export class ParquetWriter<S extends TableSchema> {
  readonly #path: string;
  readonly #schema: S;
  readonly #duckdb: Duckdb;
  readonly #appender: DuckDBAppender;
  #open = true;

  private constructor(path: string, schema: S, duckdb: Duckdb, appender: DuckDBAppender) {
    this.#path = path;
    this.#schema = schema;
    this.#duckdb = duckdb;
    this.#appender = appender;
  }

  /** Creates missing parent directories, but no file yet. */
  static async open<S extends TableSchema>(path: string, schema: S): Promise<ParquetWriter<S>> {
    mkdirSync(dirname(path), { recursive: true });
    // A second thread would find nothing to do and spin: twice the processor time, and not a moment sooner.
    const duckdb = await openDuckdb(1);
    const columns = Object.entries(schema).map(
      ([name, type]) => `${sqlName(name)} ${duckdbType(type).toString()}${isNullable(type) ? '' : ' NOT NULL'}`,
    );
    await duckdb.connection.run(`CREATE TABLE rows (${columns.join(', ')})`);
    return new ParquetWriter(path, schema, duckdb, await duckdb.connection.createAppender('rows'));
  }

  /** Adds rows. Throws RangeError when the columns differ in length. */
  append(columns: Columns<S>): void {
    const names = Object.keys(this.#schema);
    const arrays = names.map((name) => columns[name] as AnyColumn);
    const rows = arrays[0]?.length ?? 0;
    arrays.forEach((array, i) => {
      if (array.length !== rows)
        throw new RangeError(`got ${array.length} values of '${names[i]}', expected ${rows} as of '${names[0]}'`);
    });
    const types = Object.values(this.#schema).map(duckdbType);
    for (let from = 0; from < rows; from += CHUNK_ROWS) {
      const chunk = DuckDBDataChunk.create(types, Math.min(CHUNK_ROWS, rows - from));
      arrays.forEach((array, index) => writeInto(chunk, index, array, from));
      this.#appender.appendDataChunk(chunk);
    }
  }

  /** Writes the file, with `metadata` beside its rows, and gives it its name; nothing can be appended afterwards. */
  async finish(metadata: Readonly<Record<string, string>> = {}): Promise<void> {
    const partial = partialName(this.#path);
    try {
      this.#appender.closeSync();
      const pairs = Object.entries(metadata).map(([key, value]) => `${sqlName(key)}: ${sqlText(value)}`);
      const beside = pairs.length === 0 ? '' : `, KV_METADATA {${pairs.join(', ')}}`;
      await this.#duckdb.connection.run(`COPY rows TO ${sqlText(partial)} (${PARQUET_OPTIONS}${beside})`);
      commitFile(partial, this.#path);
    } finally {
      this.abort();
    }
  }

  /** Gives up: no file appears. Does nothing after `finish`. */
  abort(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#duckdb.close();
    rmSync(partialName(this.#path), { force: true });
  }
}
