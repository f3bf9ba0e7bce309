/** Quantiles of predictions from sums of score histograms, linear inside a bin. */
import type { ScoreGrid } from '../../telemetry/window.ts';
import { positionOfRank, type Sparse, totalOf } from '../sparse.ts';

/** The score below which the share `quantile` of the predictions lies; null without predictions. */
export function scoreQuantile(scores: Sparse, quantile: number, grid: ScoreGrid): number | null {
  const rank = quantile * totalOf(scores);
  const found = positionOfRank(scores, rank);
  if (found === null || found.count === 0) return null;
  const inside = Math.max(0, rank - found.before) / found.count;
  return grid.low + ((grid.high - grid.low) / grid.bins) * (found.at + inside);
}
