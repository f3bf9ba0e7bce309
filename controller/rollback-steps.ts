/** The steps of a rollback: what each does when it begins, what it waits for, and what comes after it. */
import type { Action, ArmStatus, Observation } from '../world.ts';
import type { RollbackRecord, RollbackStep } from './decision.ts';
import { completeSentence, stepSentence } from './explain.ts';
import type { Policy } from './policy.ts';
import { change, finish, say, type Turn } from './turn.ts';
import { verified } from './verify.ts';
import { duration, whole } from './words.ts';

export type StepName = RollbackStep['name'];

/** An arm the world says nothing about is taken to be up: waiting for it would keep users on the candidate. */
const UNKNOWN = { inFlight: 0, loaded: true, warm: true } as const;
type Seen = Pick<ArmStatus, 'inFlight' | 'loaded' | 'warm'>;
export const look = (observation: Observation, arm: ArmStatus['arm']): Seen =>
  observation.arms.find((status) => status.arm === arm) ?? UNKNOWN;

/** Ends the running step if it is done, and begins the next one, as often as that is possible at this instant. */
export function stepAsFarAsPossible(policy: Policy, turn: Turn, observation: Observation, atMs: number): void {
  let step = turn.state.rollback?.steps.at(-1);
  while (step !== undefined && step.endMs === null && isDone(policy, turn, step, observation, atMs)) {
    closeStep(turn, atMs);
    const next = after(step.name, policy);
    if (next === null) return complete(turn, atMs);
    openStep(turn, next, atMs);
    step = turn.state.rollback?.steps.at(-1);
  }
}

function after(step: StepName, policy: Policy): StepName | null {
  const { preWarm } = policy.rollback;
  if (step === 'load-baseline') return onceLoaded(policy);
  if (step === 'shift-traffic') return 'drain';
  if (step === 'drain' && preWarm === true) return 'pre-warm';
  if (step === 'pre-warm' && preWarm === 'first') return 'shift-traffic';
  return step === 'verify' ? null : 'verify';
}

/** What a baseline in memory does first. */
export const onceLoaded = ({ rollback }: Policy): StepName =>
  rollback.preWarm === 'first' ? 'pre-warm' : 'shift-traffic';

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

export function openStep(turn: Turn, name: StepName, atMs: number): void {
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

export function closeStep(turn: Turn, atMs: number): void {
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

/** What a step that is not done is waiting for. */
export function waitingFor(step: StepName, observation: Observation, turn: Turn): string {
  if (step === 'drain') return `${whole(look(observation, 'candidate').inFlight)} requests in flight at the candidate`;
  if (step === 'load-baseline') return 'the baseline is not loaded';
  if (step === 'pre-warm') return "the baseline's cache is being warmed";
  return `the baseline has answered within its bounds for ${duration(turn.state.verifiedMs)}`;
}
