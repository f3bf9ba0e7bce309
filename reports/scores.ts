/** Both arms' predictions for the same mirrored requests, summed over the run. */
import type { ScoreGrid, ScoreHistogram, Window } from '../telemetry/window.ts';
import { wholeRows } from './series.ts';

export interface ShadowScores {
  readonly grid: ScoreGrid;
  readonly compared: number;
  readonly incomplete: number;
  readonly baseline: Float64Array;
  readonly candidate: Float64Array;
}

export function shadowScores(windows: readonly Window[], grid: ScoreGrid): ShadowScores {
  const baseline = new Float64Array(grid.bins);
  const candidate = new Float64Array(grid.bins);
  let compared = 0;
  let incomplete = 0;
  for (const { shadow } of windows.flatMap(wholeRows)) {
    if (shadow === null) continue;
    compared += shadow.compared;
    incomplete += shadow.incomplete;
    addInto(baseline, shadow.baselineScores);
    addInto(candidate, shadow.candidateScores);
  }
  return { grid, compared, incomplete, baseline, candidate };
}

function addInto(sum: Float64Array, part: ScoreHistogram): void {
  part.bins.forEach((bin, i) => {
    sum[bin]! += part.counts[i]!;
  });
}

/** Quantile within a histogram of scores: linear inside the bin. */
export function scoreQuantile(counts: Float64Array, grid: ScoreGrid, q: number): number {
  const width = (grid.high - grid.low) / grid.bins;
  const wanted = q * counts.reduce((a, b) => a + b, 0);
  let below = 0;
  for (let i = 0; i < counts.length; i++) {
    const n = counts[i]!;
    if (n > 0 && below + n >= wanted) return grid.low + width * (i + (wanted - below) / n);
    below += n;
  }
  return grid.high;
}
