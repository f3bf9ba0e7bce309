/**
 * The controller: `begin` gives the first actions, `decide` the next ones from what was observed. Both are pure (law L2): same
 * arguments, same step; the state is plain data, and time is what the observation says it is.
 */
import type { Observation } from '../world.ts';
import type { Controller, PreFlight, Step } from './decision.ts';
import { evaluateAll } from './evaluation.ts';
import { endOfTrafficSentence, refusalSentence } from './explain.ts';
import { bucketIndex, fold } from './fold.ts';
import { misfits } from './misfits.ts';
import type { Policy } from './policy.ts';
import { abandonAtEndOfTraffic, proceed } from './rollback.ts';
import { pause, stageOf, startStage } from './stages.ts';
import { freshState, ROUNDING_MS, type RolloutState } from './state.ts';
import { change, closeTurn, finish, openTurn, say, type Turn } from './turn.ts';
import { verifiedAfter } from './verify.ts';
import type { WindowHeader } from '../telemetry/window.ts';

/**
 * Starts the rollout at t = 0, or refuses it when the models' feature schemas differ and the policy minds.
 * Throws RangeError when the run does not record what the policy reads: ask `misfits` first.
 */
export function begin(policy: Policy, preFlight: PreFlight, header: WindowHeader): Step<RolloutState> {
  const problems = misfits(policy, header);
  if (problems.length > 0) throw new RangeError(problems.join('\n'));
  const turn = openTurn(freshState(header, policy.evaluateEveryMs));
  const { schemaIssues } = preFlight;
  if (policy.requireCompatibleSchemas && schemaIssues.length > 0) refuse(turn, schemaIssues);
  else startStage(policy, turn, 0, 0, []);
  return closeTurn(turn);
}

function refuse(turn: Turn, issues: readonly string[]): void {
  const explanation = refusalSentence(issues);
  finish(turn, 0, 'refused');
  change(turn, { decidedAtMs: 0, explanation });
  say(turn, 0, 'refuse', null, explanation);
}

/** The next step. Before the wake time it only takes note of the windows; after the end it does nothing. */
export function decide(policy: Policy, state: RolloutState, observation: Observation): Step<RolloutState> {
  const turn = openTurn(state);
  if (state.verdict !== 'running') return closeTurn(turn);
  takeNote(policy, turn, observation);
  if (turn.state.rollback !== null) {
    if (isDue(turn, observation)) proceed(policy, turn, observation);
  } else {
    while (isStanding(turn) && isDue(turn, observation)) evaluateAll(policy, turn, observation);
  }
  if (observation.trafficEnded && turn.state.verdict === 'running') endOfTraffic(policy, turn, state, observation);
  return closeTurn(turn);
}

const isStanding = ({ state }: Turn): boolean => state.verdict === 'running' && state.rollback === null;

const isDue = ({ state }: Turn, { nowMs }: Observation): boolean => nowMs >= state.wakeMs - ROUNDING_MS;

function takeNote(policy: Policy, turn: Turn, { windows }: Observation): void {
  const { state } = turn;
  const stage = stageOf(policy, state.stageIndex);
  if (state.rollback !== null) change(turn, { verifiedMs: verifiedAfter(policy, state, stage, windows) });
  else change(turn, { buckets: fold(policy, state.buckets, windows, stage) });
}

/** Never a promotion: an end that no evaluation has reached proves nothing. */
function endOfTraffic(policy: Policy, turn: Turn, before: RolloutState, observation: Observation): void {
  const { nowMs } = observation;
  const { rollback, stageIndex, stageStartMs, evaluations } = turn.state;
  if (rollback === null) {
    const first = bucketIndex(stageStartMs, policy.evaluateEveryMs) + 1;
    const sentence = endOfTrafficSentence(stageOf(policy, stageIndex), nowMs, stageStartMs, evaluations > first);
    return pause(turn, nowMs, null, sentence);
  }
  // A world that still moves lets the candidate drain; verification has nothing left to look at.
  const stuck = before.rollback !== null && nowMs < before.wakeMs - ROUNDING_MS;
  if (stuck || rollback.steps.at(-1)?.name === 'verify') abandonAtEndOfTraffic(turn, nowMs);
}

export const controller: Controller<RolloutState> = { begin, decide };
