/** One call of the controller while it is being worked out: collects what changes, then becomes a Step. */
import type { Action } from '../world.ts';
import type { Decision, DecisionKind, GuardVerdict, RolloutVerdict, Step } from './decision.ts';
import type { RolloutState } from './state.ts';

export interface Turn {
  state: RolloutState;
  readonly actions: Action[];
  readonly verdicts: GuardVerdict[];
  readonly decisions: Decision[];
}

export const openTurn = (state: RolloutState): Turn => ({ state, actions: [], verdicts: [], decisions: [] });

export const closeTurn = ({ state, actions, verdicts, decisions }: Turn): Step<RolloutState> => ({
  state,
  actions,
  verdicts,
  decisions,
});

/** Lays `changes` over the state; the state handed in by the caller stays as it was. */
export function change(turn: Turn, changes: Partial<RolloutState>): void {
  turn.state = { ...turn.state, ...changes };
}

export function say(turn: Turn, atMs: number, kind: DecisionKind, guard: string | null, sentence: string): void {
  const stage = turn.state.stages.at(-1)?.name ?? '';
  turn.decisions.push({ atMs, kind, stage, guard, sentence });
}

/** Tells people: a decision for the record and an action for the world. */
export function alert(turn: Turn, atMs: number, guard: string, sentence: string): void {
  say(turn, atMs, 'alert', guard, sentence);
  turn.actions.push({ kind: 'alert', guard, message: sentence });
}

/** Ends the stage that is running, if one is. */
export function endStage(turn: Turn, atMs: number): void {
  const { stages } = turn.state;
  change(turn, { stages: stages.map((stage) => (stage.endMs === null ? { ...stage, endMs: atMs } : stage)) });
}

/** Ends the rollout: nothing is evaluated afterwards, whatever is still handed in. */
export function finish(turn: Turn, atMs: number, verdict: Exclude<RolloutVerdict, 'running'>): void {
  endStage(turn, atMs);
  change(turn, { verdict, wakeMs: atMs });
}
