/**
 * How likely a pooled guard fires when neither runs nor binomial tails describe it: rollouts are put together from blocks of recorded windows, each
 * block from a recording drawn by chance, at its own place in the schedule, and multilevel splitting finds how seldom such a rollout comes to
 * the bound. Blocks are taken to be independent, as in block-runs.ts. It is an estimate: what no recorded
 * window hints at it does not know, so it bounds nothing.
 */
import { STALE_WINDOWS } from '../../controller/guards/stretch.ts';
import type { Stream } from '../../sim/random.ts';
import { BLOCK } from './block-runs.ts';
import { pilotLevels, split, type WindowProcess } from './splitting.ts';

/** Sums of one evaluation window, counter by counter. */
export type Counts = readonly number[];

/** One stretch in which a guard looks: by recording, by window. */
export type CountedStretch = readonly (readonly Counts[])[];

export interface PooledGuard {
  /** Evaluation windows that are added up, and how many of them must have data. */
  readonly width: number;
  readonly needed: number;
  /** How far sums have come: above 1 is over the bound; NaN where there is too little to say. */
  readonly progress: (sums: Counts) => number;
}

/** Windows up to t: how many there are, how many of the trailing ones have data, and the newest that has. */
export interface Held {
  readonly windows: number;
  readonly full: number;
  readonly newest: number;
}

/** Whether a trailing sum exists that ends with window t: stages have to be that old, and data to be there and new (controller/guards/stretch.ts). */
export const isThere = (t: number, { windows, full, newest }: Held, { width, needed }: PooledGuard): boolean =>
  windows >= width && full >= needed && t - newest <= STALE_WINDOWS;

interface Mixed {
  /** Recordings that the last windows came from, the newest last. */
  readonly picks: readonly number[];
  readonly sums: Counts;
  readonly held: Held;
  readonly progress: number;
}

const EFFORT = 200;
const REPETITIONS = 4;
const PILOT = { effort: 200, share: 0.2, most: 24 };
/** Just above 1: at the bound is not over it, whichever way a double was rounded. */
export const OVER: number = 1 + 1e-12;

/** Probability that the guard is over in some stretch. `random` gives a stream by name. */
export function bootstrapRate(
  stretches: readonly CountedStretch[],
  guard: PooledGuard,
  random: (name: string) => Stream,
): number {
  const none = stretches.reduce((product, stretch, i) => {
    const process = processOf(stretch, guard);
    const levels = pilotLevels(process, OVER, PILOT, random(`${i}/pilot`));
    let sum = 0;
    for (let r = 0; r < REPETITIONS; r++) sum += split(process, levels, EFFORT, random(`${i}/${r}`)).probability;
    return product * (1 - Math.min(1, sum / REPETITIONS));
  }, 1);
  return 1 - none;
}

/** Samples of every arm: each second counter. */
const hasData = (counts: Counts): boolean => counts.every((n, c) => c % 2 === 0 || n > 0);

function processOf(stretch: CountedStretch, guard: PooledGuard): WindowProcess<Mixed> {
  const { width, progress } = guard;
  const counters = stretch[0]?.[0]?.length ?? 0;
  return {
    windows: stretch.length === 0 ? 0 : Math.min(...stretch.map(({ length }) => length)),
    start: () => ({
      picks: [],
      sums: Array.from({ length: counters }, () => 0),
      held: { windows: 0, full: 0, newest: -Infinity },
      progress: 0,
    }),
    step({ picks, sums, held: before }, t, random) {
      const isNew = t % BLOCK === 0 || picks.length === 0;
      const pick = isNew ? Math.floor(random.next() * stretch.length) : picks.at(-1)!;
      const entering = stretch[pick]![t]!;
      const leaving = picks.length < width ? null : stretch[picks[0]!]![t - width]!;
      const now = sums.map((sum, c) => sum + entering[c]! - (leaving?.[c] ?? 0));
      const isFull = hasData(entering);
      const held: Held = {
        windows: before.windows + 1,
        full: before.full + (isFull ? 1 : 0) - (leaving !== null && hasData(leaving) ? 1 : 0),
        newest: isFull ? t : before.newest,
      };
      const far = isThere(t, held, guard) ? progress(now) : Number.NaN;
      return {
        picks: [...(leaving === null ? picks : picks.slice(1)), pick],
        sums: now,
        held,
        progress: Number.isNaN(far) ? 0 : far,
      };
    },
    progress: (state) => state.progress,
  };
}
