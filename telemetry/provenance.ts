/** What stands behind a recording: which rollout was recorded, how its traffic was led, and what is true of its candidate. */

/** A stretch in which the router was left alone. */
export interface RecordedStage {
  readonly name: string;
  readonly weightPercent: number;
  readonly mirrorPercent: number;
  readonly controlPercent: number;
  /** Absent: every request. */
  readonly segments?: readonly string[];
  readonly startMs: number;
  /** When the next stage began, or the rollout ended. */
  readonly endMs: number;
}

/**
 * Everything a judge must know beside the windows. A policy is judged exactly as long as it leads the traffic as `stages` say:
 * what users and caches would have done under other weights is not in the recording.
 */
export interface Provenance {
  readonly scenario: { readonly name: string; readonly hash: string; readonly timeScale: number };
  readonly seed: number;
  readonly truth: {
    readonly candidate: 'healthy' | 'regressed';
    readonly onsetMs: number | null;
    readonly cause: string | null;
  };
  /** Incompatibilities between the models' feature schemas, which a policy may refuse to start with. */
  readonly schemaIssues: readonly string[];
  readonly stages: readonly RecordedStage[];
  /** The last instant that was observed. */
  readonly endMs: number;
  /** No request would have come after `endMs`. */
  readonly trafficEnded: boolean;
  /** The rollout was promoted at `endMs`: a policy that comes this far has led the traffic to its end. */
  readonly complete: boolean;
}
