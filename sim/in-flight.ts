import type { ArmSim } from './arm.ts';
import type { Fetching } from './fetching.ts';
import type { Hits } from './hits.ts';
import type { Pending } from './pending.ts';
import { armOf, segmentOf, WAITING_TO_RETRY } from './registers.ts';

/** Requests inside each arm's segments now: fetching, waiting, in service, or answered beyond the barrier. */
export function inFlightOf(arms: readonly ArmSim[], hits: Hits, fetching: Fetching, pending: Pending): number[][] {
  const counts = arms.map((arm) => arm.cells.map(() => 0));
  const add = (kind: number): void => {
    counts[armOf(kind)]![segmentOf(kind)]!++;
  };
  hits.forEach(add);
  fetching.forEach((request) => {
    const kind = fetching.kind[request]!;
    if ((kind & WAITING_TO_RETRY) === 0) add(kind);
  });
  for (let i = 0; i < pending.size; i++) add(pending.kind[i]!);
  return counts;
}
