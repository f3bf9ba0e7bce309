/** A run's verdict in plain words, for the page and the terminal. */
import type { Classification, Outcome } from '../outcome.ts';
import { count, duration, percent, plural } from './format.ts';

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

/** What the candidate did to its users beyond what the baseline would have done to them; null when that cannot be told. */
export function harmText({ harm: { excessErrors, excessSlow, lostOutcomes } }: Outcome): string | null {
  const kinds = [
    [excessErrors, 'excess error', 'error fewer', 'errors fewer'],
    [excessSlow, 'excess slow answer', 'slow answer fewer', 'slow answers fewer'],
    [lostOutcomes, 'lost positive outcome', 'positive outcome more', 'positive outcomes more'],
  ] as const;
  const parts = kinds.flatMap(([n, harm, gain, gains]) => {
    if (n === null) return [];
    const whole = Math.round(n);
    return [whole >= 0 ? plural(whole, harm) : `${count(-whole)} ${whole === -1 ? gain : gains}`];
  });
  return parts.length === 0 ? null : parts.join(', ');
}
