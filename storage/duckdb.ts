/** DuckDB as a query engine over Parquet files: always in memory, never a shared database file. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

/** An engine with one connection. */
export interface Duckdb {
  readonly connection: DuckDBConnection;
  close(): void;
}

let opened = 0;

/**
 * Starts an engine of bounded memory: what does not fit is spilled to the system's temporary directory. `threads`: how many it works on
 * at most; those that have nothing to do spin for a while before they sleep.
 */
export async function openDuckdb(threads = 2): Promise<Duckdb> {
  opened += 1;
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(threads),
    memory_limit: '512MB',
    temp_directory: join(tmpdir(), `coalmine-spill-${process.pid}-${opened}`),
  });
  const connection = await instance.connect();
  return {
    connection,
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** Runs `use` with a connection of its own and closes everything behind it. */
export async function withDuckdb<T>(use: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const duckdb = await openDuckdb();
  try {
    return await use(duckdb.connection);
  } finally {
    duckdb.close();
  }
}

/** A value as an SQL string literal. */
export const sqlText = (value: string): string => `'${value.replaceAll("'", "''")}'`;

/** A column name as an SQL identifier. */
export const sqlName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A file to read as an SQL string literal. Readers take globs, so what would be a pattern is made to mean itself. */
export const sqlPath = (path: string): string => sqlText(path.replaceAll(/[[*?]/g, '[$&]'));
