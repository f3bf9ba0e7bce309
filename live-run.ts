/** A live world for a scenario and a policy: the schedule that load and windows need to know before the first request. */
import { fileIssue, type Issue } from './config/issues.ts';
import { tellsUsersApart } from './controller/needs.ts';
import { type Policy, usesControl } from './controller/policy.ts';
import { thresholdsOf } from './controller/thresholds.ts';
import { type OpenLive, openLive } from './live/open.ts';
import type { FoundK6 } from './live/load/find-k6.ts';
import type { GeneratorKind } from './live/load/plan.ts';
import { deviationsOf } from './live/refusals.ts';
import type { ReadCalibration } from './scenarios/calibration.ts';
import type { Scenario } from './scenarios/scenario.ts';
import { type CalibratedScenario, calibrated } from './sim/calibrated.ts';
import type { PlannedStage } from './sim/arrivals/requests.ts';

/** How a live rehearsal is to be done. */
export interface LiveChoice {
  readonly load: GeneratorKind;
  /** The k6 to use, for a load of that kind. */
  readonly k6: FoundK6 | null;
  /** `redis://…` of the feature store; null keeps it in an SQLite file. */
  readonly redis: string | null;
  readonly onNote?: (note: string) => void;
}

/** Live windows are no shorter: closing them, and telling how busy replicas were, takes its time. */
const SHORTEST_WINDOW_MS = 1000;
/** Beyond the policy's longest way: the last windows, and rollbacks that are looked at once a second. */
const SLACK_MS = 15_000;

/** The scenario with telemetry windows that real processes can keep up with, and what that changes, in words. */
export function liveScenario(
  scenario: Scenario,
  policy: Policy,
): { readonly scenario: Scenario; readonly deviations: readonly string[] } {
  const { windowMs } = scenario;
  if (windowMs >= SHORTEST_WINDOW_MS) return { scenario, deviations: [] };
  const perEvaluation = Math.max(1, Math.floor(policy.evaluateEveryMs / SHORTEST_WINDOW_MS));
  const longer = policy.evaluateEveryMs / perEvaluation;
  const deviation = `telemetry windows are ${Math.round(longer)} ms long, where the compressed schedule says ${Math.round(windowMs)} ms`;
  return { scenario: { ...scenario, windowMs: longer }, deviations: [deviation] };
}

/**
 * The scenario as its live rehearsal plays it, for the simulator: measured times, windows as long, and every replica with an exact cache of
 * its own. What differs from the stated scenario is in `notes`.
 */
export function liveTwin(stated: Scenario, policy: Policy, read: ReadCalibration): CalibratedScenario {
  const { scenario, deviations } = liveScenario(stated, policy);
  const { features } = scenario;
  const cache = { ...features.cache, scope: 'replica', eviction: 'lru' } as const;
  const twin = calibrated({ ...scenario, features: { ...features, cache } }, read);
  return { ...twin, notes: [...deviationsOf(scenario), ...deviations, ...twin.notes] };
}

/** What no gateway does for a policy, whatever the scenario is; empty when there is none of it. */
export function livePolicyIssues(policy: Policy): Issue[] {
  const byUser = policy.guards.filter(tellsUsersApart);
  return [
    ...(usesControl(policy)
      ? [
          fileIssue(
            '--live',
            `got policy ${policy.name} with a control cohort, expected one without: real servers have two arms`,
          ),
        ]
      : []),
    ...byUser.map(({ name }) =>
      fileIssue(
        '--live',
        `got guard ${name} of policy ${policy.name}, which tells users apart, expected none with clusterBy: the gateway does not keep whose a label is`,
      ),
    ),
  ];
}

/** When the stages begin if the rollout goes as planned. */
export function plannedStages({ stages }: Policy): PlannedStage[] {
  let startMs = 0;
  return stages.map(({ name, weightPercent, holdMs }) => {
    const planned = { name, startMs, weightPercent };
    startMs += holdMs;
    return planned;
  });
}

/** The longest that a rollout under this policy wants traffic: every stage extended, and then a rollback at its deadline. */
export const trafficMs = ({ stages, rollback }: Policy): number =>
  stages.reduce((sum, { holdMs, extendMs }) => sum + holdMs + extendMs, 0) +
  rollback.deadlineMs +
  rollback.verifyMs +
  SLACK_MS;

/** Rejects with BadInput, MissingRuntime, LiveFailure or the signal's reason. */
export function openLiveRun(
  scenario: Scenario,
  policy: Policy,
  choice: LiveChoice,
  { runtime, signal, deviations }: { runtime: string; signal: AbortSignal | undefined; deviations: readonly string[] },
): Promise<OpenLive> {
  return openLive(scenario, {
    ...choice,
    runtime,
    signal,
    deviations,
    thresholds: thresholdsOf(policy),
    untilMs: trafficMs(policy),
    stages: plannedStages(policy),
  });
}
