/** "Did you mean": the word a typing mistake was probably meant to be. */

/** Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b` (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, (beforeLast[j - 2] ?? Infinity) + 1);
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

const plain = (word: string): string => word.toLowerCase().replaceAll(/[-_ ]/g, '');

/** The nearest of `words` to `given`, when at most about a third of its letters are wrong; null when nothing is near. */
export function nearest(given: string, words: readonly string[]): string | null {
  let best: string | null = null;
  let bestDistance = Math.min(given.length, Math.max(1, Math.floor(given.length / 3)) + 1);
  for (const word of words) {
    const distance = editDistance(plain(given), plain(word));
    if (distance < bestDistance) [best, bestDistance] = [word, distance];
  }
  return best;
}

/** "; did you mean 'x'?", or nothing. */
export function didYouMean(given: string, words: readonly string[]): string {
  const word = nearest(given, words);
  return word === null ? '' : `; did you mean '${word}'?`;
}
