/** Policies × one recording: together where the recording was led as they lead their traffic, so that guards they share are asked once; else step by step. */
import type { Policy } from '../controller/policy.ts';
import { RecordedGrid } from './fast/grid.ts';
import { canJudge, decides, FastJudge, isFast } from './fast/judge.ts';
import { type Judged, type Judgement, judge } from './judge.ts';
import { isOnSchedule } from './schedule.ts';

/** One judgement per policy, in their order. */
export function judgeAll(policies: readonly Policy[], recording: Judged): readonly Judgement[] {
  const found = new Map<Policy, Judgement>();
  // A guard that must be stepped through is stepped to the end, which pays for whoever shares it.
  const areShared = policies.filter((policy) => !isFast(policy)).length > 1;
  const fast = policies.filter(
    (policy) => (areShared ? canJudge(policy) : isFast(policy)) && isOnSchedule(policy, recording.provenance),
  );
  for (const [everyMs, alike] of Map.groupBy(fast, ({ evaluateEveryMs }) => evaluateEveryMs)) {
    const judgements = new FastJudge(alike).judge(new RecordedGrid(recording, everyMs));
    for (const [i, policy] of alike.entries()) found.set(policy, judgements[i]!);
  }
  return policies.map((policy) => found.get(policy) ?? judgeBriefly(policy, recording));
}

/** What `judge` says, step by step, with only the guards asked that have a say in it: those that watch often read the most. */
export function judgeBriefly(policy: Policy, recording: Judged): Judgement {
  const { verdict, decidedAtMs, stage, guard } = judge({ ...policy, guards: policy.guards.filter(decides) }, recording);
  return { verdict, decidedAtMs, stage, guard };
}
