import type { Scenario } from '../../scenarios/scenario.ts';
import type { Arrivals } from '../../scenarios/trace/trace.ts';
import { mix32 } from '../../split.ts';
import { ZipfKeys } from '../keys.ts';
import { streamsOf } from '../random.ts';
import { type ArrivalSource, RateArrivals } from './source.ts';
import { TraceArrivals } from './trace.ts';

/** Keeps users apart from other uses of the request's number. */
const USER_SALT = 0x5bd1e995;

/** Who sends request `number`, when no trace says so: uniform over the users, and no random stream to keep in step. */
export const userOf = (number: number, users: number): number => mix32(number ^ USER_SALT) % users;

/** The scenario's arrivals: generated from a rate, or replayed from a trace. */
export function openArrivals({ seed, traffic }: Scenario): ArrivalSource {
  if (traffic.arrivals.kind === 'trace') return new TraceArrivals(traffic.arrivals, traffic.keys.count);
  return new RateArrivals(traffic.arrivals, streamsOf(seed));
}

/**
 * The first `rows` requests of a scenario as the simulator would make them, in pieces, for a trace file. Contents are
 * numbered in order of arrival; segments follow from the content and are 0 here.
 */
export async function* arrivalsOf(scenario: Scenario, rows: number): AsyncGenerator<Arrivals, void> {
  const source = openArrivals(scenario);
  const { keys, users } = scenario.traffic;
  const zipf = new ZipfKeys(keys.count, keys.zipf, streamsOf(scenario.seed)('keys'));
  let made = 0;
  for (let untilMs = 60_000; made < rows && !source.ended; untilMs += 60_000) {
    await source.prepare(untilMs);
    for (let n = source.fill(untilMs); n > 0 && made < rows; n = source.fill(untilMs)) {
      const count = Math.min(n, rows - made);
      const first = made;
      made += count;
      yield {
        timesUs: Float64Array.from(source.times.subarray(0, count), (ms) => Math.round(ms * 1000)),
        keys: Int32Array.from({ length: count }, (_, i) => source.keys?.[i] ?? zipf.next()),
        users: Int32Array.from({ length: count }, (_, i) => source.users?.[i] ?? userOf(first + i, users)),
        contents: Int32Array.from({ length: count }, (_, i) => source.contents?.[i] ?? first + i),
        segments: new Uint8Array(count),
      };
    }
    if (untilMs > scenario.limitMs) return;
  }
  await source.close();
}
