/** How alike two top-10 lists are. Every list holds LIST distinct items, best first. */

export const LIST = 10;

/** |A ∩ B|: how many items both lists have. `a` and `b` begin at places `i` and `j`. */
export function sharedItems(
  a: ArrayLike<number>,
  i: number,
  b: ArrayLike<number>,
  j: number,
  depth: number = LIST,
): number {
  let shared = 0;
  for (let x = 0; x < depth; x++)
    for (let y = 0; y < depth; y++)
      if (a[i + x] === b[j + y]) {
        shared++;
        break;
      }
  return shared;
}

/** Persistence of rank-biased overlap: the first ten ranks have 86 % of the weight. */
const PERSISTENCE = 0.9;

/**
 * Rank-biased overlap, extrapolated (Webber, Moffat and Zobel 2010, equation 30): RBO = X_k/k·p^k + (1 − p)/p · Σ_{d=1…k} X_d/d·p^d,
 * X_d the items both lists have among their first d, k = 10, p = 0.9. 1 for equal lists, 0 for disjoint ones.
 */
export function rankBiasedOverlap(a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number): number {
  let sum = 0;
  let weight = 1;
  let agreement = 0;
  for (let d = 1; d <= LIST; d++) {
    weight *= PERSISTENCE;
    agreement = sharedItems(a, i, b, j, d) / d;
    sum += agreement * weight;
  }
  return agreement * weight + ((1 - PERSISTENCE) / PERSISTENCE) * sum;
}
