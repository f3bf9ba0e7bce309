/** What a top-10 list is worth when the true preferences are known. Every list holds LIST distinct items, best first. */

export const LIST = 10;

/** Hits: how many of the list are in the true preference set; precision@10 is a tenth of it. */
export function hitsOf(list: ArrayLike<number>, isPreferred: (item: number) => boolean): number {
  let hits = 0;
  for (let k = 0; k < LIST; k++) if (isPreferred(list[k]!)) hits++;
  return hits;
}

/**
 * Intra-list diversity: the mean of 1 − cosine(g_i, g_j) over the pairs of the list, g an item's genres (Ziegler, McNee, Konstan and
 * Lausen 2005). `distance(i, j)` is 1 − cosine.
 */
export function diversityOf(list: ArrayLike<number>, distance: (i: number, j: number) => number): number {
  let sum = 0;
  for (let a = 1; a < LIST; a++) for (let b = 0; b < a; b++) sum += distance(list[a]!, list[b]!);
  return (2 * sum) / (LIST * (LIST - 1));
}

/** Novelty in bits: the mean of −log₂ p(i) over the list, p an item's share of all plays (Zhou and others 2010). */
export function noveltyOf(list: ArrayLike<number>, bits: ArrayLike<number>): number {
  let sum = 0;
  for (let k = 0; k < LIST; k++) sum += bits[list[k]!]!;
  return sum / LIST;
}

/** Chance that a preferred item at the top of the list is played. */
const ATTRACTION = 0.12;

/**
 * P(play within the session) = 1 − Π_k (1 − a·rel_k/log₂(k + 1)), k = 1 … 10, rel_k whether item k is preferred, a = 0.12: a viewer
 * looks down the list with falling attention, discounted as in DCG (Järvelin and Kekäläinen 2002).
 */
export function playChance(list: ArrayLike<number>, isPreferred: (item: number) => boolean): number {
  let none = 1;
  for (let k = 0; k < LIST; k++) if (isPreferred(list[k]!)) none *= 1 - ATTRACTION / Math.log2(k + 2);
  return 1 - none;
}
