/** The real month of June, as the tests of this room need it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { dataFile } from '../../models/files.ts';
import { sqlPath, sqlText, withDuckdb } from '../../storage/duckdb.ts';

export const JUNE: string = dataFile('flights-june.parquet');
export const JUNE_ROWS = 502_210;
export const TOLERANCE_MIN = 15;

/** Every model whose features are those that production sends. */
export const SERVABLE = [
  'eta-baseline',
  'eta-candidate',
  'eta-int8',
  'eta-skewed',
  'eta-thin',
  'eta-unit-bug',
  'eta-wide',
] as const;

/** A folder of this test's own, removed after it. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'coalmine-models-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes what `query` selects from `june` (the whole extract) as a content table of this test's own; answers its path. */
export async function tableOf(query: string): Promise<string> {
  const file = join(testFolder(), 'flights.parquet');
  await withDuckdb(async (connection) => {
    await connection.run(`create view june as from read_parquet(${sqlPath(JUNE)})`);
    await connection.run(`copy (${query}) to ${sqlText(file)} (format parquet)`);
  });
  return file;
}

/** The middle of the values. */
export const median = (values: Float32Array): number => values.toSorted()[values.length >> 1] ?? Number.NaN;
