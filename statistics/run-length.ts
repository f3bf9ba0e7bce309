/** Runs of k windows in a row that are over, exactly: the oracle for everything that counts streaks (Feller, An Introduction to Probability Theory, vol. 1, ch. XIII.7). */

/**
 * P(some run of at least k among n windows), windows over with probability p, missing with probability m (trip streak frozen):
 * s_0 = 1; each window hit += s_{k−1}·p; s' = ((1−p−m)·Σs, p·s_0, …, p·s_{k−2}) + m·s.
 */
export const runProbability = (n: number, k: number, p: number, missing = 0): number => runOf(n, () => p, k, missing);

/** The same for windows that differ, each with its own probability, one after the other. */
export const runProbabilityOf = (each: readonly number[], k: number): number =>
  runOf(each.length, (t) => each[t]!, k, 0);

function runOf(length: number, at: (t: number) => number, k: number, missing: number): number {
  let streaks = new Float64Array(k);
  streaks[0] = 1;
  let hit = 0;
  for (let t = 0; t < length; t++) {
    const p = at(t);
    const next = new Float64Array(k);
    hit += streaks[k - 1]! * p;
    for (let j = 0; j < k; j++) {
      next[0]! += streaks[j]! * (1 - p - missing);
      next[j]! += streaks[j]! * missing;
      if (j > 0) next[j]! += streaks[j - 1]! * p;
    }
    streaks = next;
  }
  return hit;
}

/** P(run ≥ k among n) of a two-state chain that begins in its stationary share p01/(1 + p01 − p11). */
export function markovRunProbability(
  n: number,
  k: number,
  [p01, p11]: readonly [afterUnder: number, afterOver: number],
): number {
  const share = p01 / (1 + p01 - p11);
  let streaks = new Float64Array(k);
  // The first window comes from nowhere.
  let hit = k === 1 ? share : 0;
  streaks[0] = 1 - share;
  if (k > 1) streaks[1] = share;
  for (let t = 1; t < n; t++) {
    const next = new Float64Array(k);
    for (let j = 0; j < k; j++) {
      const p = j === 0 ? p01 : p11;
      next[0]! += streaks[j]! * (1 - p);
      if (j + 1 === k) hit += streaks[j]! * p;
      else next[j + 1]! += streaks[j]! * p;
    }
    streaks = next;
  }
  return hit;
}

/** Mean number of windows until the first run of k: (p^−k − 1)/(1 − p). */
export const meanWindowsToRun = (k: number, p: number): number => (p ** -k - 1) / (1 - p);
