/** What a guard may look at when an evaluation is due. */
import type { Arm, WindowHeader } from '../../telemetry/window.ts';
import { armsOf, cellOf, partsOf } from '../needs.ts';
import type { Guard, Policy, Stage } from '../policy.ts';
import type { Bucket } from '../state.ts';
import { add, NO_TALLY, type Tally } from '../tally.ts';
import { type Judgement, judge } from './judge.ts';
import { pairsOf } from './measure-sums.ts';
import { comparesPairs, samplesOf } from './measure.ts';

export interface Evidence {
  readonly policy: Policy;
  readonly stage: Stage;
  readonly header: WindowHeader;
  readonly buckets: readonly Bucket[];
  /** Evaluation window that has just ended, and the first one of the stage. */
  readonly index: number;
  readonly firstOfStage: number;
  /** By guard that compares with what was before: the baseline's sums over that stretch. Absent: there was nothing before. */
  readonly before?: Readonly<Record<string, Tally>>;
}

/** The evaluation windows from `first` to `last` that are there. */
export const between = ({ buckets }: Evidence, first: number, last: number): readonly Bucket[] =>
  buckets.filter(({ index }) => index >= first && index <= last);

/** Those of the last `overMs`, as far as the stage goes back, or the rollout when the guard carries over. */
export function trailing({ carryOver }: Guard, evidence: Evidence, overMs: number): readonly Bucket[] {
  const width = Math.max(1, Math.round(overMs / evidence.policy.evaluateEveryMs));
  const oldest = carryOver ? 0 : evidence.firstOfStage;
  return between(evidence, Math.max(oldest, evidence.index + 1 - width), evidence.index);
}

/** Whether an evaluation window holds samples of every arm the guard reads. */
export function hasData(guard: Guard, stage: Stage, bucket: Bucket): boolean {
  const tally = (arm: Arm): Tally => bucket.cells[cellOf(arm, guard.segment)] ?? NO_TALLY;
  if (comparesPairs(guard, stage)) {
    const { metric } = guard;
    if (metric.kind === 'measure') return pairsOf(metric, tally('candidate')).count > 0;
    return tally('candidate').pairedCandidate.at.length > 0;
  }
  return armsOf(guard).every((arm) => samplesOf(guard.metric, tally(arm)) > 0);
}

/** The sum of these evaluation windows by arm, as far as the guard reads it. */
export function sumsOver(guard: Guard, evidence: Evidence, buckets: readonly Bucket[]): (arm: Arm) => Tally {
  const parts = partsOf(guard, comparesPairs(guard, evidence.stage));
  const sums = new Map<Arm, Tally>();
  return (arm) => {
    if (arm === 'baseline' && isEarlier(guard)) return evidence.before?.[guard.name] ?? NO_TALLY;
    const known = sums.get(arm);
    if (known !== undefined) return known;
    const cell = cellOf(arm, guard.segment);
    const sum = buckets.reduce((total, { cells }) => add(total, cells[cell] ?? NO_TALLY, parts), NO_TALLY);
    sums.set(arm, sum);
    return sum;
  };
}

/** The guard over the sum of these evaluation windows. */
export const judgeOver = (guard: Guard, evidence: Evidence, buckets: readonly Bucket[]): Judgement =>
  judge(guard, 'candidate', sumsOver(guard, evidence, buckets), evidence.stage, evidence.header);

/** Whether a guard compares with the baseline's past. */
export const isEarlier = ({ bound }: Pick<Guard, 'bound'>): boolean =>
  bound?.kind === 'relative' && bound.earlier === true;

/**
 * What the baseline did over the stretch a guard looks at, up to now, for every guard that compares with what was before users saw the
 * candidate: kept while they do not.
 */
export function kept(before: Readonly<Record<string, Tally>>, evidence: Evidence): Readonly<Record<string, Tally>> {
  const { policy, stage, index } = evidence;
  if (stage.weightPercent > 0) return before;
  const guards = policy.guards.filter(isEarlier);
  if (guards.length === 0) return before;
  return Object.fromEntries(
    guards.map((guard) => {
      const { sustained } = guard;
      const looksMs = sustained === null || sustained.reading === 'every' ? 0 : sustained.forMs;
      const width = Math.max(1, Math.round(looksMs / policy.evaluateEveryMs));
      const cell = cellOf('baseline', guard.segment);
      const parts = partsOf(guard, false);
      const inside = between(evidence, index + 1 - width, index);
      return [guard.name, inside.reduce((sum, { cells }) => add(sum, cells[cell] ?? NO_TALLY, parts), NO_TALLY)];
    }),
  );
}
