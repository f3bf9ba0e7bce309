/** DuckDB as a query engine over Parquet files: always in memory, never a shared database file. */
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

/** Runs `use` with a connection of its own and closes everything behind it. */
export async function withDuckdb<T>(use: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2', memory_limit: '512MB' });
  const connection = await instance.connect();
  try {
    return await use(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** A value as an SQL string literal. */
export const sqlText = (value: string): string => `'${value.replaceAll("'", "''")}'`;
