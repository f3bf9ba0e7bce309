/** A model's lists for every row of a content table, and what they are worth. */
import { diversityOf, hitsOf, LIST, noveltyOf, playChance } from './lists.ts';
import { PREFERRED, type RankingTruth } from './truth.ts';

/** Filled row by row, in shared memory. */
export interface ListScores {
  /** [rows × LIST] item numbers, best first. */
  readonly items: Uint16Array;
  /** How many of the ten are preferred. */
  readonly hits: Uint8Array;
  readonly diversity: Float32Array;
  readonly noveltyBits: Float32Array;
  /** The true chance that something of the list is played. */
  readonly play: Float32Array;
}

const shared = (bytes: number): SharedArrayBuffer => new SharedArrayBuffer(bytes);

export const emptyLists = (rows: number): ListScores => ({
  items: new Uint16Array(shared(2 * LIST * rows)),
  hits: new Uint8Array(shared(rows)),
  diversity: new Float32Array(shared(4 * rows)),
  noveltyBits: new Float32Array(shared(4 * rows)),
  play: new Float32Array(shared(4 * rows)),
});

/** Puts the lists of `count` rows from row `at` on, and what they are worth. */
export function putLists(
  into: ListScores,
  lists: ArrayLike<number | bigint>,
  at: number,
  count: number,
  truth: RankingTruth,
): void {
  const { items, distance, noveltyBits, preferred } = truth;
  const between = (i: number, j: number): number => distance[i * items + j]!;
  const wanted = new Uint8Array(items);
  for (let row = at; row < at + count; row++) {
    const list = into.items.subarray(LIST * row, LIST * (row + 1));
    for (let k = 0; k < LIST; k++) list[k] = Number(lists[LIST * (row - at) + k]);
    const own = preferred.subarray(PREFERRED * row, PREFERRED * (row + 1));
    wanted.fill(0);
    for (const item of own) wanted[item] = 1;
    const isPreferred = (item: number): boolean => wanted[item] === 1;
    into.hits[row] = hitsOf(list, isPreferred);
    into.diversity[row] = diversityOf(list, between);
    into.noveltyBits[row] = noveltyOf(list, noveltyBits);
    into.play[row] = playChance(list, isPreferred);
  }
}
