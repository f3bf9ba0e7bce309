/**
 * Ends a scenario's replications as soon as a question about its rates is answered (Robbins' rule). The answer is looked for
 * on the seeds in their order, whatever was done first: it is the same for any number of workers and shards.
 */
import { robbinsInterval, sideOf } from '../statistics/stop-rule.ts';
import type { JobResult } from './job.ts';
import type { Job, Plan } from './plan.ts';
import { rolloutOf } from './rollouts.ts';

/** Is this rate below a bound? */
export interface StopRule {
  /** False rollbacks are asked of healthy scenarios, missed regressions of regressed ones. */
  readonly event: 'false-rollback' | 'missed-regression';
  /** 0 … 1. */
  readonly below: number;
  /** Probability, at most, with which an answer is wrong: of each rate by itself, however often one looks. */
  readonly error: number;
}

/** What came of the question for one policy on one scenario. */
export interface StopAnswer {
  readonly scenario: string;
  readonly policy: string;
  /** On which side of the bound the rate is; null when all replications do not tell. */
  readonly side: 'below' | 'above' | null;
  /** The seed after which it was told; the last one when it was not. */
  readonly seed: number;
  readonly events: number;
  readonly of: number;
  /** Rates that are not ruled out, valid at whatever seed one stops (see `robbinsInterval`). */
  readonly low: number;
  readonly high: number;
}

interface Asked {
  readonly policy: number;
  events: number;
  of: number;
  side: StopAnswer['side'];
}

interface Watched {
  readonly asked: readonly Asked[];
  /** By replication and policy: whether the event happened. */
  readonly seen: Map<number, Map<number, boolean>>;
  /** Replications in their order that were counted. */
  counted: number;
  /** Every policy's answer is known. */
  isClear: boolean;
}

export class StopWatch {
  private readonly plan: Plan;
  private readonly rule: StopRule;
  /** By scenario; null for those that are not asked. */
  private readonly watched: readonly (Watched | null)[];

  constructor(plan: Plan, rule: StopRule) {
    this.plan = plan;
    this.rule = rule;
    this.watched = plan.scenarios.map(({ scenario, policies }) =>
      isAsked(rule, scenario.truth.candidate)
        ? {
            asked: policies.map((policy) => ({ policy, events: 0, of: 0, side: null })),
            seen: new Map(),
            counted: 0,
            isClear: false,
          }
        : null,
    );
  }

  /** Hears of a result, in any order; one that is heard of twice counts once. */
  add({ scenario: s, seed, results }: JobResult): void {
    const watched = this.watched[s] ?? null;
    if (watched === null) return;
    const { scenario } = this.plan.scenarios[s]!;
    const replication = seed - scenario.seed;
    const seen = watched.seen.get(replication) ?? new Map<number, boolean>();
    watched.seen.set(replication, seen);
    for (const result of results) {
      const { classification } = rolloutOf(scenario.truth, seed, result);
      seen.set(result.policy, classification === this.rule.event);
    }
    this.count(watched);
  }

  /** Whether a job's result belongs to the sweep as far as is known; once it does not, it never will. */
  isWanted({ scenario: s, seed }: Pick<Job, 'scenario' | 'seed'>): boolean {
    const watched = this.watched[s] ?? null;
    return watched === null || !watched.isClear || seed - this.plan.scenarios[s]!.scenario.seed < watched.counted;
  }

  /** Scenarios whose question is answered, of those that are asked. */
  get progress(): { readonly clear: number; readonly of: number } {
    const asked = this.watched.filter((each) => each !== null);
    return { clear: asked.filter(({ isClear }) => isClear).length, of: asked.length };
  }

  answers(): readonly StopAnswer[] {
    return this.watched.flatMap((watched, s) =>
      (watched?.asked ?? []).map(({ policy, events, of, side }): StopAnswer => {
        const { scenario } = this.plan.scenarios[s]!;
        const [low, high] = of === 0 ? [0, 1] : robbinsInterval(events, of, this.rule.error);
        const { name } = this.plan.policies[policy]!;
        return { scenario: scenario.name, policy: name, side, seed: scenario.seed + of - 1, events, of, low, high };
      }),
    );
  }

  private count(watched: Watched): void {
    const { asked, seen } = watched;
    const { below, error } = this.rule;
    while (!watched.isClear) {
      const next = seen.get(watched.counted);
      if (next === undefined || next.size < asked.length) return;
      for (const each of asked) {
        if (each.side !== null) continue;
        each.of += 1;
        if (next.get(each.policy) === true) each.events += 1;
        each.side = sideOf(each.events, each.of, below, error);
      }
      watched.counted += 1;
      watched.isClear = asked.every(({ side }) => side !== null);
    }
  }
}

const isAsked = ({ event }: StopRule, candidate: 'healthy' | 'regressed'): boolean =>
  (event === 'false-rollback') === (candidate === 'healthy');

/** Results of the seeds up to the one at which each scenario was stopped, and the answers. */
export function cutShort(
  plan: Plan,
  rule: StopRule,
  results: readonly JobResult[],
): { readonly kept: readonly JobResult[]; readonly answers: readonly StopAnswer[] } {
  const watch = new StopWatch(plan, rule);
  for (const result of results) watch.add(result);
  return { kept: results.filter((result) => watch.isWanted(result)), answers: watch.answers() };
}
