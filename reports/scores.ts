/** Both arms' predictions for the same mirrored requests, summed over the run. */
import { ScoreTotal } from '../telemetry/scores.ts';
import type { ScoreGrid, Window } from '../telemetry/window.ts';
import { wholeRows } from './series.ts';

export interface ShadowScores {
  readonly compared: number;
  readonly baseline: ScoreTotal;
  readonly candidate: ScoreTotal;
}

export function shadowScores(windows: readonly Window[], grid: ScoreGrid): ShadowScores {
  const baseline = new ScoreTotal(grid);
  const candidate = new ScoreTotal(grid);
  let compared = 0;
  for (const { shadow } of windows.flatMap(wholeRows)) {
    if (shadow === null) continue;
    compared += shadow.compared;
    baseline.add(shadow.baselineScores);
    candidate.add(shadow.candidateScores);
  }
  return { compared, baseline, candidate };
}
