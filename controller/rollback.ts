/**
 * Rolling back: an ordered sequence, each step with its start and end. The mirror stops at once and so does the candidate's
 * traffic, unless the baseline must first be loaded (or is to be warmed) to take it; then the candidate drains, the baseline's cache is warmed, and the
 * baseline must answer within the bounds for a while. Past the deadline it goes on (users are better off), up to ten times.
 */
import type { Observation } from '../world.ts';
import type { GuardVerdict, RollbackRecord } from './decision.ts';
import { abandonedSentence, overdueSentence, rollbackSentence } from './explain.ts';
import type { Policy } from './policy.ts';
import {
  closeStep,
  look,
  onceLoaded,
  openStep,
  type StepName,
  stepAsFarAsPossible,
  waitingFor,
} from './rollback-steps.ts';
import { change, endStage, finish, say, type Turn } from './turn.ts';

/** How often the controller looks while rolling back. */
const LOOK_EVERY_MS = 1000;
/** A rollback that is not complete after this many deadlines is left as it is. */
const GIVE_UP_AFTER = 10;

/** Decides the rollback and takes every step that needs no waiting, in the same turn. */
export function beginRollback(
  policy: Policy,
  turn: Turn,
  atMs: number,
  verdict: GuardVerdict,
  observation: Observation,
): void {
  const explanation = rollbackSentence(verdict);
  const mirrored = (turn.state.stages.at(-1)?.mirrorPercent ?? 0) > 0;
  const record: RollbackRecord = {
    decidedAtMs: atMs,
    guard: verdict.guard,
    trafficOffMs: null,
    completeMs: null,
    deadlineMs: policy.rollback.deadlineMs,
    steps: [],
  };
  say(turn, atMs, 'roll-back', verdict.guard, explanation);
  endStage(turn, atMs);
  change(turn, { rollback: record, decidedAtMs: atMs, explanation, endedBy: verdict, wakeMs: atMs + LOOK_EVERY_MS });
  turn.actions.push({ kind: 'roll-back', guard: verdict.guard });
  if (mirrored) {
    openStep(turn, 'stop-mirror', atMs);
    closeStep(turn, atMs);
  }
  openStep(turn, look(observation, 'baseline').loaded ? onceLoaded(policy) : 'load-baseline', atMs);
  stepAsFarAsPossible(policy, turn, observation, atMs);
}

/** Looks whether the running step is done; called at each wake while rolling back. */
export function proceed(policy: Policy, turn: Turn, observation: Observation): void {
  const atMs = observation.nowMs;
  stepAsFarAsPossible(policy, turn, observation, atMs);
  const { rollback, verdict, overdue } = turn.state;
  const step = rollback?.steps.at(-1);
  if (verdict !== 'running' || rollback === null || step === undefined) return;
  change(turn, { wakeMs: atMs + LOOK_EVERY_MS });
  const waitedMs = atMs - rollback.decidedAtMs;
  const reason = waitingFor(step.name, observation, turn);
  if (waitedMs >= rollback.deadlineMs * GIVE_UP_AFTER) abandon(turn, atMs, step.name, reason);
  else if (!overdue && waitedMs > rollback.deadlineMs) {
    change(turn, { overdue: true });
    say(turn, atMs, 'rollback-step', rollback.guard, overdueSentence(rollback, step.name, reason));
  }
}

/** No traffic will come any more: what is still open can be neither done nor shown. */
export function abandonAtEndOfTraffic(turn: Turn, atMs: number): void {
  const step = turn.state.rollback?.steps.at(-1);
  abandon(turn, atMs, step?.name ?? 'shift-traffic', 'the traffic ended');
}

function abandon(turn: Turn, atMs: number, step: StepName, reason: string): void {
  say(turn, atMs, 'rollback-step', turn.state.rollback?.guard ?? null, abandonedSentence(step, reason));
  finish(turn, atMs, 'rolled-back');
}
