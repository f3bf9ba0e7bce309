/** What a load generator is told, and what it tells in the end. */

export interface LoadPlan {
  /** Folder of slices with their index, as `writeSlices` makes it. */
  readonly slices: string;
  /** Where every request is posted: the gateway's URL of the service's `infer`. */
  readonly url: string;
  /**
   * Rehearsal time 0: epoch ms, with a fraction. The generator must be up by then: see `startUpMs`. It compares this with its
   * own clock, k6's being whole milliseconds.
   */
  readonly startAtMs: number;
  /** Requests that may be on their way at once, all delays counted. k6 gets as many virtual users; more make it less punctual. */
  readonly expectedMaxInFlight: number;
  /** The client gives up on a request after this long. */
  readonly timeoutMs: number;
}

export type GeneratorKind = 'k6' | 'builtin';

/** Quantiles of a time, ms; null when nothing was measured. */
export interface Quantiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** sent = completed + errors + timedOut + interrupted; offered = sent + dropped. */
export interface LoadCounts {
  /** Requests that were due before the end of the load. */
  readonly offered: number;
  readonly sent: number;
  /** Answered with a status of the 200s. */
  readonly completed: number;
  /** Answered with another status, or not at all for want of a connection. */
  readonly errors: number;
  readonly timedOut: number;
  /** On their way when the generator was ended. */
  readonly interrupted: number;
  /** Due and never sent. One is enough to make the run invalid. */
  readonly dropped: number;
}

export interface LoadReport extends LoadCounts {
  readonly generator: GeneratorKind;
  /** From the intended time to the sending. */
  readonly latenessMs: { readonly p50: number | null; readonly p99: number | null; readonly max: number | null };
  /** From the intended time to the answer: what a user would have waited. */
  readonly correctedMs: Quantiles | null;
  /** From the sending to the answer. */
  readonly serviceMs: Quantiles | null;
  /** Most requests on their way at once; null when the generator does not say. */
  readonly maxInFlight: number | null;
  /** CPU time of the generator while it ran, and the share of one core that it is. */
  readonly cpuMs: number;
  readonly cpuShare: number;
  /** What the servers did may be judged by this load. */
  readonly valid: boolean;
  /** Why not, one sentence each with its numbers. */
  readonly reasons: readonly string[];
  /** How the command should end because of this load: 1 the tool broke, 4 the machine lacks something, 5 nothing can be concluded; null when valid. */
  readonly exit: 1 | 4 | 5 | null;
}

/** Beyond these a load says nothing about the servers. */
export interface LoadLimits {
  /** Largest lateness p99, ms. */
  readonly latenessMsP99: number;
  /** Largest share of one core that the built-in generator, which has one thread, may use. */
  readonly cpuShare: number;
}

/** Lateness may be a tenth of the tightest latency that a guard looks at, so that it cannot decide a guard. */
export const latenessLimitOf = (thresholdsMs: readonly number[]): number => Math.min(...thresholdsMs) / 10;

export const DEFAULT_LIMITS: LoadLimits = { latenessMsP99: 10, cpuShare: 0.8 };
