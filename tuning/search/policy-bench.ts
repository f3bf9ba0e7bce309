/** Judges policies of a space on the recordings of a sweep, part of the seeds by part. */
import { policyHash } from '../../controller/policy-hash.ts';
import type { Policy } from '../../controller/policy.ts';
import { VERDICTS } from '../fast/judge.ts';
import type { JobResult } from '../job.ts';
import { policyOn } from '../../policy-for.ts';
import { jobsOf, type Plan } from '../plan.ts';
import { scheduleKey, scheduleOf } from '../schedule.ts';
import type { SweepFiles } from '../sweep-files.ts';
import type { Trials } from './objectives.ts';
import { readersOf } from './readers.ts';
import { RolloutSet } from './rollout-set.ts';
import type { SeedParts } from './seed-parts.ts';
import type { Space } from './space.ts';

export type Part = keyof SeedParts;

/** How the policy leads a scenario's traffic and how often it looks: those alike can be judged on the same rollouts. */
const keyOf = (scenario: number, policy: Policy): string =>
  `${scenario}/${scheduleKey(scheduleOf(policy))}/${policy.evaluateEveryMs}`;

export class PolicyBench {
  readonly parts: SeedParts;
  private readonly plan: Plan;
  private readonly sets = new Map<string, RolloutSet>();

  /** By scenario: policies on its time scale, so that each is scaled and hashed once. */
  private readonly scaled: readonly WeakMap<Policy, Policy>[];

  private constructor(plan: Plan, parts: SeedParts) {
    this.plan = plan;
    this.parts = parts;
    this.scaled = plan.scenarios.map(() => new WeakMap<Policy, Policy>());
  }

  /**
   * Reads every recording of the sweep once. `results` have what was rehearsed of rollouts that left their schedule; of policies
   * that nobody rehearsed, such a rollout stays undecided.
   */
  static async open(
    plan: Plan,
    files: SweepFiles,
    results: readonly JobResult[],
    space: Space,
    parts: SeedParts,
  ): Promise<PolicyBench> {
    const bench = new PolicyBench(plan, parts);
    const jobs = jobsOf(plan);
    const { policies: readers, all } = readersOf(space);
    for (const [s, { scenario, policies }] of plan.scenarios.entries()) {
      const base = policyOn(plan.policies[policies[0]!]!, scenario);
      const groups = Map.groupBy(
        readers.map((policy) => policyOn(policy, scenario)),
        (policy) => keyOf(s, policy),
      );
      for (const [key, group] of groups) {
        const schedule = scheduleKey(scheduleOf(group[0]!));
        const own = jobs.filter(
          (job) =>
            job.scenario === s &&
            scheduleKey(scheduleOf(policyOn(plan.policies[job.policies[0]!]!, scenario))) === schedule,
        );
        for (const part of Object.keys(parts) as Part[]) {
          const wanted = own.filter(({ seed }) => parts[part].includes(seed - scenario.seed));
          const recordings = wanted.map((job) => ({ seed: job.seed, file: files.recording(job) }));
          bench.sets.set(
            `${part}/${key}`,
            await RolloutSet.read(scenario, recordings, { policies: group, base, keep: !all }),
          );
        }
      }
    }
    for (const result of results) bench.correct(result);
    return bench;
  }

  private correct({ scenario: s, seed, results }: JobResult): void {
    const part = (Object.keys(this.parts) as Part[]).find((each) =>
      this.parts[each].includes(seed - this.plan.scenarios[s]!.scenario.seed),
    )!;
    for (const { policy: p, verdict, rehearsed } of results) {
      if (verdict !== 'off-schedule' || rehearsed === null) continue;
      const { excessErrors, excessSlow, lostOutcomes } = rehearsed.harm;
      const harm = [excessErrors, excessSlow, lostOutcomes].reduce<number>((sum, x) => sum + Math.max(0, x ?? 0), 0);
      const policy = this.plan.policies[p]!;
      const ended = { verdict: VERDICTS.indexOf(rehearsed.verdict), atMs: rehearsed.decidedAtMs ?? Number.NaN, harm };
      this.setOf(part, s, policy).correct(this.on(s, policy), seed, ended);
    }
  }

  /** The policy as it is applied to a scenario (place in the plan). */
  on(s: number, policy: Policy): Policy {
    let scaled = this.scaled[s]!.get(policy);
    if (scaled === undefined)
      this.scaled[s]!.set(policy, (scaled = policyOn(policy, this.plan.scenarios[s]!.scenario)));
    return scaled;
  }

  /** The rollouts of one scenario (place in the plan) that a policy is judged on. */
  setOf(part: Part, s: number, policy: Policy): RolloutSet {
    const set = this.sets.get(`${part}/${keyOf(s, this.on(s, policy))}`);
    if (set === undefined) throw new RangeError(`got policy ${policyHash(policy)} on a schedule that was not recorded`);
    return set;
  }

  /** One policy, scenario by scenario. */
  trials(part: Part, policy: Policy): readonly Trials[] {
    return this.judge(part, [policy])[0]!;
  }

  /** Policy by policy, scenario by scenario. */
  judge(part: Part, policies: readonly Policy[]): readonly (readonly Trials[])[] {
    const found = policies.map((): Trials[] => []);
    for (const [s, { scenario }] of this.plan.scenarios.entries()) {
      const scaled = policies.map((policy) => this.on(s, policy));
      const groups = Map.groupBy(policies.keys(), (p) => keyOf(s, scaled[p]!));
      for (const places of groups.values()) {
        const own = places.map((p) => scaled[p]!);
        const ended = this.setOf(part, s, policies[places[0]!]!).judge(own);
        for (const [i, p] of places.entries()) {
          const { endMs } = scheduleOf(own[i]!);
          found[p]!.push({ scenario, ended: ended[i]!, endMs });
        }
      }
    }
    return found;
  }
}
