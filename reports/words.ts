/** A run's verdict in plain words, for the page and the terminal. */
import type { Classification, Outcome } from '../outcome.ts';
import { duration, percent } from './format.ts';

export const VERDICT_WORDS: Readonly<Record<Outcome['verdict'], string>> = {
  promoted: 'Promoted',
  'rolled-back': 'Rolled back',
  paused: 'Paused',
  refused: 'Refused',
};

export type Tone = 'right' | 'wrong' | 'open';

/** Whether the policy was right about the candidate, which only a rehearsal can know. */
export function judgement(outcome: Outcome): { readonly tone: Tone; readonly text: string } {
  const { classification, truth, verdict } = outcome;
  const cause = truth.cause === null ? '' : ` (${truth.cause})`;
  const judgements: Readonly<Record<Classification, readonly [Tone, string]>> = {
    'true-promotion': ['right', 'Right: the candidate was healthy'],
    'true-rollback': ['right', `Right: the candidate was regressed${cause}`],
    'false-rollback': ['wrong', 'Wrong: false rollback, the candidate was healthy'],
    'missed-regression': ['wrong', `Wrong: missed regression, the candidate was regressed${cause}`],
    inconclusive: ['open', `Neither right nor wrong: ${verdict} with a ${truth.candidate} candidate${cause}`],
  };
  const [tone, text] = judgements[classification];
  return { tone, text };
}

const by = (guard: string | null): string => (guard === null ? '' : ` by ${guard}`);

export function expectationText({ expectation, verdict, guard }: Outcome): string {
  if (expectation === null) return 'the scenario states no expectation';
  const wanted = `${expectation.verdict}${by(expectation.guard)}`;
  return expectation.met
    ? `as expected: ${wanted}`
    : `not as expected: wanted ${wanted}, got ${verdict}${by(guard?.name ?? null)}`;
}

/** How the rollback did against its deadline. */
export function rollbackText({ rollback }: Outcome): string {
  if (rollback === null) return 'none';
  const took = rollback.completeMs === null ? 'not finished' : duration(rollback.completeMs - rollback.decidedAtMs);
  return `${took}, ${rollback.withinDeadline ? 'within' : 'beyond'} the deadline of ${duration(rollback.deadlineMs)}`;
}

/** A stage's traffic: "shadow" for a weight of 0. */
export const stageShare = (weightPercent: number): string =>
  weightPercent === 0 ? 'shadow' : percent(weightPercent / 100);

/** Whether a stage was left upwards: the last one of a rollout that was not promoted was not. */
export const stagePassed = ({ stages, verdict }: Outcome, index: number): boolean =>
  index < stages.length - 1 || verdict === 'promoted';
