/**
 * Rolling back: an ordered sequence, each step with its start and end. The mirror stops at once and so does the candidate's
 * traffic, unless the baseline must first be loaded to take it; then the candidate drains, the baseline's cache is warmed, and the
 * baseline must answer within the bounds for a while. Past the deadline it goes on (users are better off), up to ten times.
 */
import type { Action, ArmStatus, Observation } from '../world.ts';
import type { GuardVerdict, RollbackRecord, RollbackStep } from './decision.ts';
import { abandonedSentence, completeSentence, overdueSentence, rollbackSentence, stepSentence } from './explain.ts';
import type { Policy } from './policy.ts';
import { change, endStage, finish, say, type Turn } from './turn.ts';
import { verified } from './verify.ts';
import { duration, whole } from './words.ts';

type StepName = RollbackStep['name'];

/** How often the controller looks while rolling back. */
const LOOK_EVERY_MS = 1000;
/** A rollback that is not complete after this many deadlines is left as it is. */
const GIVE_UP_AFTER = 10;

/** An arm the world says nothing about is taken to be up: waiting for it would keep users on the candidate. */
const UNKNOWN = { inFlight: 0, loaded: true, warm: true } as const;
type Seen = Pick<ArmStatus, 'inFlight' | 'loaded' | 'warm'>;
const look = (observation: Observation, arm: ArmStatus['arm']): Seen =>
  observation.arms.find((status) => status.arm === arm) ?? UNKNOWN;

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
    open(policy, turn, 'stop-mirror', atMs);
    close(turn, atMs);
  }
  open(policy, turn, look(observation, 'baseline').loaded ? 'shift-traffic' : 'load-baseline', atMs);
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
  const waitingFor = describe(step.name, observation, turn);
  if (waitedMs >= rollback.deadlineMs * GIVE_UP_AFTER) abandon(turn, atMs, step.name, waitingFor);
  else if (!overdue && waitedMs > rollback.deadlineMs) {
    change(turn, { overdue: true });
    say(turn, atMs, 'rollback-step', rollback.guard, overdueSentence(rollback, step.name, waitingFor));
  }
}

/** No traffic will come any more: what is still open can be neither done nor shown. */
export function abandonAtEndOfTraffic(turn: Turn, atMs: number): void {
  const step = turn.state.rollback?.steps.at(-1);
  abandon(turn, atMs, step?.name ?? 'shift-traffic', 'the traffic ended');
}

function abandon(turn: Turn, atMs: number, step: StepName, waitingFor: string): void {
  say(turn, atMs, 'rollback-step', turn.state.rollback?.guard ?? null, abandonedSentence(step, waitingFor));
  finish(turn, atMs, 'rolled-back');
}

function stepAsFarAsPossible(policy: Policy, turn: Turn, observation: Observation, atMs: number): void {
  let step = turn.state.rollback?.steps.at(-1);
  while (step !== undefined && step.endMs === null && isDone(policy, turn, step, observation, atMs)) {
    close(turn, atMs);
    const next = after(step.name, policy);
    if (next === null) return complete(turn, atMs);
    open(policy, turn, next, atMs);
    step = turn.state.rollback?.steps.at(-1);
  }
}

function after(step: StepName, policy: Policy): StepName | null {
  if (step === 'load-baseline') return 'shift-traffic';
  if (step === 'shift-traffic') return 'drain';
  if (step === 'drain' && policy.rollback.preWarm) return 'pre-warm';
  return step === 'verify' ? null : 'verify';
}

function isDone(policy: Policy, turn: Turn, step: RollbackStep, observation: Observation, atMs: number): boolean {
  // What the world reports at the instant a step begins does not show the step's effect yet.
  const later = atMs > step.startMs;
  switch (step.name) {
    case 'load-baseline':
      return later && look(observation, 'baseline').loaded;
    case 'drain':
      return later && look(observation, 'candidate').inFlight === 0;
    case 'pre-warm':
      return later && look(observation, 'baseline').warm;
    case 'verify':
      return verified(policy, turn.state);
    default:
      return true;
  }
}

function open(policy: Policy, turn: Turn, name: StepName, atMs: number): void {
  const stage = turn.state.stages.at(-1)?.name ?? '';
  turn.actions.push(...actionsOf(name, stage));
  edit(turn, (record) => ({
    ...record,
    trafficOffMs: name === 'shift-traffic' ? atMs : record.trafficOffMs,
    steps: [...record.steps, { name, startMs: atMs, endMs: null }],
  }));
  if (name === 'verify') change(turn, { verifiedMs: 0 });
}

function actionsOf(name: StepName, stage: string): readonly Action[] {
  if (name === 'stop-mirror') return [{ kind: 'mirror', percent: 0, stage }];
  if (name === 'load-baseline') return [{ kind: 'load', arm: 'baseline' }];
  if (name === 'shift-traffic') return [{ kind: 'set-weight', weightPercent: 0, stage }];
  return name === 'pre-warm' ? [{ kind: 'pre-warm', arm: 'baseline' }] : [];
}

function close(turn: Turn, atMs: number): void {
  const step = turn.state.rollback?.steps.at(-1);
  if (step === undefined) return;
  edit(turn, (record) => ({ ...record, steps: [...record.steps.slice(0, -1), { ...step, endMs: atMs }] }));
  say(turn, atMs, 'rollback-step', turn.state.rollback?.guard ?? null, stepSentence(step.name, step.startMs, atMs));
}

function complete(turn: Turn, atMs: number): void {
  edit(turn, (record) => ({ ...record, completeMs: atMs }));
  const { rollback } = turn.state;
  if (rollback !== null) say(turn, atMs, 'rollback-step', rollback.guard, completeSentence(rollback, atMs));
  finish(turn, atMs, 'rolled-back');
}

function edit(turn: Turn, by: (record: RollbackRecord) => RollbackRecord): void {
  const { rollback } = turn.state;
  if (rollback !== null) change(turn, { rollback: by(rollback) });
}

function describe(step: StepName, observation: Observation, turn: Turn): string {
  if (step === 'drain') return `${whole(look(observation, 'candidate').inFlight)} requests in flight at the candidate`;
  if (step === 'load-baseline') return 'the baseline is not loaded';
  if (step === 'pre-warm') return "the baseline's cache is being warmed";
  return `the baseline has answered within its bounds for ${duration(turn.state.verifiedMs)}`;
}
