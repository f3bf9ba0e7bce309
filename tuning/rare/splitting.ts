/**
 * Multilevel splitting with fixed effort (L'Ecuyer, Demers, Tuffin 2007): a rare event is reached level by level, each
 * level from the states in which others have entered it. Unbiased whatever the levels; they only decide how much it scatters.
 */
import type { Stream } from '../../sim/random.ts';
import { deviation, mean } from '../../statistics/sample.ts';

/** A rollout window by window. States are values: `step` gives a new one. */
export interface WindowProcess<S> {
  readonly windows: number;
  start(): S;
  /** The state after window t. */
  step(state: S, t: number, random: Stream): S;
  /** How far it has come; the event happens at the last level. */
  progress(state: S): number;
}

interface Entrance<S> {
  readonly state: S;
  /** Windows that are over. */
  readonly t: number;
}

export interface Split {
  readonly probability: number;
  /** Of each level, given the one before. */
  readonly conditional: readonly number[];
}

/** `effort` starts per level; `levels` ascend, the last one is the event. */
export function split<S>(process: WindowProcess<S>, levels: readonly number[], effort: number, random: Stream): Split {
  let entrances: readonly Entrance<S>[] = [{ state: process.start(), t: 0 }];
  const conditional: number[] = [];
  for (const level of levels) {
    const reached: Entrance<S>[] = [];
    for (let i = 0; i < effort; i++) {
      const from = entrances[Math.floor(random.next() * entrances.length)]!;
      const entrance = runTo(process, from, level, random);
      if (entrance !== null) reached.push(entrance);
    }
    conditional.push(reached.length / effort);
    if (reached.length === 0) return { probability: 0, conditional };
    entrances = reached;
  }
  return { probability: conditional.reduce((product, p) => product * p, 1), conditional };
}

function runTo<S>(
  process: WindowProcess<S>,
  { state, t }: Entrance<S>,
  level: number,
  random: Stream,
): Entrance<S> | null {
  let now = state;
  let at = t;
  if (process.progress(now) >= level) return { state: now, t: at };
  while (at < process.windows) {
    now = process.step(now, at++, random);
    if (process.progress(now) >= level) return { state: now, t: at };
  }
  return null;
}

/** Mean of several independent estimates, and its interval by their scatter. */
export interface Repeated {
  readonly mean: number;
  /** Standard deviation of one estimate over the mean; NaN when none reached the event. */
  readonly relativeSd: number;
  readonly low: number;
  readonly high: number;
}

/** Student's 97.5 % point for 15 degrees of freedom: 16 repetitions. */
const T_15 = 2.13145;
export const REPETITIONS = 16;

export function repeat(estimates: readonly number[]): Repeated {
  const n = estimates.length;
  const centre = mean(estimates);
  const sd = deviation(estimates);
  const half = (T_15 * sd) / Math.sqrt(n);
  return { mean: centre, relativeSd: sd / centre, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/**
 * Levels that a tenth to a half of those below reach, found by a pilot: each the upper `share` quantile of how far runs from the level
 * before come. The pilot's stream must not be the estimate's.
 */
export function pilotLevels<S>(
  process: WindowProcess<S>,
  event: number,
  { effort, share, most }: { readonly effort: number; readonly share: number; readonly most: number },
  random: Stream,
): readonly number[] {
  let entrances: readonly Entrance<S>[] = [{ state: process.start(), t: 0 }];
  const levels: number[] = [];
  while (levels.length < most) {
    const furthest: number[] = [];
    for (let i = 0; i < effort; i++) {
      const from = entrances[Math.floor(random.next() * entrances.length)]!;
      furthest.push(furthestOf(process, from, random));
    }
    furthest.sort((a, b) => b - a);
    const level = furthest[Math.floor(share * effort)]!;
    const last = levels.at(-1) ?? -Infinity;
    if (level >= event || !(level > last)) break;
    levels.push(level);
    const reached: Entrance<S>[] = [];
    for (let i = 0; i < effort; i++) {
      const entrance = runTo(process, entrances[Math.floor(random.next() * entrances.length)]!, level, random);
      if (entrance !== null) reached.push(entrance);
    }
    if (reached.length === 0) break;
    entrances = reached;
  }
  return [...levels, event];
}

function furthestOf<S>(process: WindowProcess<S>, { state, t }: Entrance<S>, random: Stream): number {
  let now = state;
  let furthest = process.progress(now);
  for (let at = t; at < process.windows; at++) {
    now = process.step(now, at, random);
    furthest = Math.max(furthest, process.progress(now));
  }
  return furthest;
}
