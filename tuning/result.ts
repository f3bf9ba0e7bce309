/** result.json: what a sweep found, the same bytes whoever did its jobs, in whatever order. No times, no places, no machine. */
import { policyHash } from '../controller/policy-hash.ts';
import { type Characteristics, characteristicsOf } from './characteristics.ts';
import type { JobResult } from './job.ts';
import { mcnemar, type Paired } from './mcnemar.ts';
import { type Plan, planHash } from './plan.ts';
import { type Rollout, rolloutsOf } from './rollouts.ts';
import { cutShort, type StopAnswer, type StopRule } from './stop.ts';

export interface SweepResult {
  readonly schemaVersion: 1;
  readonly coalmine: string;
  /** Identity of plan and code. */
  readonly plan: string;
  /** The most of any scenario: a question may end one earlier. */
  readonly replications: number;
  readonly scenarios: readonly {
    readonly name: string;
    readonly hash: string;
    readonly timeScale: number;
    readonly firstSeed: number;
    readonly candidate: 'healthy' | 'regressed';
    readonly onsetMs: number | null;
    readonly cause: string | null;
  }[];
  readonly policies: readonly { readonly name: string; readonly hash: string }[];
  /** By scenario, then policy. */
  readonly characteristics: readonly Characteristics[];
  /** Each policy against the first one on the same seeds: were they wrong in the same rollouts? */
  readonly comparisons: readonly Comparison[];
  /** The question that ended scenarios early, and what came of it; null without one. */
  readonly stop: (StopRule & { readonly answers: readonly StopAnswer[] }) | null;
  /** Every rollout, by scenario, policy and seed. */
  readonly rollouts: readonly ({ readonly scenario: string; readonly policy: string } & Rollout)[];
}

export interface Comparison extends Paired {
  readonly scenario: string;
  readonly first: string;
  readonly second: string;
  /** What is counted: false rollbacks of a healthy candidate, missed regressions of a bad one. */
  readonly event: 'false-rollback' | 'missed-regression';
}

/** Of all results; those behind the seed at which a scenario was stopped do not count. */
export function resultOf(plan: Plan, results: readonly JobResult[]): SweepResult {
  const { kept, answers } = plan.stop === null ? { kept: results, answers: [] } : cutShort(plan, plan.stop, results);
  const rollouts = rolloutsOf(plan, kept);
  const names = plan.policies.map(({ name }) => name);
  return {
    schemaVersion: 1,
    coalmine: plan.coalmine,
    plan: planHash(plan),
    replications: plan.replications,
    scenarios: plan.scenarios.map(({ scenario: { name, hash, timeScale, seed, truth } }) => ({
      name,
      hash,
      timeScale,
      firstSeed: seed,
      candidate: truth.candidate,
      onsetMs: truth.onsetMs,
      cause: truth.cause,
    })),
    policies: plan.policies.map((policy) => ({ name: policy.name, hash: policyHash(policy) })),
    characteristics: plan.scenarios.flatMap(({ scenario, family, variation, policies }, s) =>
      policies.map((p) => {
        const { candidate } = scenario.truth;
        return characteristicsOf(
          { scenario: scenario.name, family, variation, candidate, policy: names[p]! },
          rollouts(s, p),
        );
      }),
    ),
    comparisons: plan.scenarios.flatMap(({ scenario, policies }, s) =>
      policies.slice(1).map((p): Comparison => {
        const first = policies[0]!;
        const event = scenario.truth.candidate === 'healthy' ? 'false-rollback' : 'missed-regression';
        const other = new Map(rollouts(s, p).map((each) => [each.seed, each]));
        const pairs = rollouts(s, first).flatMap((one): [boolean, boolean][] => {
          const two = other.get(one.seed);
          return two === undefined ? [] : [[one.classification === event, two.classification === event]];
        });
        return { scenario: scenario.name, first: names[first]!, second: names[p]!, event, ...mcnemar(pairs) };
      }),
    ),
    stop: plan.stop === null ? null : stopOf(plan.stop, answers),
    rollouts: plan.scenarios.flatMap(({ scenario, policies }, s) =>
      policies.flatMap((p) => rollouts(s, p).map((each) => ({ scenario: scenario.name, policy: names[p]!, ...each }))),
    ),
  };
}

/** A plan that was read back has its fields in another order. */
const stopOf = ({ event, below, error }: StopRule, answers: readonly StopAnswer[]): SweepResult['stop'] => ({
  event,
  below,
  error,
  answers,
});

export const resultText = (result: SweepResult): string => `${JSON.stringify(result, null, 1)}\n`;
