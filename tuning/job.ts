/** Does one job: records the replication, judges every policy on it, and rehearses in full what the recording cannot tell. */
import { readsUsers } from '../controller/needs.ts';
import type { Policy } from '../controller/policy.ts';
import { preFlightOf } from '../pre-flight.ts';
import { InvariantViolation } from '../telemetry/invariants.ts';
import { contentFor, type SharedContent } from './contents.ts';
import { type Rehearsed, rehearseFully } from './full-rehearsal.ts';
import type { Judgement } from './judge.ts';
import { judgeAll } from './judge-all.ts';
import { policyOn } from '../policy-for.ts';
import { type Job, type Plan, thresholdsOfAll } from './plan.ts';
import { record } from './record.ts';
import { type Harm, harmUntil } from './harm.ts';

/** What one policy came to on one replication. */
export interface PolicyResult extends Judgement {
  /** Place of the policy in the plan. */
  readonly policy: number;
  /** Until the decision. */
  readonly harm: Harm;
  /** The full rehearsal, where there was one. */
  readonly rehearsed: Rehearsed | null;
}

export interface JobResult {
  readonly schemaVersion: 1;
  readonly key: string;
  readonly scenario: number;
  readonly seed: number;
  /** Identity of the recording. */
  readonly digest: string;
  /** Requests of users that were simulated for the recording. */
  readonly requests: number;
  readonly results: readonly PolicyResult[];
}

export interface JobOptions {
  /** Where the recording goes; null keeps none. */
  readonly recording: string | null;
  readonly contents: readonly SharedContent[];
  /** Called every evaluation: throws to cut the job short. */
  readonly check?: () => void;
}

export async function runJob(
  plan: Plan,
  job: Job,
  { recording: file, contents, check }: JobOptions,
): Promise<JobResult> {
  const scenario = { ...plan.scenarios[job.scenario]!.scenario, seed: job.seed };
  const policies = job.policies.map((p) => policyOn(plan.policies[p]!, scenario));
  // One schedule, so either all of them refuse to start or none does; a rollout that is refused needs no answers.
  const refused = policies[0]!.requireCompatibleSchemas && preFlightOf(scenario).schemaIssues.length > 0;
  const content = refused ? null : contentFor(scenario, contents);
  const thresholds = thresholdsOfAll(policies, plan.thresholds);
  const recording = await record(scenario, policies[0]!, {
    thresholds,
    users: policies.some(readsUsers),
    content,
    file,
    check,
  });
  const results: PolicyResult[] = [];
  for (const [i, judged] of judgeAll(policies, recording).entries()) {
    const policy = policies[i]!;
    const { verdict, decidedAtMs } = judged;
    const needed = job.confirm || verdict === 'off-schedule';
    const rehearsed = needed ? await rehearseFully(scenario, policy, content, check) : null;
    if (rehearsed !== null) compare(policy, job, judged, rehearsed);
    const harm = harmUntil(recording, policy, decidedAtMs ?? recording.provenance.endMs);
    results.push({ policy: job.policies[i]!, ...judged, harm, rehearsed });
  }
  const { digest, requests } = recording;
  return { schemaVersion: 1, key: job.key, scenario: job.scenario, seed: job.seed, digest, requests, results };
}

/** A judgement that a rehearsal contradicts is a bug, and everything judged with it is worth nothing. */
function compare(policy: Policy, job: Job, judged: Judgement, rehearsed: Rehearsed): void {
  if (judged.verdict === 'off-schedule' || judged.verdict === 'recording-over') return;
  const same =
    judged.verdict === rehearsed.verdict &&
    judged.decidedAtMs === rehearsed.decidedAtMs &&
    judged.guard === rehearsed.guard;
  if (same) return;
  throw new InvariantViolation(
    `INV-10 judge: ${job.name}, policy ${policy.name}: judged ${words(judged)}, rehearsed ${words(rehearsed)}`,
  );
}

const words = ({ verdict, decidedAtMs, guard }: Pick<Judgement, 'verdict' | 'decidedAtMs' | 'guard'>): string =>
  `${verdict} at ${decidedAtMs} ms by ${guard ?? 'no guard'}`;
