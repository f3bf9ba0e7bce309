/** One policy on one replication, as it ended: what was judged, or where the recording could not tell, what was rehearsed. */
import { classify } from '../conclude.ts';
import type { Classification, Outcome } from '../outcome.ts';
import type { Truth } from '../scenarios/scenario.ts';
import type { Harm } from './harm.ts';
import type { JobResult, PolicyResult } from './job.ts';
import type { Plan } from './plan.ts';

export interface Rollout {
  readonly seed: number;
  readonly verdict: Outcome['verdict'];
  readonly classification: Classification;
  readonly decidedAtMs: number;
  readonly guard: string | null;
  /** From the onset to the decision, when a regression was stopped. */
  readonly detectionDelayMs: number | null;
  readonly harm: Harm;
  /** From the decision until the rollback was complete; null when it was not rehearsed, was none, or stayed incomplete. */
  readonly rollbackMs: number | null;
  readonly withinDeadline: boolean | null;
  /** The policy left the recorded schedule, so this was rehearsed and not judged. */
  readonly offSchedule: boolean;
  /** Judged and rehearsed, with the same result. */
  readonly confirmed: boolean;
}

/** Rollouts by scenario and policy (places in the plan), seeds ascending. */
export function rolloutsOf(
  { scenarios }: Plan,
  results: readonly JobResult[],
): (s: number, p: number) => readonly Rollout[] {
  const found = new Map<string, Rollout[]>();
  for (const { scenario, seed, results: own } of results.toSorted((a, b) => a.seed - b.seed)) {
    const { truth } = scenarios[scenario]!.scenario;
    for (const result of own) {
      const key = `${scenario}/${result.policy}`;
      found.set(key, [...(found.get(key) ?? []), rolloutOf(truth, seed, result)]);
    }
  }
  return (s, p) => found.get(`${s}/${p}`) ?? [];
}

/** One policy's result as a rollout. Throws RangeError when the job should have rehearsed it and did not. */
export function rolloutOf(truth: Truth, seed: number, { rehearsed, ...judged }: PolicyResult): Rollout {
  const { verdict } = judged;
  const offSchedule = verdict === 'off-schedule';
  if (verdict === 'recording-over')
    throw new RangeError('got a recording that ends early, expected one of the whole schedule');
  const end = verdict === 'off-schedule' ? rehearsed : { ...judged, verdict };
  if (end === null) throw new RangeError('got a rollout that left the schedule, expected it to be rehearsed');
  const decidedAtMs = end.decidedAtMs ?? 0;
  const classification = classify(truth, end.verdict, end.decidedAtMs);
  return {
    seed,
    verdict: end.verdict,
    classification,
    decidedAtMs,
    guard: end.guard,
    detectionDelayMs: classification === 'true-rollback' ? decidedAtMs - (truth.onsetMs ?? 0) : null,
    harm: end.harm,
    rollbackMs: rehearsed?.rollbackMs ?? null,
    withinDeadline: rehearsed?.withinDeadline ?? null,
    offSchedule,
    confirmed: rehearsed !== null && !offSchedule,
  };
}
