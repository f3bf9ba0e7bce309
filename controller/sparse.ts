/** Histograms as plain data: counts at whole-number positions, which survive JSON and add up. */

/** Parallel arrays, positions ascending, no zero counts. */
export interface Sparse {
  readonly at: readonly number[];
  readonly counts: readonly number[];
}

export const NOTHING: Sparse = { at: [], counts: [] };

export const totalOf = (histogram: Sparse): number => histogram.counts.reduce((sum, count) => sum + count, 0);

/** The sum of two histograms: one pass over both. */
export function merge(a: Sparse, b: Sparse): Sparse {
  const m = a.at.length;
  const n = b.at.length;
  if (m === 0) return b;
  if (n === 0) return a;
  const at: number[] = [];
  const counts: number[] = [];
  let i = 0;
  let j = 0;
  while (i < m && j < n) {
    const left = a.at[i]!;
    const right = b.at[j]!;
    at.push(left < right ? left : right);
    counts.push((left <= right ? a.counts[i++]! : 0) + (right <= left ? b.counts[j++]! : 0));
  }
  for (; i < m; i++) {
    at.push(a.at[i]!);
    counts.push(a.counts[i]!);
  }
  for (; j < n; j++) {
    at.push(b.at[j]!);
    counts.push(b.counts[j]!);
  }
  return { at, counts };
}

export interface Found {
  readonly at: number;
  /** Counts before this position, and at it. */
  readonly before: number;
  readonly count: number;
}

/** The position that holds the value of 1-based `rank` (may be fractional); null when there are fewer values. */
export function positionOfRank(histogram: Sparse, rank: number): Found | null {
  let before = 0;
  for (const [i, count] of histogram.counts.entries()) {
    if (before + count >= rank) return { at: histogram.at[i]!, before, count };
    before += count;
  }
  return null;
}
