/** Which evaluation windows of a rollout hold samples of every arm that is read. */
import type { Channel } from './channel.ts';
import type { Grid } from './grid.ts';

export interface Data {
  /** [evaluations + 1]: how many before. */
  readonly full: Int32Array;
  /** Per evaluation window: the newest with data up to it, −1 without any. */
  readonly newest: Int32Array;
  /** All of them. */
  readonly isWhole: boolean;
}

/** By the numbers of the channels. */
const known = new WeakMap<Grid, Map<number, Data>>();
/** More channels than anybody counts. */
const CHANNELS = 2 ** 20;

export function dataOf(grid: Grid, channels: readonly Channel[]): Data {
  let ofGrid = known.get(grid);
  if (ofGrid === undefined) known.set(grid, (ofGrid = new Map()));
  const first = channels[0]!.id;
  const key = first * CHANNELS + (channels.length > 1 ? channels[1]!.id : first);
  let data = ofGrid.get(key);
  if (data === undefined) ofGrid.set(key, (data = findData(grid, channels)));
  return data;
}

function findData(grid: Grid, channels: readonly Channel[]): Data {
  const sums = channels.map((channel) => grid.prefix(channel));
  const full = new Int32Array(grid.evaluations + 1);
  const newest = new Int32Array(grid.evaluations);
  let last = -1;
  for (let t = 0; t < grid.evaluations; t++) {
    const isFull = sums.every((sum) => sum[t + 1]! > sum[t]!);
    if (isFull) last = t;
    full[t + 1] = full[t]! + (isFull ? 1 : 0);
    newest[t] = last;
  }
  return { full, newest, isWhole: full[grid.evaluations] === grid.evaluations };
}
