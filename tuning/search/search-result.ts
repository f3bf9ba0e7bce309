/**
 * search.json: what a search through a policy space found, beside result.json and by the same rules: the same bytes whoever did the
 * jobs, no times, no places, no machine.
 */
import type { Rate, Spread } from '../distribution.ts';
import type { Method } from './methods.ts';
import type { FalseRollbackRate } from '../rare/false-rollback.ts';

/** One setting of a candidate: its path in the policy's document, guards and stages by name, and its value as YAML in one line. */
export interface Change {
  /** `guards.p95-sustained.sustained.for`. */
  readonly path: string;
  /** What the base says; null where it says nothing. */
  readonly from: string | null;
  /** Null takes back what the base says. */
  readonly to: string | null;
}

/** How a policy did on rollouts of one scenario. */
export interface ScenarioFigures {
  readonly scenario: string;
  readonly candidate: 'healthy' | 'regressed';
  readonly rollouts: number;
  /** Of a healthy candidate, or before a regressed one turned bad. */
  readonly falseRollback: Rate;
  /** Promoted although regressed; null for a healthy candidate. */
  readonly missedRegression: Rate | null;
  /** Neither promoted nor rolled back at the end of the schedule: a person is asked, or a stage is extended. */
  readonly undecided: Rate;
  /** From the onset to the rollback, of those detected. */
  readonly detectionDelayMs: Spread | null;
  readonly timeToPromoteMs: Spread | null;
  /** Excess errors, slow answers and lost outcomes until the decision, by the base policy's latency bound; none below 0. */
  readonly harm: Spread;
}

/**
 * What a search minimises, over all scenarios with the same weight for each; null without a scenario of that kind. Lower is better
 * for every one of them.
 */
export interface Objectives {
  /** Share of false rollbacks, mean over healthy scenarios. */
  readonly falseRollback: number | null;
  /** Share of healthy rollouts that are not decided, mean over healthy scenarios. */
  readonly undecidedHealthy: number | null;
  /** Share of regressed candidates that were not rolled back, mean over regressed scenarios. */
  readonly notCaught: number | null;
  /** Mean over regressed scenarios; a regression that is not caught counts as one caught at the end of the schedule. */
  readonly detectionDelayMs: number | null;
  /** Mean over regressed scenarios of the harm per rollout. */
  readonly harm: number | null;
  /** Mean over healthy scenarios, of those promoted: breaks ties alone. */
  readonly timeToPromoteMs: number | null;
}

export interface Figures {
  readonly objectives: Objectives;
  readonly scenarios: readonly ScenarioFigures[];
}

/** A policy of the space that was judged. */
export interface SearchedPolicy {
  /** Place in `policies` of the document; 0 is the base policy. */
  readonly id: number;
  readonly hash: string;
  /** What differs from the base; empty for the base itself. */
  readonly changes: readonly Change[];
  /** On the seeds the search looked at: the better of many look better than they are. */
  readonly search: Objectives;
  /** Nobody judged beats it on those seeds. */
  readonly isOnFront: boolean;
}

/** A healthy scenario's false rollbacks, counted or worked out (see tuning/rare/false-rollback.ts). */
export type ScenarioRate = Pick<FalseRollbackRate, 'scenario' | 'ratio' | 'estimator'>;

/** One that was looked at again on seeds the search had not seen. */
export interface Finalist {
  readonly id: number;
  readonly search: Figures;
  readonly choice: Figures;
  /** By healthy scenario, on both parts of the seeds; what is not seen in their recordings is worked out guard by guard. */
  readonly falseRollbacks: readonly ScenarioRate[];
}

/** Two policies on the same held-out rollouts; see mcnemar.ts. */
export interface HeldOutComparison {
  readonly scenario: string;
  readonly event: 'false-rollback' | 'missed-regression';
  readonly both: number;
  readonly onlyBase: number;
  readonly onlyChosen: number;
  readonly neither: number;
  /** Exact two-sided McNemar p. */
  readonly p: number;
}

export interface SearchResult {
  readonly schemaVersion: 1;
  /** Identity of the plan, as in result.json. */
  readonly plan: string;
  readonly space: {
    readonly name: string;
    readonly hash: string;
    /** Policies in it, as far as they can be counted: the product of the values of each setting. */
    readonly size: number;
    readonly settings: readonly { readonly path: string; readonly values: readonly (string | null)[] }[];
  };
  /** Name of the policy that the space varies. */
  readonly base: string;
  readonly method: Method;
  /** Which seeds (by a hash of each) were used for what; the same split for every scenario. */
  readonly seeds: {
    readonly search: readonly number[];
    readonly choice: readonly number[];
    readonly heldOut: readonly number[];
  };
  /** Policies of the space that were tried and refused: values that do not go together. */
  readonly refused: number;
  /** Every policy that was judged, the base first. */
  readonly policies: readonly SearchedPolicy[];
  /** Those of the front that went into the choice, the base among them. */
  readonly finalists: readonly Finalist[];
  /** Policies that would have been chosen, or come of what was, but take back the healthy candidates of some scenario more often than the base. */
  readonly vetoed: number;
  /** The policy recommended: the base when none was better. */
  readonly chosen: {
    readonly id: number;
    /** Why this one, in one sentence with figures. */
    readonly why: string;
    /** Beside the search's own figures stand those of seeds nobody had looked at: the only ones to be believed. */
    readonly search: Figures;
    readonly heldOut: Figures;
    readonly baseHeldOut: Figures;
    /**
     * The share of false rollbacks that the best of all policies would show on the search seeds by luck alone, were none better than the base on
     * the other seeds and had they nothing in common (the worst case). Null where the base never or always errs.
     */
    readonly byLuck: number | null;
    readonly comparisons: readonly HeldOutComparison[];
  };
  /**
   * How often a healthy candidate is taken back, scenario by scenario, by estimators for small rates (tuning/rare): the base over all
   * seeds, which nobody chose it by, and the chosen policy over held-out seeds. Null for policies with tests.
   */
  readonly falseRollbackRates: {
    readonly base: readonly FalseRollbackRate[];
    readonly chosen: readonly FalseRollbackRate[];
  } | null;
}
