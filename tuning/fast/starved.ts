/** When the candidate first got nothing although the router gave it weight: controller/guards/starved.ts on prefix sums. */
import { expectedRequests, isSilence } from '../../controller/guards/starved.ts';
import type { Stage } from '../../controller/policy.ts';
import { ALL_SEGMENTS } from '../../telemetry/window.ts';
import { channelOf } from './channel.ts';
import type { Grid } from './grid.ts';

const BASELINE = channelOf('baseline', ALL_SEGMENTS, 'arrived');
const CANDIDATE = channelOf('candidate', ALL_SEGMENTS, 'arrived');
const COPIES = channelOf('candidate', ALL_SEGMENTS, 'arrivedMirrored');

/** Evaluation window of the first silence from `first` to `last`; Infinity: none. */
export function starvedAt(grid: Grid, stage: Stage, first: number, last: number): number {
  if (expectedRequests(0, stage) === null) return Infinity;
  const baseline = grid.prefix(BASELINE);
  const candidate = grid.prefix(CANDIDATE);
  const copies = grid.prefix(COPIES);
  for (let t = first; t <= last; t++) {
    const got = candidate[t + 1]! - candidate[t]! - (copies[t + 1]! - copies[t]!);
    if (got > 0) continue;
    if (isSilence(expectedRequests(baseline[t + 1]! - baseline[t]!, stage))) return t;
  }
  return Infinity;
}
