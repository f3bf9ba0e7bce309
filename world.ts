import type { Arm, Window, WindowHeader } from './telemetry/window.ts';

/** What the controller may do to a world. Weights change in no other way (INV-9). */
export type Action =
  /**
   * Router: this share of the requests goes to the candidate, another (default 0) to the control cohort, the rest to the baseline.
   * With `segments` only requests of these are shared out or mirrored, until the next set-weight; all others stay with the baseline.
   */
  | {
      readonly kind: 'set-weight';
      readonly weightPercent: number;
      readonly controlPercent?: number;
      readonly segments?: readonly string[];
      readonly stage: string;
    }
  /** Router: a copy of this share of the requests goes to the candidate (and to the control cohort), whose answer no user sees. 0 stops. */
  | { readonly kind: 'mirror'; readonly percent: number; readonly stage: string }
  /** Fleet: bring the arm's model into memory on every replica; takes its load time when it was unloaded. */
  | { readonly kind: 'load'; readonly arm: Arm }
  /** Feature cache: fetch the arm's most popular keys before traffic needs them. */
  | { readonly kind: 'pre-warm'; readonly arm: Arm }
  /** Tells people; changes nothing. */
  | { readonly kind: 'alert'; readonly guard: string; readonly message: string }
  /** Marks the beginning of a rollback, which then proceeds by set-weight, mirror, load and pre-warm. */
  | { readonly kind: 'roll-back'; readonly guard: string };

/** What an arm looks like from outside at the instant `advance` returned: what a rollback's steps wait for. */
export interface ArmStatus {
  readonly arm: Arm;
  /** Requests accepted and not yet answered. */
  readonly inFlight: number;
  readonly readyReplicas: number;
  readonly wantedReplicas: number;
  /** The model is in memory on all wanted replicas. */
  readonly loaded: boolean;
  /** No pre-warming is under way. */
  readonly warm: boolean;
}

export interface Observation {
  /** The instant up to which the world has advanced: the wake time asked for (a world in wall time a little later), less when traffic ended. */
  readonly nowMs: number;
  /** Windows that closed since the last observation, oldest first. */
  readonly windows: readonly Window[];
  readonly arms: readonly ArmStatus[];
  /** No request will ever arrive again (a finite trace has ended, or the scenario's time limit is reached). */
  readonly trafficEnded: boolean;
}

/** A simulated or a live world. One promise per advance, never per request. */
export interface World {
  readonly header: WindowHeader;
  /** Runs up to `untilMs` (ms since the rehearsal began) and reports what happened. */
  advance(untilMs: number): Promise<Observation>;
  /**
   * Takes effect at once in the simulator, at the instant of the last observation. A world of real processes promises the
   * instant (ms) at which the action took effect.
   */
  apply(action: Action): void | Promise<number>;
  close(): Promise<void>;
}
