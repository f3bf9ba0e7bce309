/**
 * How long a stage waits for a streak: a required guard of the reading `every` passes only when k windows in a row have been under its bound, so
 * that a few windows over it, which no rule would mind, cost a multiple of their number. Windows are taken to be independent.
 */
import { meanWindowsToRun, runProbability } from '../statistics/run-length.ts';
import type { Policy } from './policy.ts';
import { duration, share, streakWords } from './words.ts';

/** The share of windows over the bound for which it is told: what a healthy candidate near its bound shows now and then. */
export const SOME_OVER = 0.05;

export interface HoldOdds {
  readonly guard: string;
  /** The stage that leaves the least time for it. */
  readonly stage: string;
  /** Windows in a row that must be under the bound. */
  readonly windows: number;
  /** Until the first such streak, on average, ms. */
  readonly meanMs: number;
  /** Probability that the stage sees one stand at the end of its hold, or come about while it is extended. */
  readonly passes: number;
}

/** Of every required guard that waits for a streak of more than one window, in the policy's order. */
export function holdOdds({ guards, stages, evaluateEveryMs }: Policy, over: number = SOME_OVER): readonly HoldOdds[] {
  const looks = (ms: number): number => Math.round(ms / evaluateEveryMs);
  return guards.flatMap(({ name, sustained, requiredToAdvance, bound, stages: active }): HoldOdds[] => {
    if (!requiredToAdvance || bound === null || sustained?.reading !== 'every') return [];
    const windows = Math.max(1, looks(sustained.forMs));
    const held = stages.filter((stage) => stage.holdMs > 0 && (active === null || active.includes(stage.name)));
    const odds = held.map(({ name: stage, holdMs, extendMs }): HoldOdds => {
      // What stands at the end of the hold began at most k windows before it.
      const seen = Math.min(looks(holdMs), windows) + looks(extendMs);
      const meanMs = meanWindowsToRun(windows, 1 - over) * evaluateEveryMs;
      return { guard: name, stage, windows, meanMs, passes: runProbability(seen, windows, 1 - over) };
    });
    const [tightest] = odds.toSorted((a, b) => a.passes - b.passes);
    return tightest === undefined || windows === 1 ? [] : [tightest];
  });
}

/** `p95 waits for 30 consecutive minutes under its bound: with 5 % of them over that takes 1h13m on average, and stage canary is long enough in 85.4 % of the rollouts`. */
export const holdWords = (
  { guard, stage, windows, meanMs, passes }: HoldOdds,
  evaluateEveryMs: number,
  over: number = SOME_OVER,
): string =>
  `${guard} waits for ${streakWords(windows, evaluateEveryMs)} under its bound: with ${share(over)} of them over that takes ${duration(Math.round(meanMs / 1000) * 1000)} on average, and stage ${stage} is long enough in ${share(passes)} of the rollouts`;
