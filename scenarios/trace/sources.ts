/** SQL that turns each foreign format into rows of (line, text, time_us, key, user, segment), NULL where it does not parse. */
import { BadInput, fileIssue } from '../../config/issues.ts';
import { didYouMean } from '../../config/suggest.ts';
import { sqlName, sqlPath, sqlText } from '../../storage/duckdb.ts';

export type TraceFormat = 'csv' | 'parquet' | 'ndjson' | 'envoy' | 'nginx';

/** What a time is written in: a date and time (UTC unless it says otherwise), or a number since any origin. */
export type TimeUnit = 'timestamp' | 's' | 'ms' | 'us' | 'ns';

export interface ImportOptions {
  readonly format: TraceFormat;
  /** Column (csv, parquet) or top-level field (ndjson) that holds the arrival time; access logs know theirs. */
  readonly timeColumn?: string | undefined;
  /** Default: timestamp. */
  readonly timeUnit?: TimeUnit | undefined;
  /** Default: all requests ask for one key; in access logs, the path without its query. */
  readonly keyColumn?: string | undefined;
  /** Default: every request is a user of its own; in access logs, the client's address. */
  readonly userColumn?: string | undefined;
  /** Default: one segment. */
  readonly segmentColumn?: string | undefined;
}

const US_PER: Readonly<Record<Exclude<TimeUnit, 'timestamp'>, number>> = { s: 1e6, ms: 1e3, us: 1, ns: 1e-3 };

/** µs since 1970 of an SQL expression, NULL where it is no time. */
function timeUs(expression: string, unit: TimeUnit): string {
  if (unit === 'timestamp') return `epoch_us(TRY_CAST(${expression} AS TIMESTAMP))`;
  return `TRY_CAST(round(TRY_CAST(${expression} AS DOUBLE) * ${US_PER[unit]}) AS BIGINT)`;
}

/**
 * The file's lines as a table (line, text), whatever is in them: no quoting, and a separator that text does not hold. Blank
 * ones are left out, those that are not UTF-8 go to the engine's table `reject_errors`.
 */
const linesOf = (file: string): string =>
  `(FROM (SELECT row_number() OVER () AS line, text FROM read_csv(${sqlPath(file)}, columns = {'text': 'VARCHAR'}, header = false,
    auto_detect = false, delim = E'\\x01', quote = '', escape = '', max_line_size = 16777216, null_padding = true, store_rejects = true))
    WHERE trim(text) <> '')`;

/** A top-level field of a line of JSON, NULL when the line is something else. */
const jsonField = (name: string): string =>
  `CASE WHEN json_valid(text) THEN json_extract_string(text, ${sqlText(`$."${name}"`)}) END`;

/** A SELECT over one file of any format. `columns` are those the file has (csv, parquet). */
export function sourceSql(file: string, options: ImportOptions, columns: readonly string[]): string {
  const { format, timeUnit = 'timestamp' } = options;
  if (format === 'envoy' || format === 'nginx') return accessLog(file, format);
  const names = {
    time: options.timeColumn,
    key: options.keyColumn,
    user: options.userColumn,
    segment: options.segmentColumn,
  };
  const { time, key, user, segment } = names;
  if (time === undefined)
    throw new BadInput([fileIssue(file, `got no time column, expected one for the format ${format}`)]);
  if (format === 'ndjson')
    return selectOf(linesOf(file), timeUs(jsonField(time), timeUnit), jsonField, { key, user, segment });
  const missing = Object.values(names).filter((name) => name !== undefined && !columns.includes(name)) as string[];
  if (missing.length > 0)
    throw new BadInput(
      missing.map((name) =>
        fileIssue(file, `got the column '${name}', expected one of: ${columns.join(', ')}${didYouMean(name, columns)}`),
      ),
    );
  // A CSV's first line is its header.
  const offset = format === 'csv' ? 1 : 0;
  const table = `(SELECT row_number() OVER () + ${offset} AS line, * FROM ${tableSql(file, format)})`;
  const withText = `(SELECT *, ${sqlName(time)}::VARCHAR AS text FROM ${table})`;
  return selectOf(withText, timeUs(sqlName(time), timeUnit), (name) => `${sqlName(name)}::VARCHAR`, {
    key,
    user,
    segment,
  });
}

/**
 * A file with columns as an SQL table. Short CSV rows are filled up with NULLs; those that cannot be split into columns go to
 * the engine's table `reject_errors`.
 */
export const tableSql = (file: string, format: 'csv' | 'parquet'): string =>
  format === 'parquet'
    ? `read_parquet(${sqlPath(file)})`
    : `read_csv(${sqlPath(file)}, all_varchar = true, header = true, null_padding = true, store_rejects = true, parallel = false)`;

type Extra = { readonly [Name in 'key' | 'user' | 'segment']: string | undefined };

function selectOf(from: string, time: string, field: (name: string) => string, extra: Extra): string {
  const fields = Object.entries(extra).map(
    ([as, name]) => `${name === undefined ? 'NULL' : field(name)} AS ${sqlName(as)}`,
  );
  return `SELECT line, text, ${time} AS time_us, ${fields.join(', ')} FROM ${from}`;
}

/** What a group of a pattern matches in a line, NULL when nothing. */
const group = (pattern: string): string => `nullif(regexp_extract(text, ${sqlText(pattern)}, 1), '')`;

/**
 * Envoy's default format begins `[2016-04-15T20:17:00.310Z] "GET /path HTTP/2" 200 …` and has the forwarded-for address in
 * its first quotes after the request. nginx's combined format has `10.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET /path …"`,
 * or `[1700000000.123]` with $msec. With $time_local all requests of a second arrive together: log $msec.
 */
function accessLog(file: string, format: 'envoy' | 'nginx'): string {
  const stamp = group(String.raw`^[^"\[]*\[([^\]]+)\] "`);
  const time =
    format === 'envoy'
      ? timeUs(stamp, 'timestamp')
      : `coalesce(${timeUs(stamp, 's')}, epoch_us(try_strptime(${stamp}, '%d/%b/%Y:%H:%M:%S %z')))`;
  const key = group(String.raw`\] "\S+ ([^ ?"]+)`);
  const user = format === 'envoy' ? group(String.raw`\] "[^"]*" [^"]*"([^"]*)"`) : group(String.raw`^(\S+) `);
  return `SELECT line, text, ${time} AS time_us, ${key} AS "key", ${user} AS "user", NULL AS "segment" FROM ${linesOf(file)}`;
}
