import type { Scenario } from '../../scenarios/scenario.ts';
import type { Arrivals } from '../../scenarios/trace/trace.ts';
import { requestsOf } from './requests.ts';

/**
 * The first `rows` requests of a scenario as the simulator would make them, without traffic spikes, in pieces, for a trace file.
 * Contents are numbered in order of arrival unless a trace says otherwise; segments follow from the content and are 0 here.
 */
export async function* arrivalsOf(scenario: Scenario, rows: number): AsyncGenerator<Arrivals, void> {
  const options = { contentRows: null, stages: null };
  for await (const { count: made, first, timesMs, keys, users, contents } of requestsOf(
    scenario,
    scenario.limitMs,
    options,
  )) {
    const count = Math.min(made, rows - first);
    yield {
      timesUs: Float64Array.from(timesMs.subarray(0, count), (ms) => Math.round(ms * 1000)),
      keys: keys.slice(0, count),
      users: users.slice(0, count),
      contents: contents.slice(0, count).map((row, i) => (row < 0 ? first + i : row)),
      segments: new Uint8Array(count),
    };
    if (first + count === rows) return;
  }
}
