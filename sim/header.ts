import { measuresOf } from '../scenarios/measures.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import {
  ALL_SEGMENTS,
  type Arm,
  type LatencyThreshold,
  type ScoreGrid,
  type WindowHeader,
} from '../telemetry/window.ts';

/** Arms by their number, in a world without a control cohort. */
export const ARM_NAMES: readonly Arm[] = ['baseline', 'candidate'];

/** From so many on the share of the requests that an arm's users make is the arm's weight, to a few percent of 1 %. */
const MANY_USERS = 1_000_000;

/**
 * What holds for every window of a scenario's run, the same in every world. `actual`: what really happened, by content row;
 * null when no content is scored, which leaves nothing to segment or to grid. `userClusters`: what users are told apart by, where they are.
 */
export function headerOf(
  scenario: Scenario,
  thresholds: readonly LatencyThreshold[],
  actual: Float32Array | null,
  arms: readonly Arm[] = ARM_NAMES,
  userClusters?: number,
): WindowHeader {
  return {
    windowMs: scenario.windowMs,
    arms,
    segments: [ALL_SEGMENTS, ...(actual === null ? [] : scenario.traffic.segments)],
    thresholds,
    scoreGrid: actual === null ? { low: 0, high: 1, bins: 1 } : gridFor(actual),
    ...measuresOf(scenario.outcomes),
    ...(scenario.traffic.users < MANY_USERS ? { users: scenario.traffic.users } : {}),
    ...(userClusters === undefined ? {} : { userClusters }),
  };
}

/** Sorting the outcomes takes tens of milliseconds, and the rollouts of a sweep share them. */
const grids = new WeakMap<Float32Array, ScoreGrid>();

function gridFor(actual: Float32Array): ScoreGrid {
  let grid = grids.get(actual);
  if (grid === undefined) grids.set(actual, (grid = findGrid(actual)));
  return grid;
}

/** A grid wide enough for predictions of these outcomes: from their minimum to half as much again as their 99.9 % quantile. */
function findGrid(actual: Float32Array): ScoreGrid {
  const sorted = Float32Array.from(actual).sort();
  const low = Math.min(0, Math.floor(sorted[0]!));
  const high = Math.ceil(1.5 * sorted[Math.floor(0.999 * (sorted.length - 1))]!);
  return { low, high: Math.max(high, low + 1), bins: 2048 };
}
