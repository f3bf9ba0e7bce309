/** A stage's life: it starts, is held, advances when its required guards pass, is extended when they do not, then pauses. */
import type { Action } from '../world.ts';
import { closeness, exhaustedSentence, extendSentence, promotionSentence, stageSentence } from './explain.ts';
import type { Evaluated } from './guards/evaluate.ts';
import { type Policy, segmentsIn, type Stage } from './policy.ts';
import { NO_SPLIT, ROUNDING_MS } from './state.ts';
import { nextStage } from './test-memory.ts';
import { change, endStage, finish, say, type Turn } from './turn.ts';

/** The stage that is running. Throws when the state belongs to another policy. */
export function stageOf(policy: Policy, index: number): Stage {
  const stage = policy.stages[index];
  if (stage === undefined) throw new RangeError(`got stage ${index}, expected one of ${policy.stages.length}`);
  return stage;
}

type Traffic = Pick<Stage, 'weightPercent' | 'mirrorPercent' | 'controlPercent' | 'segments'>;

/** What leads the traffic from one stage's shares to the next one's; `before` is undefined for the first. */
export function trafficActions(before: Traffic | undefined, stage: Traffic & Pick<Stage, 'name'>): Action[] {
  const { name, weightPercent, mirrorPercent, controlPercent } = stage;
  const actions: Action[] = [];
  if (before?.mirrorPercent !== mirrorPercent) actions.push({ kind: 'mirror', percent: mirrorPercent, stage: name });
  if (
    before?.weightPercent !== weightPercent ||
    before.controlPercent !== controlPercent ||
    !sameSegments(before, stage)
  ) {
    const control = controlPercent > 0 ? { controlPercent } : {};
    actions.push({ kind: 'set-weight', weightPercent, ...control, ...segmentsIn(stage), stage: name });
  }
  return actions;
}

/** Whether two stages are about the same requests. */
export const sameSegments = (a: Pick<Stage, 'segments'>, b: Pick<Stage, 'segments'>): boolean =>
  a.segments?.toSorted().join('\n') === b.segments?.toSorted().join('\n');

/**
 * Moves the traffic to stage `index`. A last stage without a hold is the promotion itself: all evidence was gathered before.
 * The first stage is never that, so that nothing is promoted unseen.
 */
export function startStage(
  policy: Policy,
  turn: Turn,
  index: number,
  atMs: number,
  passed: readonly Evaluated[],
): void {
  const stage = stageOf(policy, index);
  const { name, weightPercent, mirrorPercent, controlPercent } = stage;
  const before = turn.state.stages.at(-1);
  endStage(turn, atMs);
  const record = {
    name,
    weightPercent,
    mirrorPercent,
    controlPercent,
    ...segmentsIn(stage),
    startMs: atMs,
    endMs: null,
  };
  change(turn, {
    stageIndex: index,
    stageStartMs: atMs,
    extended: false,
    stages: [...turn.state.stages, record],
    streaks: carriedOver(policy, turn.state.streaks),
    memories: mapped(carriedOver(policy, turn.state.memories), nextStage),
    standing: carriedOver(policy, turn.state.standing),
    split: NO_SPLIT,
    // A new stage is a new onset: what was told about the old one says nothing about this one.
    alerted: [],
  });
  turn.actions.push(...trafficActions(before, stage));
  say(turn, atMs, 'start-stage', null, stageSentence(stage, passed, before?.name ?? null));
  if (index > 0 && index === policy.stages.length - 1 && stage.holdMs === 0) promote(policy, turn, atMs);
}

/** What guards keep when a stage begins: only those that say so. */
function carriedOver<T>(policy: Policy, kept: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  const keeps = new Set(policy.guards.filter((guard) => guard.carryOver).map((guard) => guard.name));
  return Object.fromEntries(Object.entries(kept).filter(([name]) => keeps.has(name)));
}

const mapped = <T>(record: Readonly<Record<string, T>>, by: (value: T) => T): Readonly<Record<string, T>> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, by(value)]));

function promote(policy: Policy, turn: Turn, atMs: number): void {
  const explanation = promotionSentence(policy, turn.state.closest);
  finish(turn, atMs, 'promoted');
  change(turn, { decidedAtMs: atMs, explanation });
  say(turn, atMs, 'promote', null, explanation);
}

/** Pauses the rollout: the weights stay as they are until a person decides. */
export function pause(turn: Turn, atMs: number, guard: string | null, explanation: string): void {
  finish(turn, atMs, 'paused');
  change(turn, { decidedAtMs: atMs, explanation });
  say(turn, atMs, 'pause', guard, explanation);
}

/** The stage's hold is over: advance, or extend, or give up. Only a required guard that passes advances a stage (law L3). */
export function endOfHold(policy: Policy, turn: Turn, atMs: number, evaluated: readonly Evaluated[]): void {
  const { stageIndex, stageStartMs, extended } = turn.state;
  const stage = stageOf(policy, stageIndex);
  const required = evaluated.filter(({ guard }) => guard.requiredToAdvance);
  const blockers = evaluated.filter(blocks);
  if (required.length > 0 && blockers.length === 0) {
    change(turn, { closest: closestOf(turn.state.closest, required) });
    if (stageIndex === policy.stages.length - 1) promote(policy, turn, atMs);
    else startStage(policy, turn, stageIndex + 1, atMs, required);
    return;
  }
  const guard = blockers[0]?.verdict ?? null;
  if (atMs - stageStartMs >= stage.holdMs + stage.extendMs - ROUNDING_MS) {
    pause(turn, atMs, guard?.guard ?? null, exhaustedSentence(stage, blockers, atMs - stageStartMs));
    change(turn, { endedBy: guard });
  } else if (!extended) {
    change(turn, { extended: true });
    say(turn, atMs, 'extend', guard?.guard ?? null, extendSentence(stage, blockers));
  }
}

const blocks = ({ guard, verdict }: Evaluated): boolean =>
  (guard.requiredToAdvance && verdict.verdict !== 'pass') || (guard.action === 'hold' && verdict.verdict === 'breach');

type Closest = Turn['state']['closest'];

const closestOf = (before: Closest, required: readonly Evaluated[]): Closest =>
  required
    .map(closeness)
    .reduce((best, each) => (each !== null && (best === null || each.share > best.share) ? each : best), before);
