/** How the rehearsals ended tonight, seed by seed, against how they ended before. */
import { ENDS, type Night, type NightRun } from './night.ts';
import type { Runs } from './sample.ts';

export interface VerdictComparison {
  readonly rehearsal: string;
  readonly seeds: number;
  readonly wrong: readonly number[];
  readonly undecided: readonly number[];
  /** Seeds that did not end as their scenario expects. */
  readonly unexpected: readonly number[];
  /** Seeds that ended better the last time, or on most nights: right, or at least undecided. */
  readonly newlyWorse: readonly number[];
  readonly newlyBetter: readonly number[];
  /** As good or bad as before, but another verdict or guard than the last time. */
  readonly changed: readonly number[];
  readonly invalid: readonly number[];
  /** Nights this rehearsal can be compared with: it was the same in all that was asked for. */
  readonly nights: number;
  /** It was rehearsed before, but otherwise: its scenario or policy has changed since. */
  readonly isOther: boolean;
  /** No night before had a rehearsal of this name. */
  readonly isNew: boolean;
}

/** `earlier`: the same rehearsal on the nights that had it, oldest first; `nights`: all of them. */
export function verdictsOf(
  rehearsal: string,
  tonight: Night,
  earlier: readonly Runs[],
  nights: readonly Night[],
): VerdictComparison {
  const own = tonight.runs.filter((run) => run.rehearsal === rehearsal);
  const proven = own.filter(({ isInvalid }) => !isInvalid);
  const seedsWhere = (is: (run: NightRun) => boolean): number[] => proven.filter(is).map(({ seed }) => seed);
  const past = (seed: number): NightRun[] => earlier.flatMap((runs) => runs.get(seed) ?? []);
  /** How many steps down from what it was. */
  const steps = (run: NightRun): number => rankOf(run) - (usualRank(past(run.seed)) ?? rankOf(run));
  const isKnown = nights.some(({ runs }) => runs.some((run) => run.rehearsal === rehearsal));
  return {
    rehearsal,
    seeds: own.length,
    wrong: seedsWhere(({ end }) => end === 'wrong'),
    undecided: seedsWhere(({ end }) => end === 'undecided'),
    unexpected: seedsWhere(({ isUnexpected }) => isUnexpected),
    newlyWorse: seedsWhere((run) => steps(run) > 0),
    newlyBetter: seedsWhere((run) => steps(run) < 0),
    changed: seedsWhere((run) => {
      const last = past(run.seed).at(-1) ?? run;
      return steps(run) === 0 && (last.verdict !== run.verdict || last.guard !== run.guard);
    }),
    invalid: own.filter(({ isInvalid }) => isInvalid).map(({ seed }) => seed),
    nights: earlier.length,
    isOther: earlier.length === 0 && isKnown,
    isNew: nights.length > 0 && !isKnown,
  };
}

const rankOf = ({ end }: NightRun): number => ENDS.indexOf(end);

/**
 * What a seed is held against: the median of its nights, so that one night does not make a wrong ending the usual one; the last night where
 * that was better, so that what was mended stays mended. Null without a night.
 */
function usualRank(runs: readonly NightRun[]): number | null {
  const ranks = runs.map(rankOf);
  const last = ranks.at(-1);
  return last === undefined ? null : Math.min(last, ranks.toSorted((a, b) => a - b)[(ranks.length - 1) >> 1]!);
}
