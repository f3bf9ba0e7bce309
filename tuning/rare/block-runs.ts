/**
 * How likely a guard of reading `every` fires, from windows of a few recordings: blocks of neighbouring windows are independent of each
 * other (a queue forgets within seconds what a block of minutes holds), so a streak of k windows is a run of blocks, and runs have exact
 * probabilities. Valid for latency and errors, whatever they have to do with the fleet, and only while no cause lasts for a
 * rollout and strikes few of them: independence.ts asks the recordings, and what they cannot tell the result must say.
 */
import { clopperPearsonLower, clopperPearsonUpper } from '../../statistics/binomial.ts';
import { runProbabilityOf } from '../../statistics/run-length.ts';

/** One stretch in which a streak may run: by recording, by window, whether the guard is over; null where it says nothing and a streak waits. */
export type Stretch = readonly (readonly (boolean | null)[])[];

export interface Bounds {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

/** Evaluation windows that are taken to be alike only together. */
export const BLOCK = 2;

/**
 * Probability that k windows in a row are over, and what it is between with `confidence`. A run of k touches at least ⌈k/B⌉ blocks that
 * have a window over, and ⌈k/B⌉ blocks that are over throughout hold one. Blocks at a place where some recording was over stand
 * for themselves, the others are taken to be alike.
 */
export function blockRuns(stretches: readonly Stretch[], k: number, confidence: number): Bounds {
  const half = (1 - confidence) / 2 / Math.max(1, stretches.length);
  const each = stretches.map((stretch) => ofStretch(stretch, k, half));
  const any = (of: (bounds: Bounds) => number): number => 1 - each.reduce((none, bounds) => none * (1 - of(bounds)), 1);
  return {
    ratio: any(({ ratio }) => ratio),
    low: Math.max(0, ...each.map(({ low }) => low)),
    high: Math.min(
      1,
      each.reduce((sum, { high }) => sum + high, 0),
    ),
  };
}

/** By recording, by block: whether some window of it is over, or a streak waits in it: no run ends there. */
export const blocksOver = (stretch: Stretch): readonly (readonly boolean[])[] =>
  stretch.map((each) =>
    Array.from({ length: Math.ceil(each.length / BLOCK) }, (_, b) =>
      each.slice(b * BLOCK, (b + 1) * BLOCK).some((isOver) => isOver !== false),
    ),
  );

/** What a guard said, window by window (null: nothing), with those left null alone in which a streak waits: after a window over, for at most `maxGap`. */
export function waiting(said: readonly (boolean | null)[], maxGap: number): readonly (boolean | null)[] {
  let runs = false;
  let gap = 0;
  return said.map((isOver) => {
    gap = isOver === null ? gap + 1 : 0;
    runs = isOver ?? (runs && gap <= maxGap);
    return isOver === null && runs ? null : isOver === true;
  });
}

function ofStretch(stretch: Stretch, k: number, half: number): Bounds {
  const recordings = stretch.length;
  const windows = Math.min(...stretch.map(({ length }) => length));
  const needed = Math.ceil(k / BLOCK);
  const blocks = Math.ceil(windows / BLOCK);
  if (windows < k || recordings === 0) return { ratio: 0, low: 0, high: 0 };
  const over = blocksOver(stretch);
  const some = Array.from({ length: blocks }, (_, b) => over.filter((each) => each[b]!).length);
  const every = Array.from({ length: blocks }, (_, b) => {
    const places = [b * BLOCK, b * BLOCK + 1];
    return stretch.filter((each) => places.every((t) => each[t] === true)).length;
  });
  // Places that differ share their doubt: each has its part of it. One that is always over is bounded by 1, of which there is no doubt.
  const hot = some.filter((n) => n > 0).length;
  const doubtful = some.filter((n) => n > 0 && n < recordings).length;
  const part = half / (doubtful + 1);
  const cold = clopperPearsonUpper(0, recordings * Math.max(1, blocks - hot), 1 - part);
  const alike = every.filter((n) => n === recordings).length;
  const sure = clopperPearsonLower(recordings * alike, recordings * Math.max(1, alike), 1 - half);
  return {
    ratio: runProbabilityOf(
      some.map((n) => n / recordings),
      needed,
    ),
    low: runProbabilityOf(
      every.map((n) => (n === recordings ? sure : 0)),
      needed,
    ),
    high: runProbabilityOf(
      some.map((n) => (n === 0 ? cold : clopperPearsonUpper(n, recordings, 1 - part))),
      needed,
    ),
  };
}
