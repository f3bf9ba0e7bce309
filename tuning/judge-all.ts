/** Policies × one recording: fast where bounds decide and the recording was led as the policy leads its traffic, else step by step. */
import type { Policy } from '../controller/policy.ts';
import { RecordedGrid } from './fast/grid.ts';
import { FastJudge, isFast } from './fast/judge.ts';
import { type Judged, type Judgement, judge } from './judge.ts';
import { isOnSchedule } from './schedule.ts';

/** One judgement per policy, in their order. */
export function judgeAll(policies: readonly Policy[], recording: Judged): readonly Judgement[] {
  const found = new Map<Policy, Judgement>();
  const fast = policies.filter((policy) => isFast(policy) && isOnSchedule(policy, recording.provenance));
  for (const [everyMs, alike] of Map.groupBy(fast, ({ evaluateEveryMs }) => evaluateEveryMs)) {
    const judgements = new FastJudge(alike).judge(new RecordedGrid(recording, everyMs));
    for (const [i, policy] of alike.entries()) found.set(policy, judgements[i]!);
  }
  return policies.map((policy) => found.get(policy) ?? brief(judge(policy, recording)));
}

const brief = ({ verdict, decidedAtMs, stage, guard }: Judgement): Judgement => ({
  verdict,
  decidedAtMs,
  stage,
  guard,
});
