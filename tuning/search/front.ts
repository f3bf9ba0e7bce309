/** Which policies no other one beats: the Pareto front of what a search minimises. */
import type { Objectives } from './search-result.ts';

/** What the front is made of; time to promote only breaks ties. */
export const OBJECTIVES: readonly (keyof Objectives)[] = [
  'falseRollback',
  'notCaught',
  'undecidedHealthy',
  'detectionDelayMs',
  'harm',
];

/** Whether `a` is no worse than `b` in every objective that both know. */
export const isNoWorse = (a: Objectives, b: Objectives): boolean =>
  OBJECTIVES.every((name) => (a[name] ?? 0) <= (b[name] ?? 0));

/** No worse anywhere and better somewhere; of equals, the one that promotes sooner. */
export function dominates(a: Objectives, b: Objectives): boolean {
  if (!isNoWorse(a, b)) return false;
  if (!isNoWorse(b, a)) return true;
  return (a.timeToPromoteMs ?? Infinity) < (b.timeToPromoteMs ?? Infinity);
}

/** Places of those that nobody dominates, ascending; of several equal ones the first. */
export function paretoFront(all: readonly Objectives[]): readonly number[] {
  // Whoever dominates comes before whoever is dominated in this order, so each needs comparing with the front so far alone.
  const order = all.map((_, i) => i).toSorted((i, j) => compare(all[i]!, all[j]!) || i - j);
  const front: number[] = [];
  for (const i of order) {
    const beaten = front.some((f) => dominates(all[f]!, all[i]!) || compare(all[f]!, all[i]!) === 0);
    if (!beaten) front.push(i);
  }
  return front.toSorted((a, b) => a - b);
}

/** Front by front, as places: the front of all, that of those left without it, and so on. */
export function frontsOf(all: readonly Objectives[]): readonly (readonly number[])[] {
  const fronts: (readonly number[])[] = [];
  for (let left = all.map((_, i) => i); left.length > 0; ) {
    const front = new Set(paretoFront(left.map((i) => all[i]!)).map((k) => left[k]!));
    fronts.push([...front]);
    left = left.filter((i) => !front.has(i));
  }
  return fronts;
}

/** By each objective in turn, then by time to promote. */
export function compare(a: Objectives, b: Objectives): number {
  for (const name of OBJECTIVES) {
    const difference = (a[name] ?? 0) - (b[name] ?? 0);
    if (difference !== 0) return difference;
  }
  const [first, second] = [a.timeToPromoteMs ?? Infinity, b.timeToPromoteMs ?? Infinity];
  return first === second ? 0 : first - second;
}
