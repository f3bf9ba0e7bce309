/**
 * The highest value so far of a trailing ratio, evaluation by evaluation: when any bound was first reached is a binary search. One
 * ladder serves every bound on the same counts and width, which is what makes judging thousands of policies cheap.
 */
import type { Grid } from './grid.ts';

/** Values are quotients of doubles, so within this of a bound they are not sure; a little more than their relative error. */
export const SURE = 1e-12;

const ladders = new WeakMap<Grid, Map<number, Float64Array>>();

/** Wider sums and longer rollouts than anybody has. */
const MOST = 2 ** 14;

/**
 * ladder[i] is the highest of value(first) … value(first + i). `kind` tells apart what is measured: below 2^25. NaN never counts.
 * With `first` and `width` it makes the key, so values must follow from the three and the grid alone.
 */
export function ladderOf(
  grid: Grid,
  kind: number,
  first: number,
  width: number,
  value: (t: number, width: number) => number,
): Float64Array {
  let ofGrid = ladders.get(grid);
  if (ofGrid === undefined) ladders.set(grid, (ofGrid = new Map()));
  const key = (kind * MOST + first) * MOST + width;
  let ladder = ofGrid.get(key);
  if (ladder === undefined) {
    ladder = new Float64Array(Math.max(0, grid.evaluations - first));
    let highest = -Infinity;
    for (let i = 0; i < ladder.length; i++) {
      const here = value(first + i, width);
      if (here > highest) highest = here;
      ladder[i] = highest;
    }
    ofGrid.set(key, ladder);
  }
  return ladder;
}

/** The first place whose value is at least `bar`; the ladder's length when none is. */
export function climb(ladder: Float64Array, bar: number): number {
  let low = 0;
  let high = ladder.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ladder[middle]! >= bar) high = middle;
    else low = middle + 1;
  }
  return low;
}

const kinds = new Map<string, number>();

/** A number for what is measured. */
export function kindOf(name: string): number {
  const known = kinds.get(name);
  if (known !== undefined) return known;
  kinds.set(name, kinds.size);
  return kinds.size - 1;
}
