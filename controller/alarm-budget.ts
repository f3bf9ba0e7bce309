/**
 * How often a policy's tests may roll back a healthy candidate at most: Σ of α over guards and stages, a stage being a new process
 * each (Bonferroni's bound). Fixed-sample tests spend theirs at every look. A bound, not an estimate: guards that read the same requests
 * agree, so the truth is less. Thresholds have no α; only rehearsals tell how often they are wrong.
 */
import { isSequential } from './guard-tests.ts';
import type { Guard, Policy, Stage } from './policy.ts';
import { share } from './words.ts';

export interface Share {
  readonly guard: string;
  readonly stages: number;
  readonly alpha: number;
}

/** Of every guard that may roll back by a test, in the policy's order. */
export function alarmBudget({ guards, stages, evaluateEveryMs }: Policy): readonly Share[] {
  return guards.flatMap((guard) => {
    const { test } = guard;
    if (guard.action !== 'roll-back' || test === null || !('alpha' in test)) return [];
    const held = stages.filter((stage) => stage.holdMs > 0 && isIn(guard, stage));
    const spent = held.map((stage) => (isSequential(test) ? test.alpha : test.alpha * looksOf(stage, evaluateEveryMs)));
    // Carried over, the stages are one process.
    const alpha = guard.carryOver ? Math.max(0, ...spent) : spent.reduce((sum, each) => sum + each, 0);
    return [{ guard: guard.name, stages: held.length, alpha }];
  });
}

const looksOf = ({ holdMs, extendMs }: Stage, everyMs: number): number =>
  Math.ceil((holdMs + extendMs) / everyMs - 1e-6);

const isIn = (guard: Guard, { name }: Stage): boolean => guard.stages === null || guard.stages.includes(name);

export const totalOf = (budget: readonly Share[]): number =>
  Math.min(
    1,
    budget.reduce((sum, { alpha }) => sum + alpha, 0),
  );

/** `p95 0.3 % (3 stages), errors 0.3 % (3 stages)`. */
export const budgetWords = (budget: readonly Share[]): string =>
  budget
    .map(
      ({ guard, stages, alpha }) => `${guard} ${share(Math.min(1, alpha))} (${stages} stage${stages === 1 ? '' : 's'})`,
    )
    .join(', ');
