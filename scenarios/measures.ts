/** What a scenario's requests are measured by, beside latencies and labels: it follows from how their outcomes come about. */
import type { MeasureInfo } from '../telemetry/measures.ts';
import type { Outcomes } from './scenario.ts';

/** By arm, and of mirrored pairs; null when nothing is measured. */
export interface Measures {
  readonly measures: readonly MeasureInfo[];
  readonly pairMeasures: readonly MeasureInfo[];
}

/** Times to success are counted in whole multiples of this. */
export const SUCCESS_STEP_MS = 10;

const QUERIES: Measures = {
  measures: [
    { name: 'click-through', description: 'queries with a click', step: 1 },
    { name: 'time-to-success-ms', description: 'time to success, ms', step: SUCCESS_STEP_MS },
  ],
  pairMeasures: [],
};

/** Steps of what lists are worth, and of rank-biased overlap; hits and shared items are counted in tenths. */
export const DIVERSITY_STEP = 0.001;
export const NOVELTY_STEP = 0.01;
export const OVERLAP_STEP = 0.001;

const LISTS: Measures = {
  measures: [
    { name: 'precision@10', description: 'share of the list that is preferred', step: 0.1 },
    { name: 'diversity', description: 'mean distance within the list', step: DIVERSITY_STEP },
    { name: 'novelty-bits', description: 'novelty of the list, bits', step: NOVELTY_STEP },
  ],
  pairMeasures: [
    { name: 'overlap@10', description: 'share of items in both lists', step: 0.1 },
    { name: 'rank-biased-overlap', description: 'likeness of both lists', step: OVERLAP_STEP },
  ],
};

export function measuresOf({ kind }: Outcomes): Measures | null {
  if (kind === 'plays') return LISTS;
  return kind === 'queries' ? QUERIES : null;
}
