import type { Scenario } from '../../scenarios/scenario.ts';
import { streamsOf } from '../random.ts';
import { type ArrivalSource, RateArrivals } from './source.ts';

/** The scenario's arrivals: generated from a rate, or replayed from a trace. */
export async function openArrivals(scenario: Scenario): Promise<ArrivalSource> {
  const process = scenario.traffic.arrivals;
  if (process.kind === 'trace') throw new Error('no traces yet');
  return new RateArrivals(process, streamsOf(scenario.seed));
}
