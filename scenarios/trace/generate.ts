/** Writes arrivals that something else generates (the simulator's arrival processes) to a trace file. */
import { ParquetWriter } from '../../storage/parquet-writer.ts';
import { type Arrivals, TRACE_SCHEMA } from './trace.ts';

/** Called after every batch with the number of rows so far. */
export type Progress = (rows: number) => void;

/** Writes all arrivals to `out`, in bounded memory, and returns their number. On failure no file appears. */
export async function generateTrace(
  arrivals: Iterable<Arrivals> | AsyncIterable<Arrivals>,
  out: string,
  onProgress: Progress = () => undefined,
): Promise<number> {
  const writer = await ParquetWriter.open(out, TRACE_SCHEMA);
  let rows = 0;
  try {
    for await (const { timesUs, keys, users, contents, segments } of arrivals) {
      const time = new BigInt64Array(timesUs.length);
      for (let i = 0; i < time.length; i++) time[i] = BigInt(timesUs[i] ?? 0);
      writer.append({ time_us: time, key: keys, user: users, content: contents, segment: segments });
      rows += time.length;
      onProgress(rows);
    }
    await writer.finish();
  } finally {
    writer.abort();
  }
  return rows;
}
