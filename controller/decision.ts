import type { Action, Observation } from '../world.ts';
import type { Policy } from './policy.ts';

export type Verdict = 'pass' | 'breach' | 'inconclusive';

/** What a statistical test knows beyond its verdict. */
export interface TestReading {
  /** ln E against the candidate and what a breach needs, where the method weighs evidence. */
  readonly evidence: number | null;
  readonly needed: number | null;
  /** Interval of the change (of a ratio or a quantile, as a fraction; of a rank shift, in the metric's unit). */
  readonly low: number | null;
  readonly high: number | null;
}

/** One guard's answer at one evaluation. */
export interface GuardVerdict {
  readonly guard: string;
  /** The part of the requests it read; absent: all of the stage's. */
  readonly segment?: string;
  readonly stage: string;
  readonly atMs: number;
  readonly verdict: Verdict;
  /** The metric's value over the evaluated windows (latest evaluation window for `every`), or null when it cannot be known. */
  readonly value: number | null;
  /** The reference arm's value, for relative bounds. */
  readonly reference: number | null;
  /** What their difference is divided by, where it is not the reference: the interquartile range of scores that may be negative. */
  readonly scale?: number;
  readonly threshold: number | null;
  /** Samples of the guarded arm behind the value. */
  readonly samples: number;
  /** How long it has been over without a break, ms (`every`), or the trailing length (`pooled`). */
  readonly sustainedMs: number;
  /** While it cannot know: how many samples of the guarded arm it takes, at the ratios seen so far. */
  readonly needed?: number;
  /** Why, in one clause with numbers. */
  readonly because: string;
  /** Only of guards that a test decides. */
  readonly test?: TestReading;
}

export type DecisionKind =
  | 'start-stage'
  | 'extend'
  | 'alert'
  | 'pause'
  | 'roll-back'
  | 'rollback-step'
  | 'promote'
  | 'refuse';

/** Something the controller decided; every one explains itself in one sentence with numbers (law L2). */
export interface Decision {
  readonly atMs: number;
  readonly kind: DecisionKind;
  readonly stage: string;
  readonly guard: string | null;
  readonly sentence: string;
}

export interface RollbackStep {
  readonly name: 'stop-mirror' | 'load-baseline' | 'shift-traffic' | 'drain' | 'pre-warm' | 'verify';
  readonly startMs: number;
  readonly endMs: number | null;
}

/** How a rollout ended, or `running`. */
export type RolloutVerdict = 'running' | 'promoted' | 'rolled-back' | 'paused' | 'refused';

export interface StageRecord {
  readonly name: string;
  readonly weightPercent: number;
  readonly mirrorPercent: number;
  readonly controlPercent: number;
  /** Absent: every request. */
  readonly segments?: readonly string[];
  readonly startMs: number;
  readonly endMs: number | null;
}

export interface RollbackRecord {
  readonly decidedAtMs: number;
  readonly guard: string;
  /** When the last request was routed to the candidate. */
  readonly trafficOffMs: number | null;
  readonly completeMs: number | null;
  readonly deadlineMs: number;
  readonly steps: readonly RollbackStep[];
}

/** The part of the controller's state that others read; the rest is the controller's own. All of it is plain data. */
export interface ControllerState {
  /** The instant the controller wants to look again. */
  readonly wakeMs: number;
  readonly verdict: RolloutVerdict;
  readonly decidedAtMs: number | null;
  readonly explanation: string;
  /** The guard verdict that ended the rollout, when one did. */
  readonly endedBy: GuardVerdict | null;
  readonly stages: readonly StageRecord[];
  readonly rollback: RollbackRecord | null;
}

export interface Step<S extends ControllerState> {
  readonly state: S;
  readonly actions: readonly Action[];
  /** One per active guard, at evaluation instants; empty otherwise. */
  readonly verdicts: readonly GuardVerdict[];
  readonly decisions: readonly Decision[];
}

/** What is known before the first request: whether the rollout may start at all. */
export interface PreFlight {
  /** One sentence per incompatibility between the models' feature schemas; empty = compatible. */
  readonly schemaIssues: readonly string[];
}

/** A controller: pure functions over plain data. `begin` gives the first actions at t = 0. */
export interface Controller<S extends ControllerState> {
  begin(policy: Policy, preFlight: PreFlight, header: import('../telemetry/window.ts').WindowHeader): Step<S>;
  decide(policy: Policy, state: S, observation: Observation): Step<S>;
}
