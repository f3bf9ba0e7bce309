import type { Decision, GuardVerdict, RolloutVerdict } from './controller/decision.ts';
import type { LiveReport } from './live/live-report.ts';

/** Percentiles of an arm's times, ms; every field null when the arm had no request (absent is null, never 0). */
export interface Percentiles {
  readonly mean: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly p999: number | null;
  readonly max: number | null;
}

/** A mean with its 95 % interval at one look, x̄ ± 1.96 s/√n, in the measure's unit. */
export interface MeanInterval {
  readonly count: number;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** What the requests of both arms had of one measure; null where nobody had any. */
export interface MeasureOutcome {
  readonly name: string;
  readonly description: string;
  /** Over the windows in which users saw both arms, else over all. */
  readonly baseline: MeanInterval | null;
  readonly candidate: MeanInterval | null;
  /** On the same requests, in shadow: candidate/baseline − 1 with its 95 % interval, from the paired differences. */
  readonly paired: {
    readonly pairs: number;
    readonly baseline: number;
    readonly candidate: number;
    readonly change: number | null;
    readonly low: number | null;
    readonly high: number | null;
  } | null;
}

export type PairMeasureOutcome = MeanInterval & { readonly name: string; readonly description: string };

export type Classification =
  | 'true-promotion'
  | 'false-rollback'
  | 'true-rollback'
  | 'missed-regression'
  | 'inconclusive';

/** outcome.json: what the policy did, whether it was right, how fast, and at what cost to users. */
export interface Outcome {
  readonly schemaVersion: 1;
  readonly coalmine: string;
  readonly node: string;
  readonly world: 'sim' | 'live';
  readonly seed: number;
  /**
   * sha256 of this document without `digest`, `coalmine`, `node`, `timing` and `scenario.file`, and of the recording. In the simulator
   * the same seed gives the same digest; of a live run it seals what was measured, which no second run repeats.
   */
  readonly digest: string;
  readonly scenario: {
    readonly name: string;
    readonly file: string;
    readonly hash: string;
    readonly timeScale: number;
  };
  readonly policy: { readonly name: string; readonly dialect: string; readonly hash: string };
  readonly truth: {
    readonly candidate: 'healthy' | 'regressed';
    readonly onsetMs: number | null;
    readonly cause: string | null;
  };
  readonly verdict: Exclude<RolloutVerdict, 'running'>;
  readonly classification: Classification;
  readonly decidedAtMs: number | null;
  readonly explanation: string;
  /** The guard that ended the rollout, or null. */
  readonly guard: {
    readonly name: string;
    /** The part of the requests it read; absent: all of the stage's. */
    readonly segment?: string;
    readonly metric: string;
    readonly arm: string;
    readonly value: number | null;
    readonly threshold: number | null;
    readonly sustainedMs: number;
    readonly samples: number;
    /**
     * Of a rollout that paused because the guard could not know: the samples of the candidate it takes at the ratios seen, how many times
     * the traffic that is, and how long the stage would have to last at the same rate (null when the guard's stretch is fixed).
     */
    readonly needed?: { readonly samples: number; readonly times: number; readonly stageMs: number | null };
  } | null;
  readonly detectionDelayMs: number | null;
  readonly rollback: {
    readonly decidedAtMs: number;
    readonly trafficOffMs: number | null;
    readonly completeMs: number | null;
    readonly deadlineMs: number;
    readonly withinDeadline: boolean;
    readonly steps: readonly { readonly name: string; readonly startMs: number; readonly endMs: number | null }[];
  } | null;
  /**
   * What the rollout cost users, against what the baseline would have done to the same number of requests
   * (its own ratios over the same windows): requests the candidate served to users, errors, answers over the tightest
   * latency threshold, and positive outcomes lost. Rounded to whole requests; may be negative when the candidate is better.
   */
  readonly harm: {
    readonly requestsToCandidate: number;
    readonly excessErrors: number | null;
    readonly excessSlow: number | null;
    readonly lostOutcomes: number | null;
  };
  readonly requests: {
    readonly total: number;
    readonly mirrored: number;
    readonly byArm: { readonly baseline: number; readonly candidate: number; readonly control: number };
  };
  readonly stages: readonly {
    readonly name: string;
    readonly weightPercent: number;
    /** Whose requests the weight is a share of; absent: everybody's. */
    readonly segments?: readonly string[];
    readonly startMs: number;
    readonly endMs: number;
    readonly requests: number;
  }[];
  /**
   * Both arms over the same windows: those in which users saw both; when the candidate never reached users, those of the
   * shadow stage. The whole run is in the recording.
   */
  readonly latencyMs: { readonly baseline: Percentiles; readonly candidate: Percentiles };
  readonly waitMs: { readonly baseline: Percentiles; readonly candidate: Percentiles };
  readonly featureFetchMs: { readonly baseline: Percentiles; readonly candidate: Percentiles };
  readonly utilisation: { readonly baseline: number | null; readonly candidate: number | null };
  readonly cacheHitRatio: { readonly baseline: number | null; readonly candidate: number | null };
  readonly shadow: {
    readonly compared: number;
    readonly scoreMedianShift: number | null;
    readonly scoreMeanShift: number | null;
    readonly mismatchRatio: number | null;
    readonly extraInferences: number;
  };
  /** Only of runs that measure something. */
  readonly measures?: readonly MeasureOutcome[];
  readonly pairMeasures?: readonly PairMeasureOutcome[];
  /** A feature store that can be full (its slots are limited): share of its slots' time that fetches took, by stage. */
  readonly featureStore?: {
    readonly slots: number;
    readonly stages: readonly { readonly name: string; readonly utilisation: number | null }[];
  };
  /** What the scenario said would happen, and whether it did. */
  readonly expectation: {
    readonly verdict: string;
    readonly guard: string | null;
    readonly met: boolean;
    readonly finding: string | null;
    readonly misses: readonly string[];
  } | null;
  /**
   * Only where callers ask again: requests they sent a second time or more often, those a budget kept them from sending, and for the whole
   * run and its last minute what was offered to the fleets (retries included) and what was answered in time, per second.
   */
  readonly retries?: {
    readonly sent: number;
    readonly denied: number;
    readonly offeredRps: number;
    readonly goodputRps: number;
    readonly lastMinute: { readonly offeredRps: number; readonly goodputRps: number };
  };
  /** What policies get wrong in this scenario, in its own words; only of scenarios that are traps. */
  readonly trap?: string;
  readonly alerts: readonly { readonly atMs: number; readonly guard: string; readonly message: string }[];
  /** How a live rehearsal was done and whether it may be judged; not there in a simulated one, nor when nothing was started. */
  readonly live?: LiveReport;
  /** The measurement whose times were simulated, and what that did to the scenario; not there in an uncalibrated simulation. */
  readonly calibration?: {
    readonly name: string;
    readonly hash: string;
    readonly notes: readonly string[];
    /** Half of the 95 % interval of each arm's mean service time, as a share of it; null when it was not measured. */
    readonly uncertainty: { readonly baseline: number | null; readonly candidate: number | null };
  };
  /** Left out of the digest. */
  readonly timing: {
    readonly wallMs: number;
    readonly simulatedMs: number;
    readonly requestsPerSecond: number;
    readonly peakRssMb: number;
  };
}

/** Use of a feature store with limited slots: the time they had been taken in all when each window ended, ms. */
export interface StoreUse {
  readonly slots: number;
  readonly windowMs: number;
  readonly busyUntilMs: readonly number[];
}

/** A fault as it really happened, for the report's timeline. */
export interface FaultSpan {
  readonly name: string;
  readonly kind: string;
  readonly arm: string | null;
  /** Absent: every request. */
  readonly segment?: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** One line of decisions.jsonl. */
export type LogLine =
  | ({ readonly type: 'decision' } & Decision)
  | ({ readonly type: 'verdict' } & GuardVerdict)
  | ({ readonly type: 'fault' } & FaultSpan);
