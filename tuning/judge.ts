/**
 * Policy × recording, without simulating: the windows that were recorded are handed to the same `decide` that led a rehearsal, up to
 * its first action on the traffic that the recording does not hold (INV-10). Until then it could not have changed anything, so the
 * decisions are those a full rehearsal would have made.
 */
import { controller } from '../controller/decide.ts';
import type { Decision, GuardVerdict, RolloutVerdict, Step } from '../controller/decision.ts';
import type { Policy } from '../controller/policy.ts';
import { leadsAlike } from './schedule.ts';
import { ROUNDING_MS, type RolloutState } from '../controller/state.ts';
import type { Provenance } from '../telemetry/provenance.ts';
import type { Recording } from '../telemetry/recording.ts';
import type { Observation } from '../world.ts';

/**
 * How far a policy came: to a verdict; `off-schedule`: it led the traffic otherwise than was recorded, mostly by extending a stage,
 * and only a rehearsal can tell what came of it; `recording-over`: it was still watching when the recording ended.
 */
export type JudgedVerdict = Exclude<RolloutVerdict, 'running'> | 'off-schedule' | 'recording-over';

export interface Judgement {
  readonly verdict: JudgedVerdict;
  /** When that was decided; null for `recording-over`. */
  readonly decidedAtMs: number | null;
  /** Stage in which it was decided; null before the first. */
  readonly stage: string | null;
  /** The guard that decided; null when none did. */
  readonly guard: string | null;
}

/** With every decision and guard verdict up to there, in the order of a rehearsal. */
export interface FullJudgement extends Judgement {
  readonly explanation: string;
  readonly endedBy: GuardVerdict | null;
  readonly decisions: readonly Decision[];
  readonly verdicts: readonly GuardVerdict[];
}

export type Judged = Pick<Recording, 'header' | 'windows'> & { readonly provenance: Provenance };

/** Throws RangeError when the recording lacks what the policy reads: ask `misfits` first. */
export function judge(policy: Policy, recording: Judged): FullJudgement {
  const { header, provenance } = recording;
  const replay = new Replay(recording);
  const decisions: Decision[] = [];
  const verdicts: GuardVerdict[] = [];
  const take = (step: Step<RolloutState>): RolloutState => {
    decisions.push(...upToRollback(step.decisions));
    verdicts.push(...step.verdicts);
    return step.state;
  };
  const result = (state: RolloutState, verdict: JudgedVerdict, atMs: number | null): FullJudgement => ({
    verdict,
    decidedAtMs: atMs,
    stage: state.stages.at(-1)?.name ?? null,
    guard: state.endedBy?.guard ?? null,
    explanation: state.verdict === 'running' && state.rollback === null ? WORDS[verdict] : state.explanation,
    endedBy: state.endedBy,
    decisions,
    verdicts,
  });
  let state = take(controller.begin(policy, { schemaIssues: provenance.schemaIssues }, header));
  for (;;) {
    if (state.rollback !== null) return result(state, 'rolled-back', state.decidedAtMs);
    if (state.verdict !== 'running') return result(state, state.verdict, state.decidedAtMs);
    if (!replay.agrees(state)) return result(state, 'off-schedule', replay.nowMs);
    const observation = replay.advance(state.wakeMs);
    if (observation === null) return result(state, 'recording-over', null);
    state = take(controller.decide(policy, state, observation));
  }
}

const WORDS: Readonly<Record<JudgedVerdict, string>> = {
  promoted: 'promoted',
  'rolled-back': 'rolled back',
  paused: 'paused',
  refused: 'refused',
  'off-schedule': 'leads the traffic otherwise than was recorded from here on: only a rehearsal can tell',
  'recording-over': 'was still watching when the recording ended',
};

/** The steps of a rollback need a world that answers. */
function upToRollback(decisions: readonly Decision[]): readonly Decision[] {
  const at = decisions.findIndex(({ kind }) => kind === 'roll-back');
  return at < 0 ? decisions : decisions.slice(0, at + 1);
}

/** Hands out a recording as a world would have shown it. */
class Replay {
  nowMs = 0;
  private readonly recording: Judged;
  private next = 0;

  constructor(recording: Judged) {
    this.recording = recording;
  }

  /** Whether the traffic is led as it was recorded at this instant. */
  agrees({ stages }: RolloutState): boolean {
    const recorded = this.recording.provenance.stages.filter(({ startMs }) => startMs <= this.nowMs + ROUNDING_MS);
    return (
      stages.length === recorded.length &&
      recorded.every((stage, i) => {
        const own = stages[i]!;
        return leadsAlike(own, stage) && Math.abs(own.startMs - stage.startMs) <= ROUNDING_MS;
      })
    );
  }

  /** What was seen up to `untilMs`; null when it was not recorded. */
  advance(untilMs: number): Observation | null {
    const { windows, provenance } = this.recording;
    const lastMs = provenance.stages.at(-1)?.endMs ?? 0;
    const isOver = provenance.trafficEnded && Math.min(lastMs, untilMs) > provenance.endMs - ROUNDING_MS;
    // After its last stage the recorded rollout was led by its end: a rollback, or a promotion.
    if (!isOver && untilMs > lastMs + ROUNDING_MS) return null;
    this.nowMs = Math.min(untilMs, provenance.endMs);
    const from = this.next;
    while (this.next < windows.length && windows[this.next]!.endMs <= this.nowMs + ROUNDING_MS) this.next++;
    return { nowMs: this.nowMs, windows: windows.slice(from, this.next), arms: [], trafficEnded: isOver };
  }
}
