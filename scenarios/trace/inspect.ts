/** What a trace is like: how much, how regular, how bursty, how concentrated. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { BadInput, fileIssue } from '../../config/issues.ts';
import { sqlPath, withDuckdb } from '../../storage/duckdb.ts';
import { checkParquet } from '../../storage/parquet.ts';
import { TRACE_SCHEMA } from './trace.ts';

export interface TraceSummary {
  readonly rows: number;
  readonly durationMs: number;
  readonly meanRps: number;
  /** Standard deviation of the gaps between arrivals over their mean: 1 for a Poisson process. Null with fewer than 3 arrivals. */
  readonly gapCv: number | null;
  /** Variance of the counts per whole interval over their mean (index of dispersion): 1 for a Poisson process. Null with less than two. */
  readonly dispersion: { readonly s1: number | null; readonly s10: number | null; readonly s60: number | null };
  readonly keys: number;
  readonly users: number;
  /** Share of the requests that ask for the most popular 1, 10, 100 keys. */
  readonly topKeyShare: { readonly top1: number; readonly top10: number; readonly top100: number };
  /** Fewest and most requests of a whole minute. Null with less than one. */
  readonly perMinute: { readonly min: number; readonly max: number } | null;
}

/** Throws BadInput when the file is no trace, or an empty one. */
export async function inspectTrace(file: string): Promise<TraceSummary> {
  return withDuckdb(async (connection) => {
    const rows = await checkParquet(connection, file, TRACE_SCHEMA);
    if (rows === 0) throw new BadInput([fileIssue(file, 'got a trace without arrivals, expected at least one')]);
    await connection.run(`CREATE VIEW trace AS SELECT * FROM read_parquet(${sqlPath(file)})`);
    const [spanUs, keys, users] = await row(
      connection,
      'SELECT max(time_us) - min(time_us), count(DISTINCT "key"), count(DISTINCT "user") FROM trace',
    );
    // Without an ORDER BY the window runs over the rows as they are stored, which is by time, and needs no memory.
    const [gapCv] = await row(
      connection,
      'SELECT stddev_samp(gap) / nullif(avg(gap), 0) FROM (SELECT time_us - lag(time_us) OVER () AS gap FROM trace)',
    );
    const minutes = await counts(connection, 60);
    const seconds = (spanUs ?? 0) / 1e6;
    return {
      rows,
      durationMs: seconds * 1000,
      meanRps: seconds > 0 ? (rows - 1) / seconds : 0,
      gapCv: gapCv ?? null,
      dispersion: {
        s1: (await counts(connection, 1)).dispersion,
        s10: (await counts(connection, 10)).dispersion,
        s60: minutes.dispersion,
      },
      keys: keys ?? 0,
      users: users ?? 0,
      topKeyShare: await topKeyShare(connection, rows),
      perMinute: minutes.extremes,
    };
  });
}

async function row(connection: DuckDBConnection, sql: string): Promise<(number | null)[]> {
  const result = await connection.runAndReadAll(sql);
  return (result.getRows()[0] ?? []).map((value) => (value === null ? null : Number(value)));
}

interface Counts {
  readonly dispersion: number | null;
  readonly extremes: { readonly min: number; readonly max: number } | null;
}

/**
 * Requests per whole interval of `seconds` since the first arrival; intervals without any count as 0. The unfinished last one
 * is left out: at a thousand requests a second it alone would lift a Poisson trace's dispersion well above 1.
 */
async function counts(connection: DuckDBConnection, seconds: number): Promise<Counts> {
  const us = `${seconds * 1e6}::BIGINT`;
  const [intervals, occupied, sum, squares, min, max] = await row(
    connection,
    `WITH bounds AS (SELECT min(time_us) AS first, (max(time_us) - min(time_us)) // ${us} AS whole FROM trace),
     bins AS (
       SELECT (time_us - first) // ${us} AS bin, count(*)::DOUBLE AS n FROM trace, bounds
       GROUP BY bin HAVING bin < any_value(whole))
     SELECT (SELECT whole FROM bounds), count(*), sum(n), sum(n * n), min(n), max(n) FROM bins`,
  );
  const whole = intervals ?? 0;
  if (whole < 1) return { dispersion: null, extremes: null };
  const mean = (sum ?? 0) / whole;
  const variance = ((squares ?? 0) - whole * mean * mean) / (whole - 1);
  return {
    dispersion: whole < 2 || mean === 0 ? null : variance / mean,
    extremes: { min: (occupied ?? 0) < whole ? 0 : (min ?? 0), max: max ?? 0 },
  };
}

async function topKeyShare(connection: DuckDBConnection, rows: number): Promise<TraceSummary['topKeyShare']> {
  const [top1, top10, top100] = await row(
    connection,
    `SELECT max(n), sum(n) FILTER (place <= 10), sum(n) FILTER (place <= 100)
     FROM (SELECT count(*)::DOUBLE AS n, row_number() OVER (ORDER BY count(*) DESC) AS place FROM trace GROUP BY "key")`,
  );
  return { top1: (top1 ?? 0) / rows, top10: (top10 ?? 0) / rows, top100: (top100 ?? 0) / rows };
}
