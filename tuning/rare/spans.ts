/** Where in a rollout a guard looks, and what it counts there. */
import type { Guard, Policy } from '../../controller/policy.ts';
import type { Channel } from '../fast/channel.ts';
import type { Grid } from '../fast/grid.ts';
import { scheduleOf } from '../schedule.ts';
import type { Count } from './binomial-looks.ts';

/** Evaluations of a stage, first and last. */
export interface Span {
  readonly stage: number;
  readonly first: number;
  readonly last: number;
}

/** Stages in which a guard is active. */
export function spansOf({ stages }: Guard, policy: Policy, evaluations: number): readonly Span[] {
  const { stages: scheduled, endMs } = scheduleOf(policy);
  const at = (ms: number): number => Math.round(ms / policy.evaluateEveryMs);
  return scheduled
    .map(({ name, startMs }, stage) => {
      const end = at(scheduled[stage + 1]?.startMs ?? endMs);
      return { name, stage, first: at(startMs), last: Math.min(end, evaluations) - 1 };
    })
    .filter(({ name, first, last }) => (stages === null || stages.includes(name)) && last >= first);
}

/** Events and trials of evaluations `from` up to `to`, exclusive. */
export function counterOn(grid: Grid, events: Channel, trials: Channel): (from: number, to: number) => Count {
  const x = grid.prefix(events);
  const n = grid.prefix(trials);
  return (from, to) => ({ x: x[to]! - x[from]!, n: n[to]! - n[from]! });
}

/** Counters of single evaluations of a span, by recording. */
export const countedIn = (
  grids: readonly Grid[],
  { first, last }: Span,
  channels: readonly Channel[],
): readonly (readonly (readonly number[])[])[] =>
  grids.map((grid) => {
    const sums = channels.map((channel) => grid.prefix(channel));
    return Array.from({ length: last - first + 1 }, (_, i) => sums.map((sum) => sum[first + i + 1]! - sum[first + i]!));
  });

/** Counts of stretches of `width` evaluations that do not overlap, of all recordings; those without trials left out. */
export const disjoint = (
  grids: readonly Grid[],
  spans: readonly Span[],
  width: number,
  events: Channel,
  trials: Channel,
): readonly Count[] =>
  grids
    .flatMap((grid) => {
      const count = counterOn(grid, events, trials);
      return spans.flatMap(({ first, last }) =>
        Array.from({ length: Math.floor((last - first + 1) / width) }, (_, i) =>
          count(first + i * width, first + (i + 1) * width),
        ),
      );
    })
    .filter(({ n }) => n > 0);
