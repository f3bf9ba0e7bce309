/** When the router did not keep a stage's shares: controller/guards/split-check.ts on prefix sums. */
import { splitMismatch } from '../../controller/guards/split-check.ts';
import type { Stage } from '../../controller/policy.ts';
import { ALL_SEGMENTS } from '../../telemetry/window.ts';
import { channelOf } from './channel.ts';
import type { Grid } from './grid.ts';

const ARMS = ['candidate', 'baseline', 'control'] as const;
const CHANNELS = ARMS.map((arm) =>
  (['arrived', 'arrivedMirrored'] as const).map((counter) => channelOf(arm, ALL_SEGMENTS, counter)),
);

/** For the evaluation windows `first` to `last` of a stage, 1 where its shares are off; null: nowhere. */
export function mismatchesOf(grid: Grid, stage: Stage, first: number, last: number): Uint8Array | null {
  const { weightPercent, controlPercent } = stage;
  if (weightPercent <= 0 || weightPercent >= 100) return null;
  // Without a cohort nothing arrives at the control.
  const arms = CHANNELS.slice(0, controlPercent > 0 ? 3 : 2).map(([arrived, mirrored]) => {
    const [all, copies] = [grid.prefix(arrived!), grid.prefix(mirrored!)];
    return (t: number): number => all[t + 1]! - all[first]! - (copies[t + 1]! - copies[first]!);
  });
  let flags: Uint8Array | null = null;
  for (let t = first; t <= last; t++) {
    const [candidate, ...others] = arms.map((toUsers) => toUsers(t));
    const split = { candidate: candidate!, others: others.reduce((sum, each) => sum + each, 0) };
    if (splitMismatch(split, stage, grid.users) === null) continue;
    flags ??= new Uint8Array(last - first + 1);
    flags[t - first] = 1;
  }
  return flags;
}
