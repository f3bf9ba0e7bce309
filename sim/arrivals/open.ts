import type { Scenario } from '../../scenarios/scenario.ts';
import { mix32 } from '../../split.ts';
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
