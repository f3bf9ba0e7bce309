/** A trace: the arrivals of one real or generated stretch of traffic, as a Parquet file sorted by time. */
import { BadInput, fileIssue } from '../../config/issues.ts';
import { readColumns } from '../../storage/parquet.ts';

/** Columns of a trace file, none of them with missing values. */
export const TRACE_SCHEMA = {
  /** µs since the trace began, never decreasing. */
  time_us: 'int64',
  /** Entity whose features are fetched; 0 is the most popular one. */
  key: 'int32',
  /** Sticky routing identity. */
  user: 'int32',
  /** Row of the content table, modulo its length. */
  content: 'int32',
  /** Segment number. */
  segment: 'uint8',
} as const;

/** Consecutive arrivals as parallel arrays. */
export interface Arrivals {
  /** µs since the trace began, never decreasing; whole numbers. */
  readonly timesUs: Float64Array;
  readonly keys: Int32Array;
  readonly users: Int32Array;
  readonly contents: Int32Array;
  readonly segments: Uint8Array;
}

/**
 * Reads a trace piece by piece, in order: ten million arrivals in about two seconds, in bounded memory.
 * Throws BadInput when the file is no trace, or not sorted.
 */
export async function* openTrace(file: string): AsyncGenerator<Arrivals, void> {
  let lastUs = Number.NEGATIVE_INFINITY;
  for await (const { time_us, key, user, content, segment } of readColumns(file, TRACE_SCHEMA)) {
    const timesUs = new Float64Array(time_us.length);
    for (let i = 0; i < timesUs.length; i++) {
      const us = Number(time_us[i]);
      if (us < lastUs)
        throw new BadInput([fileIssue(file, `got time ${us} µs after ${lastUs} µs, expected arrivals sorted by time`)]);
      timesUs[i] = us;
      lastUs = us;
    }
    yield { timesUs, keys: key, users: user, contents: content, segments: segment };
  }
}
