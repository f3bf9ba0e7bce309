/** How a policy behaves on a scenario over many replications: its operating characteristics. */
import type { Classification } from '../outcome.ts';
import { type Rate, rateOf, type Spread, spreadOf } from './distribution.ts';
import type { Harm } from './harm.ts';
import type { Variation } from './plan.ts';
import type { Rollout } from './rollouts.ts';

export interface Characteristics {
  readonly scenario: string;
  /** Scenarios of one family differ in `variation` alone: together they are a power curve. */
  readonly family: string;
  readonly variation: Variation | null;
  readonly candidate: 'healthy' | 'regressed';
  readonly policy: string;
  readonly replications: number;
  readonly verdicts: {
    readonly promoted: number;
    readonly rolledBack: number;
    readonly paused: number;
    readonly refused: number;
  };
  /** Rolled back or refused although the candidate was healthy, or before it turned bad. */
  readonly falseRollback: Rate;
  /** The same by the guard that fired, in the order of how often it did. */
  readonly falseRollbackByGuard: readonly ({ readonly guard: string } & Rate)[];
  /** Promoted although it was regressed; null for a healthy candidate. */
  readonly missedRegression: Rate | null;
  /** Stopped after it had turned bad; null for a healthy candidate. */
  readonly detected: Rate | null;
  /** A person was asked. */
  readonly paused: Rate;
  /** From the onset to the rollback, of those detected. */
  readonly detectionDelayMs: Spread | null;
  /** Of those promoted. */
  readonly timeToPromoteMs: Spread | null;
  /** From decision to completion, of those rehearsed in full that completed. */
  readonly rollbackMs: Spread | null;
  readonly rollbackWithinDeadline: Rate | null;
  /**
   * The longest of N rollbacks bounds the 95 % and the 99 % quantile with confidence 1 − q^N: 59 and 299 of them
   * are needed for 95 %. Null without rollbacks.
   */
  readonly rollbackBound: {
    /** Null, and the confidences with it, as soon as one stayed incomplete: whatever time is named, it took longer. */
    readonly longestMs: number | null;
    /** Rehearsed in full, complete or not. */
    readonly n: number;
    readonly incomplete: number;
    readonly confidence95: number | null;
    readonly confidence99: number | null;
  } | null;
  /** Until the decision (see outcome.json), over all replications. */
  readonly harm: { readonly [K in keyof Harm]: Spread | null };
  /** Rollouts that left the recorded schedule, mostly by extending a stage, and were rehearsed instead of judged. */
  readonly offSchedule: number;
  /** Judgements that a full rehearsal confirmed. */
  readonly confirmed: number;
}

export type Subject = Pick<Characteristics, 'scenario' | 'family' | 'variation' | 'candidate' | 'policy'>;

export function characteristicsOf(subject: Subject, rollouts: readonly Rollout[]): Characteristics {
  const n = rollouts.length;
  const regressed = subject.candidate === 'regressed';
  const count = (verdict: Rollout['verdict']): number => rollouts.filter((each) => each.verdict === verdict).length;
  const rate = (classification: Classification): Rate => rateOf(classed(rollouts, classification).length, n);
  const timed = rollouts.flatMap(({ withinDeadline }) => (withinDeadline === null ? [] : [withinDeadline]));
  const spread = (of: (rollout: Rollout) => number | null): Spread | null =>
    spreadOf(rollouts.map(of).filter((value) => value !== null));
  return {
    ...subject,
    replications: n,
    verdicts: {
      promoted: count('promoted'),
      rolledBack: count('rolled-back'),
      paused: count('paused'),
      refused: count('refused'),
    },
    falseRollback: rate('false-rollback'),
    falseRollbackByGuard: byGuard(classed(rollouts, 'false-rollback'), n),
    missedRegression: regressed ? rate('missed-regression') : null,
    detected: regressed ? rate('true-rollback') : null,
    paused: rate('inconclusive'),
    detectionDelayMs: spread(({ detectionDelayMs }) => detectionDelayMs),
    timeToPromoteMs: spread(({ verdict, decidedAtMs }) => (verdict === 'promoted' ? decidedAtMs : null)),
    rollbackMs: spread(({ rollbackMs }) => rollbackMs),
    rollbackWithinDeadline: timed.length === 0 ? null : rateOf(timed.filter(Boolean).length, timed.length),
    // Whether it kept its deadline is known of every rollback that was rehearsed, complete or not.
    rollbackBound: boundOf(
      rollouts.flatMap(({ rollbackMs, withinDeadline }) => (withinDeadline === null ? [] : [rollbackMs])),
    ),
    harm: {
      requestsToCandidate: spread(({ harm }) => harm.requestsToCandidate),
      excessErrors: spread(({ harm }) => harm.excessErrors),
      excessSlow: spread(({ harm }) => harm.excessSlow),
      lostOutcomes: spread(({ harm }) => harm.lostOutcomes),
    },
    offSchedule: rollouts.filter(({ offSchedule }) => offSchedule).length,
    confirmed: rollouts.filter(({ confirmed }) => confirmed).length,
  };
}

/** Of rollbacks, null for one that stayed incomplete. */
export function boundOf(rollbacksMs: readonly (number | null)[]): Characteristics['rollbackBound'] {
  const n = rollbacksMs.length;
  if (n === 0) return null;
  const complete = rollbacksMs.filter((each) => each !== null);
  const incomplete = n - complete.length;
  if (incomplete > 0) return { longestMs: null, n, incomplete, confidence95: null, confidence99: null };
  return { longestMs: Math.max(...complete), n, incomplete, confidence95: 1 - 0.95 ** n, confidence99: 1 - 0.99 ** n };
}

const classed = (rollouts: readonly Rollout[], classification: Classification): readonly Rollout[] =>
  rollouts.filter((each) => each.classification === classification);

/** A refusal is named after what refused. */
function byGuard(rollouts: readonly Rollout[], n: number): Characteristics['falseRollbackByGuard'] {
  const groups = Map.groupBy(rollouts, ({ guard, verdict }) => guard ?? verdict);
  return [...groups]
    .map(([guard, { length }]) => ({ guard, ...rateOf(length, n) }))
    .toSorted((a, b) => b.events - a.events || (a.guard < b.guard ? -1 : 1));
}
