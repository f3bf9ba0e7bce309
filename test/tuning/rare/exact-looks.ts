/** Exact probabilities that looks at counts are over, by adding up everything that may be counted: what estimators are held against. */
import { binomialMasses } from '../../../statistics/binomial.ts';
import { hypergeometricMass } from '../../../statistics/hypergeometric.ts';

/** What one window of both arms may count: the candidate's events, the other arm's, how likely. */
export type WindowMasses = readonly (readonly [own: number, other: number, mass: number])[];

/** Requests that are independent of each other, events with probability p in both arms. */
export function independentArms(own: number, other: number, p: number): WindowMasses {
  const theirs = [...binomialMasses(other, p)];
  return [...binomialMasses(own, p)].flatMap((mine, x) => theirs.map((mass, y) => [x, y, mine * mass] as const));
}

/** Of so many events of both arms together, each request of either as likely as another to have one. */
export const dealtArms = (own: number, other: number, marked: number): WindowMasses =>
  Array.from(
    { length: Math.min(own, marked) + 1 },
    (_, x) => [x, marked - x, hypergeometricMass({ population: own + other, marked, drawn: own }, x)] as const,
  );

/** P(a window is over). */
export const overIn = (window: WindowMasses, isOver: (x: number, y: number) => boolean): number =>
  window.reduce((sum, [x, y, mass]) => sum + (isOver(x, y) ? mass : 0), 0);

/**
 * P(some trailing sum of `width` of these windows is over): state by state, each the counts of the last width − 1 windows. Sums exist from the
 * `width`-th window on.
 */
export function everOver(
  windows: readonly WindowMasses[],
  width: number,
  isOver: (x: number, y: number) => boolean,
): number {
  let states = new Map<string, { readonly last: readonly (readonly [number, number])[]; mass: number }>([
    ['', { last: [], mass: 1 }],
  ]);
  let hit = 0;
  for (const window of windows) {
    const next: typeof states = new Map();
    for (const { last, mass } of states.values())
      for (const [x, y, p] of window) {
        if (p === 0) continue;
        const sums = last.reduce(([a, b], [c, d]) => [a + c, b + d] as const, [x, y] as const);
        if (last.length === width - 1 && isOver(...sums)) {
          hit += mass * p;
          continue;
        }
        const kept = [...last, [x, y] as const].slice(last.length + 1 - (width - 1));
        const trail = width === 1 ? [] : kept;
        const key = trail.join('/');
        const known = next.get(key);
        if (known === undefined) next.set(key, { last: trail, mass: mass * p });
        else known.mass += mass * p;
      }
    states = next;
  }
  return hit;
}

/**
 * P(the candidate's ratio is more than `percent` below the other arm's), events with probability p in both: over all that the other arm may count,
 * how likely the candidate has few enough (statistics §5).
 */
export function dropProbability(own: number, other: number, p: number, percent: number): number {
  const atMost: number[] = [];
  let sum = 0;
  for (const mass of binomialMasses(own, p)) atMost.push((sum += mass));
  return binomialMasses(other, p).reduce((total, mass, y) => {
    const fewest = Math.ceil(((100 - percent) * y * own) / (100 * other));
    return total + (fewest === 0 ? 0 : mass * atMost[Math.min(own, fewest - 1)]!);
  }, 0);
}
