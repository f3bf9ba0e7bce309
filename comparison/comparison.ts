/** What is said about a simulated and a live run of one scenario. */

/**
 * `agrees`: the difference is inside the band, and would have been seen if it were not. `differs`: it is outside, also when sampling
 * error is allowed for. `too few samples`: neither can be said.
 */
export type Status = 'agrees' | 'differs' | 'too few samples';

/** One figure in both worlds. */
export interface Figure {
  readonly name: string;
  /** How to show values, and what `difference` is: a share of the simulated value, or a plain difference of shares. */
  readonly unit: 'ms' | 'ratio' | 'share';
  readonly sim: number | null;
  readonly live: number | null;
  /** live/sim − 1 for times and ratios, live − sim for shares; null when there is none. */
  readonly difference: number | null;
  /** Half of the 95 % interval of the difference; null when it cannot be told. */
  readonly halfWidth: number | null;
  /** Largest difference that counts as agreement; null beside a time of 0, where it is no share of it. */
  readonly band: number | null;
  readonly status: Status;
}

export interface ArmComparison {
  readonly arm: 'baseline' | 'candidate';
  /** Requests whose end the compared windows saw. */
  readonly requests: { readonly sim: number; readonly live: number };
  readonly figures: readonly Figure[];
  /** [probability, simulated ms, live ms] of the latency, as far into the tail as ten answers lie beyond. */
  readonly quantiles: readonly (readonly [number, number, number])[];
}

export interface StageComparison {
  readonly name: string;
  /** When it began and how many requests it saw; null in the world that never came there. */
  readonly sim: { readonly startMs: number; readonly requests: number } | null;
  readonly live: { readonly startMs: number; readonly requests: number } | null;
}

/** A guard whose verdict, or a rollout whose decision, the calibration's own error could have changed. */
export interface Flip {
  readonly guard: string;
  readonly stage: string;
  readonly atMs: number;
  readonly from: string;
  readonly to: string;
  /** Latencies were multiplied by this. */
  readonly factor: number;
}

export interface Sensitivity {
  /** Error of the mean service time as a share, by arm; and where it comes from. */
  readonly error: { readonly baseline: number; readonly candidate: number };
  readonly source: 'calibration' | 'declared times';
  /** What was decided with faster, unchanged and slower answers. */
  readonly verdicts: { readonly faster: string; readonly stated: string; readonly slower: string };
  /** The first of every guard in every stage. */
  readonly flips: readonly Flip[];
}

/** What both worlds came to. */
export interface Ending {
  readonly verdict: string;
  readonly guard: string | null;
  readonly decidedAtMs: number | null;
  readonly detectionDelayMs: number | null;
  /** From the decision to its completion; null without a rollback. */
  readonly rollbackMs: number | null;
  readonly digest: string;
}

export interface Comparison {
  readonly schemaVersion: 1;
  readonly kind: 'comparison';
  readonly scenario: { readonly name: string; readonly hash: string; readonly timeScale: number };
  readonly policy: { readonly name: string; readonly hash: string };
  readonly seed: number;
  readonly calibration: { readonly name: string; readonly hash: string } | null;
  readonly load: string;
  readonly sim: Ending;
  readonly live: Ending;
  readonly agreement: {
    readonly verdict: boolean;
    readonly guard: boolean;
    /** live − sim; null when one of them decided nothing. */
    readonly decidedLaterMs: number | null;
    readonly figures: Readonly<Record<Status, number>>;
    /**
     * Why a same verdict proves nothing: what is not known of the service times could have changed it, or an arm is too busy for what is
     * known of its own. Null: nothing speaks against it.
     */
    readonly inconclusive: 'calibration' | null;
  };
  /** Live windows in which both worlds led the traffic alike and both arms got some of it, of all live windows. */
  readonly compared: { readonly windows: number; readonly ofWindows: number };
  /** Candidate against baseline within one run: read first, since what both arms share cancels. */
  readonly ratios: readonly Figure[];
  readonly arms: readonly ArmComparison[];
  readonly stages: readonly StageComparison[];
  readonly sensitivity: Sensitivity;
  /** What either run did otherwise than the scenario says. */
  readonly notes: readonly string[];
}
