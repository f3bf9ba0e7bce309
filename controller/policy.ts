import type { Arm } from '../telemetry/window.ts';
import { lookBackMs, type Test } from './guard-tests.ts';

/** What a guard looks at. Ratios and quantiles are taken over sums of windows, never averaged. */
export type Metric =
  /** Quantile of the latency, ms; with an absolute threshold it is decided by exact exceedance counts. */
  | { readonly kind: 'latency'; readonly quantile: number }
  /** Quantile of the time to get the features, ms (from the histogram: display accuracy). */
  | { readonly kind: 'feature-fetch'; readonly quantile: number }
  /** errors / requests. */
  | { readonly kind: 'error-ratio' }
  /** outcomes / impressions: click-through rate, acceptance rate. */
  | { readonly kind: 'outcome-ratio' }
  /**
   * outcomes / requests, ripe or not: what a dashboard shows that counts clicks as they come and requests as they are answered. An arm
   * that has just been given traffic looks worse than it is. Here to be rehearsed, not to be used.
   */
  | { readonly kind: 'young-outcome-ratio' }
  /** Quantile of the predictions (0.5 is the median). */
  | { readonly kind: 'score'; readonly quantile: number }
  /** Share of mirrored pairs that differ beyond the tolerance. */
  | { readonly kind: 'mismatch-ratio' }
  /** Share of requests served without their stored features. */
  | { readonly kind: 'features-missing-ratio' }
  /** Share of requests that took more than this or got no answer: what a latency quantile is, as a count of its own. */
  | { readonly kind: 'slow-ratio'; readonly thresholdMs: number }
  /** Mean of a named number of the requests, or of mirrored pairs (telemetry/measures.ts). */
  | { readonly kind: 'measure'; readonly name: string }
  /** The whole distribution of latencies or predictions, for tests that compare shapes. */
  | { readonly kind: 'distribution'; readonly of: 'latency' | 'score' };

/**
 * When the guard is broken. `absolute`: the candidate's value against a bound. `relative`: the change against another arm
 * over the same windows, value/reference − 1, against a bound (0.02 = 2 %).
 * `within` with direction "either" means |change| must stay within the bound.
 */
export type Bound =
  | { readonly kind: 'absolute'; readonly breachWhen: '>' | '>=' | '<' | '<='; readonly value: number }
  | {
      readonly kind: 'relative';
      readonly to: Exclude<Arm, 'candidate'>;
      /**
       * Against the baseline's past instead of the same windows: its figures over the stretch, as long as the guard looks at (an evaluation
       * window for the reading `every`), that ended when users first saw the candidate. What happens to everybody in between, such as the
       * time of day, counts for or against the candidate: the reference of naive before/after comparisons, here to be rehearsed.
       */
      readonly earlier?: true;
      /** Which change is bad. */
      readonly direction: 'rise' | 'drop' | 'either';
      /** Breach when the change in the bad direction is more than this (strict). */
      readonly by: number;
    };

/**
 * The two readings of "for 15 minutes", which differ by orders of magnitude in false rollbacks:
 * `pooled`: one value over the trailing `forMs`; `every`: each of the forMs/evaluateEveryMs consecutive evaluation windows is over.
 */
export interface Sustained {
  readonly forMs: number;
  readonly reading: 'pooled' | 'every';
}

/** What a breach does. `watch` only shows the value; `hold` keeps the stage from advancing. */
export type GuardAction = 'watch' | 'alert' | 'hold' | 'pause' | 'roll-back';

export interface Guard {
  readonly name: string;
  readonly description: string | null;
  readonly metric: Metric;
  readonly bound: Bound | null;
  /** For how long it must be broken; null exactly when a test decides. */
  readonly sustained: Sustained | null;
  readonly test: Test | null;
  /** How long a breach must stand, at every evaluation, before it counts, ms. */
  readonly delayMs: number;
  readonly action: GuardAction;
  /** Stages the guard is active in; null = all. */
  readonly stages: readonly string[] | null;
  /** `all`: every request of the stage. `each` stands for one guard per segment (see per-segment.ts). */
  readonly segment: string;
  /** The guard must say `pass` for a stage to advance. */
  readonly requiredToAdvance: boolean;
  /** Below this many requests (impressions, pairs: the metric's own denominator) in any arm it reads, the guard is `inconclusive`. */
  readonly minSamples: number;
  /** Relative bounds on ratios: with fewer events (errors, outcomes) than this in any arm it reads, the guard is `inconclusive`. */
  readonly minPositives: number;
  /** Keep the trailing windows of the previous stage when a stage begins. */
  readonly carryOver: boolean;
}

/** A guard that is broken when its bound is, for long enough. */
export type SustainedGuard = Guard & { readonly sustained: Sustained };

/** How far back a guard looks, ms; 0 for a test that sums up since the stage began. */
export const lookBackOf = ({ sustained, test }: Pick<Guard, 'sustained' | 'test'>): number =>
  sustained?.forMs ?? (test === null ? 0 : lookBackMs(test));

export interface Stage {
  readonly name: string;
  readonly weightPercent: number;
  readonly mirrorPercent: number;
  /** Share of the requests that the control cohort answers: a fresh fleet of the baseline's model and the candidate's size. */
  readonly controlPercent: number;
  /** Segments whose requests are shared out and mirrored; the others stay with the baseline. Absent: every request. */
  readonly segments?: readonly string[];
  readonly holdMs: number;
  /** How long the stage may be extended while a required guard is not `pass`, before the rollout is paused. */
  readonly extendMs: number;
}

export interface RollbackPlan {
  readonly deadlineMs: number;
  /** Fill the baseline's cache: before calling the rollback complete, or `first`, before any traffic comes back. */
  readonly preWarm: boolean | 'first';
  /** How long the baseline must answer without breaching an absolute guard before the rollback is complete. */
  readonly verifyMs: number;
}

/** A rollout policy, resolved: times in ms, ratios as fractions, defaults filled in. */
export interface Policy {
  readonly name: string;
  readonly description: string | null;
  readonly dialect: 'coalmine';
  readonly evaluateEveryMs: number;
  /** More missing evaluation windows in a row than this reset streaks and raise `data-loss`. */
  readonly maxGap: number;
  /** Trailing sums need this share of their windows non-empty, else `inconclusive`. */
  readonly coverage: number;
  /** Refuse to start when the feature schemas of both models differ. */
  readonly requireCompatibleSchemas: boolean;
  readonly stages: readonly Stage[];
  readonly guards: readonly Guard[];
  readonly rollback: RollbackPlan;
}

/** Whether the policy needs a control cohort beside the two arms of every rollout. */
export const usesControl = ({ stages }: Policy): boolean => stages.some(({ controlPercent }) => controlPercent > 0);

/** The segments of a stage, to be spread: absent stays absent, so that records of stages without look as they always did. */
export const segmentsIn = ({ segments }: Pick<Stage, 'segments'>): Pick<Stage, 'segments'> =>
  segments === undefined ? {} : { segments };

/** Whether a stage shares out the requests of a segment. */
export const opens = ({ segments }: Pick<Stage, 'segments'>, segment: string): boolean =>
  segments === undefined || segments.includes(segment);
