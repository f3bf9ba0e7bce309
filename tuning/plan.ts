/** What a sweep does, written down before it begins: the same plan on any machine gives the same jobs with the same keys. */
import { hashOf } from '../config/hash.ts';
import type { Policy } from '../controller/policy.ts';
import { policyHash } from '../controller/policy-hash.ts';
import { policyOn } from '../policy-for.ts';
import { thresholdsOf } from '../controller/thresholds.ts';
import { sameThreshold } from '../controller/guards/latency.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import type { LatencyThreshold } from '../telemetry/window.ts';
import { scheduleKey, scheduleOf } from './schedule.ts';
import type { Space } from './search/space.ts';
import type { StopRule } from './stop.ts';

/** A setting of the scenario that was varied, for power curves: `arms.candidate.errorRatio`, `0.2%`. */
export interface Variation {
  readonly path: string;
  readonly value: string;
}

export interface PlannedScenario {
  /** With the seed of replication 0; the others follow one by one. */
  readonly scenario: Scenario;
  /** The scenario's name before it was varied: scenarios of one family make one power curve. */
  readonly family: string;
  readonly variation: Variation | null;
  /** Policies rehearsed on it, by their place in the plan. */
  readonly policies: readonly number[];
}

export interface Plan {
  readonly schemaVersion: 1;
  readonly coalmine: string;
  /** Identity of the code (see code-version.ts). */
  readonly code: string;
  readonly scenarios: readonly PlannedScenario[];
  /** At their own size: scaled where they meet a scenario. */
  readonly policies: readonly Policy[];
  readonly replications: number;
  /** The first so many replications of every policy are also rehearsed in full: it measures rollbacks, and checks the judge. */
  readonly confirm: number;
  /** Keep the recordings, not only what was judged on them. */
  readonly keepRecordings: boolean;
  /** What is searched once the recordings are there; its base and one policy per other schedule are among `policies`. */
  readonly space: Space | null;
  /** Ends scenarios as soon as its question is answered; `replications` is then the most. Null: all are done. */
  readonly stop: StopRule | null;
  /** Exceedance counters that the search needs beside the policies' own. */
  readonly thresholds: readonly LatencyThreshold[];
}

/** One replication of one scenario under one schedule, with all policies that share it. A pure function of the plan. */
export interface Job {
  /** sha256 over everything that has a say in the result. */
  readonly key: string;
  /** File name of the result, without its ending. */
  readonly name: string;
  readonly scenario: number;
  /** From 0. */
  readonly replication: number;
  readonly seed: number;
  readonly policies: readonly number[];
  readonly confirm: boolean;
}

/** Exceedance counters that any of these policies reads, and others that are needed, in one order. */
export function thresholdsOfAll(
  policies: readonly Policy[],
  others: readonly LatencyThreshold[] = [],
): readonly LatencyThreshold[] {
  const [first] = policies;
  // A policy with everybody's guards counts what everybody needs.
  const own = first === undefined ? [] : thresholdsOf({ ...first, guards: policies.flatMap(({ guards }) => guards) });
  return [...own, ...others.filter((each) => !own.some((known) => sameThreshold(known, each)))].toSorted(
    (a, b) => a.thresholdMs - b.thresholdMs || a.operator.length - b.operator.length,
  );
}

/** Every job of the plan, in the order of their keys: what shards are cut from. */
export function jobsOf(plan: Plan): readonly Job[] {
  return plan.scenarios
    .flatMap((planned, scenario) => {
      const groups = groupsOf(plan, planned);
      return Array.from({ length: plan.replications }, (_, r) =>
        groups.map((policies) => jobOf(plan, scenario, policies, r)),
      ).flat();
    })
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

/** Policies of one schedule share their recordings. */
function groupsOf({ policies }: Plan, { scenario, policies: own }: PlannedScenario): readonly (readonly number[])[] {
  const keyOf = (p: number): string => scheduleKey(scheduleOf(policyOn(policies[p]!, scenario)));
  return [...Map.groupBy(own, keyOf).values()];
}

function jobOf(plan: Plan, s: number, policies: readonly number[], replication: number): Job {
  const { scenario } = plan.scenarios[s]!;
  const seed = scenario.seed + replication;
  const confirm = replication < plan.confirm;
  const key = hashOf({
    code: plan.code,
    scenario: scenario.hash,
    seed,
    policies: policies.map((p) => policyHash(policyOn(plan.policies[p]!, scenario))),
    confirm,
    keepRecordings: plan.keepRecordings,
    thresholds: plan.thresholds,
  });
  return {
    key,
    name: `${scenario.name.replaceAll(/[^\w.=%-]+/g, '_')}-${seed}-${key.slice(7, 19)}`,
    scenario: s,
    replication,
    seed,
    policies,
    confirm,
  };
}

/** A part of the work: jobs at places index, index + count, … of the sorted list. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

export const jobsIn = (jobs: readonly Job[], shard: Shard | null): readonly Job[] =>
  shard === null ? jobs : jobs.filter((_, i) => i % shard.count === shard.index);

/** Identity of a plan. */
export const planHash = (plan: Plan): string => hashOf(plan);
