/** The controller's memory between two decisions: plain data, the same after a trip through JSON. */
import type { WindowHeader } from '../telemetry/window.ts';
import type { ControllerState } from './decision.ts';
import type { Tally } from './tally.ts';
import type { TestMemory } from './test-memory.ts';

/** Times of compressed rehearsals are sums of fractions of ms: a difference below this is rounding. */
export const ROUNDING_MS = 1e-6;

/** One evaluation window: index k covers (k·evaluateEveryMs, (k+1)·evaluateEveryMs], counted from the rollout's start. */
export interface Bucket {
  readonly index: number;
  /** By `cellOf(arm, segment)`. */
  readonly cells: Readonly<Record<string, Tally>>;
}

/** Progress of a guard of reading `every`. */
export interface Streak {
  /** Evaluation windows over without a break, and under. */
  readonly trip: number;
  readonly hold: number;
  /** Missing windows in a row. */
  readonly gap: number;
  /** Samples of the guarded arm in the windows of `trip` or `hold`. */
  readonly samples: number;
}

export const NO_STREAK: Streak = { trip: 0, hold: 0, gap: 0, samples: 0 };

/** Requests the router gave to the candidate and to everybody else since the stage began, copies left out. */
export interface Split {
  readonly candidate: number;
  readonly others: number;
}

export const NO_SPLIT: Split = { candidate: 0, others: 0 };

export interface RolloutState extends ControllerState {
  readonly header: WindowHeader;
  readonly stageIndex: number;
  readonly stageStartMs: number;
  /** The stage's hold has ended without all required guards passing. */
  readonly extended: boolean;
  /** Number of evaluations done; the next one is due at (evaluations + 1)·evaluateEveryMs. */
  readonly evaluations: number;
  /** The evaluation windows some guard may still read, oldest first. */
  readonly buckets: readonly Bucket[];
  readonly streaks: Readonly<Record<string, Streak>>;
  /** What the sequential tests have seen in this stage, by guard. */
  readonly memories: Readonly<Record<string, TestMemory>>;
  /** Evaluations in a row at which a guard was broken, for guards with a delay. */
  readonly standing: Readonly<Record<string, number>>;
  readonly split: Split;
  /** By guard that compares with what was before: the baseline's sums until users first saw the candidate. */
  readonly before: Readonly<Record<string, Tally>>;
  /** Guards whose breach has been told and has not ended since. */
  readonly alerted: readonly string[];
  /** The required guard that came closest to its bound when a stage passed: `share` of the bound used, and the words for it. */
  readonly closest: { readonly share: number; readonly words: string } | null;
  /** While rolling back: how long the baseline has answered within all bounds, ms. */
  readonly verifiedMs: number;
  /** While rolling back: the deadline has passed, and this was said. */
  readonly overdue: boolean;
}

export function freshState(header: WindowHeader, evaluateEveryMs: number): RolloutState {
  return {
    wakeMs: evaluateEveryMs,
    verdict: 'running',
    decidedAtMs: null,
    explanation: 'running',
    endedBy: null,
    stages: [],
    rollback: null,
    header,
    stageIndex: 0,
    stageStartMs: 0,
    extended: false,
    evaluations: 0,
    buckets: [],
    streaks: {},
    memories: {},
    standing: {},
    split: NO_SPLIT,
    before: {},
    alerted: [],
    closest: null,
    verifiedMs: 0,
    overdue: false,
  };
}
