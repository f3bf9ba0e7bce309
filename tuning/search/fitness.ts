/** What makes one policy of a generation fitter than another, as in NSGA-II (Deb, Pratap, Agarwal, Meyarivan 2002). */
import { frontsOf, OBJECTIVES } from './front.ts';
import type { Objectives } from './search-result.ts';

/**
 * One number per policy, higher is better: by front, then by how far apart from others on it. Those that equal an earlier one in all that fronts
 * are made of come after every front, and null (refused, or not judged) last of all: neither adds anything to a generation.
 */
export function fitnessOf(generation: readonly (Objectives | null)[]): readonly number[] {
  const seen = new Set<string>();
  const fitness = generation.map((each) => (each === null ? -generation.length - 1 : -generation.length));
  const distinct = generation.flatMap((objectives, i) => {
    if (objectives === null) return [];
    const key = OBJECTIVES.map((name) => objectives[name]).join();
    return seen.size === seen.add(key).size ? [] : [{ objectives, i }];
  });
  for (const [rank, front] of frontsOf(distinct.map(({ objectives }) => objectives)).entries()) {
    const apart = crowding(front.map((k) => distinct[k]!.objectives));
    // The distance is squeezed below a half, so that it never outweighs a front.
    for (const [n, k] of front.entries()) fitness[distinct[k]!.i] = -rank + apart[n]! / (1 + apart[n]!) / 2;
  }
  return fitness;
}

/** Of the ends of a front: more than any sum of parts of the range. */
const FAR = 1e6;

/** How far the two nearest on either side are from each other, summed over objectives, each as a part of its range: Deb's crowding distance. */
function crowding(front: readonly Objectives[]): readonly number[] {
  const apart = front.map(() => 0);
  for (const name of OBJECTIVES) {
    const value = (i: number): number => front[i]![name] ?? 0;
    const order = front.map((_, i) => i).toSorted((i, j) => value(i) - value(j));
    const range = value(order.at(-1)!) - value(order[0]!);
    if (range === 0) continue;
    for (const [k, i] of order.entries()) {
      const [before, after] = [order[k - 1], order[k + 1]];
      apart[i]! += before === undefined || after === undefined ? FAR : (value(after) - value(before)) / range;
    }
  }
  return apart;
}
