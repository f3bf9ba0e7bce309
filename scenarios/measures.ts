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

export function measuresOf({ kind }: Outcomes): Measures | null {
  return kind === 'queries' ? QUERIES : null;
}
