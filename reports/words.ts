/** A run's verdict in plain words, for the page and the terminal. */
import type { Classification, Outcome } from '../outcome.ts';
import { count, duration, ms, number, percent, plural } from './format.ts';

export const VERDICT_WORDS: Readonly<Record<Outcome['verdict'], string>> = {
  promoted: 'Promoted',
  'rolled-back': 'Rolled back',
  paused: 'Paused',
  refused: 'Refused',
};

export type Tone = 'right' | 'wrong' | 'open';

/** Whether the policy was right about the candidate, which only a rehearsal can know. */
export function judgement(outcome: Outcome): { readonly tone: Tone; readonly text: string } {
  const { classification, truth, verdict, live } = outcome;
  if (live?.valid === false) return { tone: 'open', text: 'Neither right nor wrong: this live run is no measurement' };
  const cause = truth.cause === null ? '' : ` (${truth.cause})`;
  const judgements: Readonly<Record<Classification, readonly [Tone, string]>> = {
    'true-promotion': ['right', 'Right: the candidate was healthy'],
    'true-rollback': ['right', `Right: the candidate was regressed${cause}`],
    'false-rollback': ['wrong', `Wrong: false rollback, the candidate was ${healthWhen(outcome)}`],
    'missed-regression': ['wrong', `Wrong: missed regression, the candidate was regressed${cause}`],
    inconclusive: ['open', `Neither right nor wrong: ${verdict} with a ${truth.candidate} candidate${cause}`],
  };
  const [tone, text] = judgements[classification];
  return { tone, text };
}

/** Healthy, or still healthy: one that was to turn bad had not yet done so. */
const healthWhen = ({ truth: { candidate, onsetMs } }: Outcome): string =>
  candidate === 'healthy' ? 'healthy' : `healthy until ${duration(onsetMs ?? 0)}`;

const by = (guard: string | null): string => (guard === null ? '' : ` by ${guard}`);

export function expectationText({ expectation, verdict, guard }: Outcome): string {
  if (expectation === null) return 'the scenario states no expectation of this policy';
  const wanted = `${expectation.verdict}${by(expectation.guard)}`;
  // The verdict may be the wanted one, and still prove nothing.
  if (!expectation.met && expectation.misses[0]?.startsWith('the run is no measurement') === true)
    return `not shown: ${expectation.misses[0]}`;
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

/** How a live run was done and whether it may be judged, in one sentence; null for a simulated one. */
export function liveText({ world, live, scenario }: Outcome): string | null {
  if (world === 'sim') return null;
  if (live === undefined) return 'real servers were to be rehearsed, and none was started';
  const { load, sums } = live;
  const counted = `${count(sums.loadSent)} sent = ${count(sums.gatewayAnswered)} answered + ${count(sums.gatewayFailed)} failed`;
  const scale = scenario.timeScale === 1 ? 'schedule as stated' : `schedule divided by ${number(scenario.timeScale)}`;
  const late = load.latenessMs.p99 === null ? '' : `, ${ms(load.latenessMs.p99)} late at p99`;
  const valid = live.valid ? `valid load${late}` : `NO MEASUREMENT: ${live.reasons.join('; ')}`;
  return `real servers under ${load.generator}: ${valid}; ${counted}; ${scale}`;
}

/** Whose times were simulated; null when they are the declared ones. */
export function calibrationText({ calibration }: Outcome): string | null {
  if (calibration === undefined) return null;
  return [
    'times of real servers, as measured in',
    calibration.name,
    calibration.hash.slice(0, 'sha256:'.length + 8),
  ].join(' ');
}

/** The rollback as it was measured on real servers; null when there was none. */
export function measuredRollbackText({ live }: Outcome): string | null {
  const rollback = live?.rollback ?? null;
  if (rollback === null) return null;
  const loaded = rollback.baselineLoaded ? 'both models loaded' : 'the baseline unloaded';
  return rollback.trafficOffAfterMs === null
    ? `the candidate had answered nobody, ${loaded}`
    : `the candidate answered its last user ${ms(rollback.trafficOffAfterMs)} after the decision, ${loaded}`;
}
