/** Guards that are asked at every evaluation of a schedule that nobody leaves, exactly as `decide` asks them, while nothing follows from what they say. */
import type { Window, WindowHeader } from '../telemetry/window.ts';
import { ask } from './evaluation.ts';
import { fold } from './fold.ts';
import type { Evaluated } from './guards/evaluate.ts';
import type { Policy } from './policy.ts';
import { stageOf, startStage } from './stages.ts';
import { freshState } from './state.ts';
import { change, openTurn, type Turn } from './turn.ts';

export class GuardWatch {
  private readonly policy: Policy;
  private turn: Turn;

  constructor(policy: Policy, header: WindowHeader) {
    this.policy = policy;
    this.turn = openTurn(freshState(header, policy.evaluateEveryMs));
  }

  /** Stage `index` (place in the policy) begins after the evaluation that was due at `atMs`. */
  begin(index: number, atMs: number): void {
    startStage(this.policy, this.turn, index, atMs, []);
  }

  /** The next evaluation, with the telemetry windows since the one before: what the guards active in this stage say. */
  evaluate(windows: readonly Window[]): readonly Evaluated[] {
    const { policy } = this;
    // A turn's decisions and actions are for somebody who acts.
    const turn = (this.turn = openTurn(this.turn.state));
    change(turn, { buckets: fold(policy, turn.state.buckets, windows, stageOf(policy, turn.state.stageIndex)) });
    return ask(policy, turn).evaluated;
  }
}
