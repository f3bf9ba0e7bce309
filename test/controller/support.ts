/** Windows, policies and a small world for the controller's tests. */
import { begin, decide } from '../../controller/decide.ts';
import type { Decision, GuardVerdict, PreFlight, Step } from '../../controller/decision.ts';
import type { Guard, Policy, Stage, SustainedGuard } from '../../controller/policy.ts';
import type { RolloutState } from '../../controller/state.ts';
import { thresholdsOf } from '../../controller/thresholds.ts';
import { NO_TIMES } from '../../telemetry/histogram.ts';
import {
  type Arm,
  type ArmWindow,
  ARMS,
  type ScoreHistogram,
  type Window,
  type WindowHeader,
} from '../../telemetry/window.ts';
import type { Action, ArmStatus, Observation } from '../../world.ts';

export const MINUTE = 60_000;
export const WINDOW_MS = 10_000;
export const NO_SCORES: ScoreHistogram = { count: 0, sum: 0, bins: new Uint32Array(0), counts: new Uint32Array(0) };

export function guardOf(changes?: Partial<SustainedGuard>): SustainedGuard;
export function guardOf(changes: Partial<Guard>): Guard;
export function guardOf(changes: Partial<Guard> = {}): Guard {
  return {
    name: 'errors',
    description: null,
    metric: { kind: 'error-ratio' },
    bound: { kind: 'absolute', breachWhen: '>', value: 0.001 },
    sustained: { forMs: MINUTE, reading: 'pooled' },
    test: null,
    delayMs: 0,
    action: 'roll-back',
    stages: null,
    segment: 'all',
    requiredToAdvance: true,
    minSamples: 1,
    minPositives: 0,
    carryOver: false,
    ...changes,
  };
}

export const stageOf = (name: string, weightPercent: number, changes: Partial<Stage> = {}): Stage => ({
  name,
  weightPercent,
  mirrorPercent: 0,
  holdMs: 2 * MINUTE,
  extendMs: 2 * MINUTE,
  ...changes,
});

export function policyOf(changes: Partial<Policy> = {}): Policy {
  return {
    name: 'test',
    description: null,
    dialect: 'coalmine',
    evaluateEveryMs: MINUTE,
    maxGap: 5,
    coverage: 0.8,
    requireCompatibleSchemas: true,
    stages: [stageOf('canary', 10), stageOf('full', 100, { holdMs: 0, extendMs: 0 })],
    guards: [guardOf()],
    rollback: { deadlineMs: 2 * MINUTE, preWarm: true, verifyMs: WINDOW_MS },
    ...changes,
  };
}

export const headerOf = (policy: Policy): WindowHeader => ({
  windowMs: WINDOW_MS,
  arms: ARMS,
  segments: ['all'],
  thresholds: thresholdsOf(policy),
  scoreGrid: { low: 0, high: 1, bins: 100 },
});

export const scoresOf = (bin: number, count: number): ScoreHistogram =>
  count === 0
    ? NO_SCORES
    : { count, sum: (bin + 0.5) * 0.01 * count, bins: Uint32Array.of(bin), counts: Uint32Array.of(count) };

export function rowOf(
  arm: Arm,
  index: number,
  changes: Partial<ArmWindow> = {},
  windowMs: number = WINDOW_MS,
): ArmWindow {
  const requests = changes.requests ?? 0;
  const errors = changes.errors ?? 0;
  return {
    index,
    startMs: index * windowMs,
    endMs: (index + 1) * windowMs,
    arm,
    segment: 'all',
    weightPercent: 0,
    arrived: requests,
    arrivedMirrored: changes.mirrored ?? 0,
    inFlight: 0,
    requests,
    mirrored: 0,
    completed: requests - errors,
    failed: errors,
    rejected: 0,
    timedOut: 0,
    errors,
    over: [],
    latency: NO_TIMES,
    wait: NO_TIMES,
    featureFetch: NO_TIMES,
    cacheHits: 0,
    cacheMisses: 0,
    featuresMissing: 0,
    impressions: 0,
    outcomes: 0,
    scores: NO_SCORES,
    busyMs: null,
    capacityMs: null,
    readyReplicas: null,
    shadow: null,
    ...changes,
  };
}

export const windowOf = (index: number, rows: readonly ArmWindow[], windowMs: number = WINDOW_MS): Window => ({
  index,
  startMs: index * windowMs,
  endMs: (index + 1) * windowMs,
  rows,
});

/** What happens in telemetry window `index` when the router is set like this; null: the window is lost. */
export type Script = (index: number, router: { weight: number; mirror: number }) => readonly ArmWindow[] | null;

/** `perWindow` requests in all, shared by weight; `candidate` and `baseline` change what the arms' rows hold. */
export const steady =
  (
    perWindow: number,
    candidate: (index: number, requests: number) => Partial<ArmWindow> = () => ({}),
    baseline: (index: number, requests: number) => Partial<ArmWindow> = () => ({}),
  ): Script =>
  (index, { weight, mirror }) => {
    const toUsers = Math.round((perWindow * weight) / 100);
    const mirrored = Math.round((perWindow * mirror) / 100);
    const requests = toUsers + mirrored;
    return [
      rowOf('baseline', index, { requests: perWindow - toUsers, ...baseline(index, perWindow - toUsers) }),
      rowOf('candidate', index, { requests, mirrored, ...candidate(index, requests) }),
    ];
  };

export interface WorldSettings {
  readonly script: Script;
  readonly trafficMs?: number;
  readonly baselineLoadedAtMs?: number;
  /** How long the candidate's requests take to drain after traffic left it, and how long pre-warming takes. */
  readonly drainMs?: number;
  readonly warmMs?: number;
  /** How `advance` cuts the way to the wake time: the instants it stops at on its way. */
  readonly stops?: (fromMs: number, wakeMs: number) => readonly number[];
  readonly windowMs?: number;
  readonly preFlight?: PreFlight;
  /** Called with every state; what it returns is used instead. */
  readonly through?: (state: RolloutState) => RolloutState;
}

export interface Run {
  readonly state: RolloutState;
  readonly actions: readonly { readonly atMs: number; readonly action: Action }[];
  readonly verdicts: readonly GuardVerdict[];
  readonly decisions: readonly Decision[];
}

/** Rehearses `policy` in a scripted world. */
export function rehearse(policy: Policy, settings: WorldSettings, header: WindowHeader = headerOf(policy)): Run {
  const {
    script,
    trafficMs = Infinity,
    baselineLoadedAtMs = 0,
    drainMs = 0,
    warmMs = 0,
    windowMs = WINDOW_MS,
  } = settings;
  const through = settings.through ?? ((state: RolloutState) => state);
  const run = {
    actions: [] as { atMs: number; action: Action }[],
    verdicts: [] as GuardVerdict[],
    decisions: [] as Decision[],
  };
  const router = { weight: 0, mirror: 0, offMs: Infinity };
  let loadedAtMs = baselineLoadedAtMs;
  let warmAtMs = 0;
  let nowMs = 0;
  let next = 0;
  const take = (step: Step<RolloutState>): RolloutState => {
    for (const action of step.actions) {
      run.actions.push({ atMs: nowMs, action });
      if (action.kind === 'set-weight') {
        if (action.weightPercent === 0 && router.weight > 0) router.offMs = nowMs;
        router.weight = action.weightPercent;
      }
      if (action.kind === 'mirror') router.mirror = action.percent;
      if (action.kind === 'pre-warm') warmAtMs = nowMs + warmMs;
      if (action.kind === 'load') loadedAtMs = Math.max(loadedAtMs, nowMs);
    }
    run.verdicts.push(...step.verdicts);
    run.decisions.push(...step.decisions);
    return through(step.state);
  };
  let state = take(begin(policy, settings.preFlight ?? { schemaIssues: [] }, header));
  for (let turns = 0; state.verdict === 'running'; turns++) {
    if (turns > 200_000) throw new Error('the rollout does not end');
    const wakeMs = state.wakeMs;
    for (const stop of [...(settings.stops?.(nowMs, wakeMs) ?? []), wakeMs]) {
      if (state.verdict !== 'running') break;
      nowMs = Math.min(stop, trafficMs);
      const windows: Window[] = [];
      for (; (next + 1) * windowMs <= nowMs + 1e-6; next++) {
        const rows = script(next, router);
        if (rows !== null) windows.push(windowOf(next, rows, windowMs));
      }
      state = take(decide(policy, state, { nowMs, windows, arms: arms(), trafficEnded: nowMs >= trafficMs }));
    }
  }
  return { ...run, state };

  function arms(): ArmStatus[] {
    const up = { inFlight: 0, readyReplicas: 1, wantedReplicas: 1, loaded: true, warm: true };
    const draining = router.weight > 0 || nowMs < router.offMs + drainMs;
    return [
      { ...up, arm: 'baseline', loaded: nowMs >= loadedAtMs, warm: nowMs >= warmAtMs },
      { ...up, arm: 'candidate', inFlight: draining && router.weight + drainMs > 0 ? 3 : 0 },
    ];
  }
}

export const sentences = (run: Run, kind: Decision['kind']): string[] =>
  run.decisions.filter((each) => each.kind === kind).map((each) => each.sentence);

export const observe = (nowMs: number, windows: readonly Window[] = []): Observation => ({
  nowMs,
  windows,
  arms: [],
  trafficEnded: false,
});
