/**
 * How a policy leads the traffic when nothing stops it: each stage begins at the evaluation at which the one before has been held
 * long enough. Policies with one schedule can be judged on the same recordings; another schedule means another world, since weights
 * warm caches, load fleets and trigger faults.
 */
import { hashOf } from '../config/hash.ts';
import type { Controller, ControllerState, PreFlight, Step } from '../controller/decision.ts';
import { type Policy, segmentsIn } from '../controller/policy.ts';
import { sameSegments, trafficActions } from '../controller/stages.ts';
import { ROUNDING_MS } from '../controller/state.ts';
import type { Provenance } from '../telemetry/provenance.ts';
import type { Action, Observation } from '../world.ts';

export interface ScheduledStage {
  readonly name: string;
  readonly weightPercent: number;
  readonly mirrorPercent: number;
  readonly controlPercent: number;
  readonly segments?: readonly string[];
  readonly startMs: number;
}

export interface Schedule {
  /** A last stage without a hold is the promotion itself and begins at `endMs`. */
  readonly stages: readonly ScheduledStage[];
  readonly endMs: number;
  /** Nothing is sent when the models' feature schemas differ. */
  readonly refuses: boolean;
}

/** The first evaluation at which a stage that began at `startMs` has been held, as its number from 1. */
const heldAt = (startMs: number, holdMs: number, everyMs: number): number =>
  Math.ceil((startMs + holdMs - ROUNDING_MS) / everyMs);

export function scheduleOf({ stages, evaluateEveryMs, requireCompatibleSchemas }: Policy): Schedule {
  let startMs = 0;
  const scheduled = stages.map((each, i): ScheduledStage => {
    const { name, weightPercent, mirrorPercent, controlPercent, holdMs } = each;
    const stage = { name, weightPercent, mirrorPercent, controlPercent, ...segmentsIn(each), startMs };
    const promotesAtOnce = i > 0 && i === stages.length - 1 && holdMs === 0;
    if (!promotesAtOnce) startMs = heldAt(startMs, holdMs, evaluateEveryMs) * evaluateEveryMs;
    return stage;
  });
  return { stages: scheduled, endMs: startMs, refuses: requireCompatibleSchemas };
}

const rounded = (ms: number): number => Math.round(ms * 1e6) / 1e6;

/** Equal for policies that can be judged on one recording. Instants are rounded to a nanosecond, as sums of fractions are. */
export function scheduleKey(schedule: Schedule): string {
  const stages = schedule.stages.map((stage) => ({ ...stage, startMs: rounded(stage.startMs) }));
  return hashOf({ ...schedule, stages, endMs: rounded(schedule.endMs) });
}

interface ScheduleState extends ControllerState {
  readonly evaluations: number;
}

/** Leads the traffic through the policy's schedule to its end, whatever the guards would say. */
export const scheduleController: Controller<ScheduleState> = {
  begin(policy, { schemaIssues }: PreFlight) {
    const refused = policy.requireCompatibleSchemas && schemaIssues.length > 0;
    const state: ScheduleState = {
      wakeMs: policy.evaluateEveryMs,
      verdict: refused ? 'refused' : 'running',
      decidedAtMs: refused ? 0 : null,
      explanation: refused ? 'refused' : 'recording',
      endedBy: null,
      stages: [],
      rollback: null,
      evaluations: 0,
    };
    return refused ? stepOf(state, []) : enter(policy, state, 0);
  },
  decide(policy, state, { nowMs, trafficEnded }: Observation) {
    if (state.verdict !== 'running') return stepOf(state, []);
    if (nowMs < state.wakeMs - ROUNDING_MS) return stepOf(trafficEnded ? ended(state, nowMs, 'paused') : state, []);
    const evaluations = state.evaluations + 1;
    const atMs = state.wakeMs;
    const step = enter(policy, { ...state, evaluations, wakeMs: (evaluations + 1) * policy.evaluateEveryMs }, atMs);
    const stopped = trafficEnded && step.state.verdict === 'running';
    return stopped ? stepOf(ended(step.state, nowMs, 'paused'), step.actions) : step;
  },
};

/** Begins every stage that is due at `atMs`; ends at the end of the schedule. */
function enter(policy: Policy, state: ScheduleState, atMs: number): Step<ScheduleState> {
  const { stages, endMs } = scheduleOf(policy);
  const actions: Action[] = [];
  let now = state;
  for (const stage of stages.slice(state.stages.length)) {
    if (stage.startMs > atMs + ROUNDING_MS) break;
    actions.push(...trafficActions(now.stages.at(-1), stage));
    const { stages: closed } = ended(now, atMs, 'running');
    now = { ...now, stages: [...closed, { ...stage, startMs: atMs, endMs: null }] };
  }
  return stepOf(atMs >= endMs - ROUNDING_MS ? ended(now, atMs, 'promoted') : now, actions);
}

const ended = (state: ScheduleState, atMs: number, verdict: ScheduleState['verdict']): ScheduleState => ({
  ...state,
  verdict,
  decidedAtMs: verdict === 'running' ? null : atMs,
  wakeMs: verdict === 'running' ? state.wakeMs : atMs,
  stages: state.stages.map((stage) => (stage.endMs === null ? { ...stage, endMs: atMs } : stage)),
});

const stepOf = (state: ScheduleState, actions: readonly Action[]): Step<ScheduleState> => ({
  state,
  actions,
  verdicts: [],
  decisions: [],
});

/** Whether two stages share the traffic in the same way, under the same name. */
export const leadsAlike = (a: Omit<ScheduledStage, 'startMs'>, b: Omit<ScheduledStage, 'startMs'>): boolean =>
  a.name === b.name &&
  a.weightPercent === b.weightPercent &&
  a.mirrorPercent === b.mirrorPercent &&
  a.controlPercent === b.controlPercent &&
  sameSegments(a, b);

const near = (a: number, b: number): boolean => Math.abs(a - b) <= ROUNDING_MS;

/**
 * Whether a recording was led as a policy leads its traffic, to the policy's promotion or to the end of all traffic. Only then can the
 * policy be judged on it without following every step.
 */
export function isOnSchedule(policy: Policy, { stages, complete, trafficEnded, endMs }: Provenance): boolean {
  const planned = scheduleOf(policy);
  const startOf = (i: number): number => planned.stages[i]?.startMs ?? planned.endMs;
  const sameSoFar = stages.every((stage, i) => {
    const own = planned.stages[i];
    return (
      own !== undefined &&
      leadsAlike(own, stage) &&
      near(own.startMs, stage.startMs) &&
      (i === stages.length - 1 || near(startOf(i + 1), stage.endMs))
    );
  });
  if (!sameSoFar) return false;
  if (complete) return stages.length === planned.stages.length && near(endMs, planned.endMs);
  const lastMs = stages.at(-1)?.endMs ?? 0;
  return trafficEnded && near(lastMs, endMs) && lastMs <= startOf(stages.length) + ROUNDING_MS;
}
