/** A run's verdict in plain words, for the page and the terminal. */
import type { Outcome } from '../outcome.ts';
import { duration, percent } from './format.ts';

export const VERDICT_WORDS: Readonly<Record<Outcome['verdict'], string>> = {
  promoted: 'Promoted',
  'rolled-back': 'Rolled back',
  paused: 'Paused',
  refused: 'Refused',
};

export type Tone = 'right' | 'wrong' | 'open';

/** Whether the policy was right about the candidate, which only a rehearsal can know. */
export function judgement({ classification, truth, verdict }: Outcome): { readonly tone: Tone; readonly text: string } {
  const cause = truth.cause === null ? '' : ` (${truth.cause})`;
  switch (classification) {
    case 'true-promotion':
      return { tone: 'right', text: 'Right: the candidate was healthy' };
    case 'true-rollback':
      return { tone: 'right', text: `Right: the candidate was regressed${cause}` };
    case 'false-rollback':
      return { tone: 'wrong', text: 'Wrong: false rollback, the candidate was healthy' };
    case 'missed-regression':
      return { tone: 'wrong', text: `Wrong: missed regression, the candidate was regressed${cause}` };
    case 'inconclusive':
      return { tone: 'open', text: `Neither right nor wrong: ${verdict} with a ${truth.candidate} candidate${cause}` };
  }
}

export function expectationText({ expectation, verdict, guard }: Outcome): string {
  if (expectation === null) return 'the scenario states no expectation';
  const by = (name: string | null) => (name === null ? '' : ` by ${name}`);
  const wanted = `${expectation.verdict}${by(expectation.guard)}`;
  return expectation.met ? `as expected: ${wanted}` : `not as expected: wanted ${wanted}, got ${verdict}${by(guard?.name ?? null)}`;
}

/** How the rollback did against its deadline. */
export function rollbackText({ rollback }: Outcome): string {
  if (rollback === null) return 'none';
  const took = rollback.completeMs === null ? 'not finished' : duration(rollback.completeMs - rollback.decidedAtMs);
  return `${took}, ${rollback.withinDeadline ? 'within' : 'beyond'} the deadline of ${duration(rollback.deadlineMs)}`;
}

/** A stage's traffic: "shadow" for a weight of 0. */
export const stageShare = (weightPercent: number): string => (weightPercent === 0 ? 'shadow' : percent(weightPercent / 100));

/** Whether a stage was left upwards: the last one of a rollout that was not promoted was not. */
export const stagePassed = ({ stages, verdict }: Outcome, index: number): boolean =>
  index < stages.length - 1 || verdict === 'promoted';
