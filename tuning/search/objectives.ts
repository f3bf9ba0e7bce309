/** What a policy did over many rollouts, as figures for people and as objectives for a search. */
import { classify } from '../../conclude.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { mean } from '../../statistics/sample.ts';
import { rateOf, type Spread, spreadOf } from '../distribution.ts';
import { OFF_SCHEDULE, PAUSED, PROMOTED, RECORDING_OVER, VERDICTS } from '../fast/judge.ts';
import type { JudgedVerdict } from '../judge.ts';
import type { Ended } from './rollout-set.ts';
import type { Figures, Objectives, ScenarioFigures } from './search-result.ts';

/** One scenario's rollouts under one policy, and when its schedule ends. */
export interface Trials {
  readonly scenario: Scenario;
  readonly ended: readonly Ended[];
  readonly endMs: number;
}

type Verdict = Exclude<JudgedVerdict, 'off-schedule' | 'recording-over'>;

const isUndecided = ({ verdict }: Ended): boolean =>
  verdict === PAUSED || verdict === OFF_SCHEDULE || verdict === RECORDING_OVER;

/** Whether a healthy candidate was taken back, or a regressed one before it was. */
export const isFalseRollback = ({ scenario }: Trials, ended: Ended): boolean =>
  classOf(scenario, ended) === 'false-rollback';
export const isMissed = ({ scenario }: Trials, ended: Ended): boolean =>
  classOf(scenario, ended) === 'missed-regression';

function classOf({ truth }: Scenario, ended: Ended): ReturnType<typeof classify> {
  return isUndecided(ended) ? 'inconclusive' : classify(truth, VERDICTS[ended.verdict]! as Verdict, ended.atMs);
}

export function objectivesOf(trials: readonly Trials[]): Objectives {
  const healthy = trials.filter(({ scenario }) => scenario.truth.candidate === 'healthy');
  const regressed = trials.filter(({ scenario }) => scenario.truth.candidate === 'regressed');
  const promoted = healthy.flatMap(({ ended }) => ended.filter(({ verdict }) => verdict === PROMOTED));
  return {
    falseRollback: meanOf(healthy, (each, ended) => (isFalseRollback(each, ended) ? 1 : 0)),
    undecidedHealthy: meanOf(healthy, (_, ended) => (isUndecided(ended) ? 1 : 0)),
    notCaught: meanOf(regressed, (each, ended) => (classOf(each.scenario, ended) === 'true-rollback' ? 0 : 1)),
    detectionDelayMs: meanOf(regressed, delayOf),
    harm: meanOf(regressed, (_, ended) => ended.harm),
    timeToPromoteMs: promoted.length === 0 ? null : mean(promoted.map(({ atMs }) => atMs)),
  };
}

/** A regression that is not caught is as if it were caught at the end. */
function delayOf({ scenario, endMs }: Trials, ended: Ended): number {
  const until = classOf(scenario, ended) === 'true-rollback' ? ended.atMs : endMs;
  return until - (scenario.truth.onsetMs ?? 0);
}

/** Scenario by scenario, so that each weighs the same. */
function meanOf(trials: readonly Trials[], of: (trials: Trials, ended: Ended) => number): number | null {
  if (trials.length === 0) return null;
  return mean(trials.map((each) => mean(each.ended.map((ended) => of(each, ended)))));
}

export const figuresOf = (trials: readonly Trials[]): Figures => ({
  objectives: objectivesOf(trials),
  scenarios: trials.map(scenarioFigures),
});

function scenarioFigures(trials: Trials): ScenarioFigures {
  const { scenario, ended } = trials;
  const { candidate, onsetMs } = scenario.truth;
  const caught = ended.filter((each) => classOf(scenario, each) === 'true-rollback');
  const promoted = ended.filter(({ verdict }) => verdict === PROMOTED);
  const count = (is: (each: Ended) => boolean): number => ended.filter(is).length;
  return {
    scenario: scenario.name,
    candidate,
    rollouts: ended.length,
    falseRollback: rateOf(
      count((each) => isFalseRollback(trials, each)),
      ended.length,
    ),
    missedRegression:
      candidate === 'healthy'
        ? null
        : rateOf(
            count((each) => isMissed(trials, each)),
            ended.length,
          ),
    undecided: rateOf(count(isUndecided), ended.length),
    detectionDelayMs: spreadOf(caught.map(({ atMs }) => atMs - (onsetMs ?? 0))),
    timeToPromoteMs: spreadOf(promoted.map(({ atMs }) => atMs)),
    harm: spreadOf(ended.map(({ harm }) => harm)) as Spread,
  };
}
