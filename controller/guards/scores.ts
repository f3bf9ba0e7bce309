/** Quantiles of predictions from sums of score histograms, linear inside a bin, and what their change is related to. */
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

/** A reference nearer to 0 than this is none to relate a change to. */
const NOTHING = 1e-9;

/**
 * Q(0.75) − Q(0.25), in which a change of these scores is told when their own value is no measure of it: they may be negative, or it is 0.
 * Null: the value itself is.
 */
export function scaleOf(scores: Sparse, value: number | null, grid: ScoreGrid): number | null {
  if (value === null || (grid.low >= 0 && Math.abs(value) >= NOTHING)) return null;
  return scoreQuantile(scores, 0.75, grid)! - scoreQuantile(scores, 0.25, grid)!;
}
