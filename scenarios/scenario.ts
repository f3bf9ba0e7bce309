/**
 * A scenario, resolved: what is rehearsed. Times in ms, ratios as fractions, sizes as integers, defaults filled in, paths absolute.
 * The YAML form and its defaults are in `schema.ts`; this is what the simulator reads.
 */

/** A distribution of times, ms. */
export type TimeDistribution =
  | { readonly kind: 'constant'; readonly valueMs: number }
  | { readonly kind: 'exponential'; readonly meanMs: number }
  /** ln X ~ N(ln medianMs, sigma²); mean = medianMs·exp(sigma²/2). */
  | { readonly kind: 'lognormal'; readonly medianMs: number; readonly sigma: number }
  /** Sum of `stages` exponentials with the given total mean. */
  | { readonly kind: 'erlang'; readonly stages: number; readonly meanMs: number }
  /** Two exponentials with balanced means; cv2 = squared coefficient of variation, > 1. */
  | { readonly kind: 'hyperexponential'; readonly meanMs: number; readonly cv2: number }
  | { readonly kind: 'uniform'; readonly lowMs: number; readonly highMs: number }
  /** Quantiles [probability, ms], both ascending from probability 0 to 1; linear between. */
  | { readonly kind: 'empirical'; readonly quantiles: readonly (readonly [number, number])[] }
  /** Weighted mixture of the others. Weights sum to 1. */
  | {
      readonly kind: 'mixture';
      readonly parts: readonly { readonly weight: number; readonly of: TimeDistribution }[];
    }
  /** Quantiles, as `empirical`, that were measured of servers told to take `declared`: real servers are told that again. */
  | {
      readonly kind: 'measured';
      readonly quantiles: readonly (readonly [number, number])[];
      readonly declared: TimeDistribution;
    };

/** A stretch of the arrival profile: the rate runs linearly from `fromRps` to `toRps`. */
export interface RateSegment {
  readonly startMs: number;
  readonly endMs: number;
  readonly fromRps: number;
  readonly toRps: number;
}

export type ArrivalProcess =
  | { readonly kind: 'poisson'; readonly rateRps: number }
  /** Constant gaps. */
  | { readonly kind: 'regular'; readonly rateRps: number }
  /** Inhomogeneous Poisson over a piecewise linear rate, repeated after its end. */
  | { readonly kind: 'profile'; readonly segments: readonly RateSegment[]; readonly periodMs: number }
  /** Two-state Markov-modulated Poisson process; switching rates per second. */
  | {
      readonly kind: 'mmpp';
      readonly rateRps: readonly [number, number];
      readonly switchPerSecond: readonly [number, number];
    }
  /** Poisson at `rateRps` during on-periods, silence between; both durations drawn from the distributions. */
  | { readonly kind: 'onoff'; readonly rateRps: number; readonly on: TimeDistribution; readonly off: TimeDistribution }
  /** Recorded arrivals from a trace file, replayed once or repeated, its time divided by `speedUp`. */
  | { readonly kind: 'trace'; readonly file: string; readonly repeat: boolean; readonly speedUp: number };

/** Where a request's content (model inputs and true outcome) comes from. */
export type ContentSource =
  /** No content: no models run, scores and outcomes are absent unless `outcomes` is bernoulli. */
  | { readonly kind: 'none' }
  /** Rows of a content table (see models/), replayed in order from an offset drawn from the seed, wrapping around. */
  | { readonly kind: 'table'; readonly file: string; readonly order: 'sequential' | 'random' };

/** Callers that ask again when they get no answer. A retry is a request of its own that loads the fleet like any other. */
export interface Retries {
  /** How often one request is asked again at most, 1–3. */
  readonly attempts: number;
  /** Wait before the first retry, ms; doubled for each further one, and drawn from half to one and a half times that. */
  readonly backoffMs: number;
  /** `timeout`: only when the caller gave up waiting. `error`: whenever there was no answer. */
  readonly on: 'timeout' | 'error';
  /** Retries per first request that all callers together may send; null: no budget. */
  readonly budget: number | null;
}

export interface Traffic {
  /** Requests of the shadow stage in this scenario's own size: the unit `--requests` scales. */
  readonly requests: number;
  readonly arrivals: ArrivalProcess;
  /** Entities whose features are fetched; key i (0-based) has probability ∝ 1/(i+1)^zipf. */
  readonly keys: { readonly count: number; readonly zipf: number };
  /** Sticky routing identities, drawn uniformly. */
  readonly users: number;
  readonly content: ContentSource;
  /** Absent: nobody asks twice. */
  readonly retries?: Retries | undefined;
  /** Segment names in order of the content table's segment numbers; empty = not segmented. */
  readonly segments: readonly string[];
}

export type Balancer = 'round-robin' | 'random' | 'power-of-two' | 'least-loaded';

export interface Autoscaler {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** Wanted busy share of the ready slots. */
  readonly targetUtilisation: number;
  /** The measurement the autoscaler sees is this old. */
  readonly metricLagMs: number;
  /** It is a mean over this long. */
  readonly metricWindowMs: number;
  readonly syncEveryMs: number;
  /** No change while |measured/target − 1| is at most this. */
  readonly tolerance: number;
  /** Scale down only to the largest recommendation of this long. */
  readonly scaleDownStabilisationMs: number;
}

export interface ArmSpec {
  /** Name of a model folder under models/, or null when the scenario has no content. */
  readonly model: string | null;
  /**
   * Training-serving skew: by name of a stored feature, the factor between the value that the arm's fetches bring and the one its model was
   * trained on. Absent: none.
   */
  readonly servingSkew?: Readonly<Record<string, number>>;
  readonly service: TimeDistribution;
  /** What an answer takes besides features, queue and slot: gateway and network. Absent: nothing. Real servers have one of their own. */
  readonly overhead?: TimeDistribution;
  readonly replicas: number;
  /** The lowest-numbered `count` replicas take `factor` times as long for everything, as beside a noisy neighbour. Absent: none. */
  readonly slowReplicas?: { readonly count: number; readonly factor: number } | undefined;
  readonly slotsPerReplica: number;
  /** Waiting places per replica; Infinity = unlimited. */
  readonly queueLimit: number;
  /** Leaves the queue unserved after this wait; Infinity = never. */
  readonly queueTimeoutMs: number;
  /** The caller gives up after this long in all (the server still finishes its work); Infinity = never. */
  readonly timeoutMs: number;
  readonly balancer: Balancer;
  /** Share of the requests that fail after being served. */
  readonly errorRatio: number;
  /** First requests of a fresh replica are slower: factor falling linearly to 1 over `requests`. */
  readonly coldStart: { readonly requests: number; readonly factor: number };
  /**
   * What a fresh replica's requests take beyond later ones, ms, one by one from its first: in the slot, and beside it. Measured, so only
   * calibrated scenarios have it. Absent: nothing.
   */
  readonly coldCurve?: { readonly serviceMs: readonly number[]; readonly overheadMs: readonly number[] } | undefined;
  /** From wanting a replica to its process running, then to its model being loaded. */
  readonly startUpMs: number;
  readonly modelLoadMs: number;
  /** false: the baseline's model is unloaded once the candidate takes all traffic, so a rollback must load it first. */
  readonly keepLoaded: boolean;
  readonly autoscaler: Autoscaler | null;
}

/** One stored feature after a migration: in another unit, or gone (null). */
export interface FeatureChange {
  readonly feature: string;
  readonly unit: string | null;
}

export interface FeatureStore {
  /** Null: requests need no features. */
  readonly latency: TimeDistribution | null;
  /** Concurrent fetches the store can serve (FIFO beyond that); Infinity = no limit. One store serves all arms. */
  readonly slots: number;
  /** Share of fetches that return the features. */
  readonly availability: number;
  /** A fetch that takes longer counts as missing features, and the request goes on without; Infinity = never. */
  readonly timeoutMs: number;
  /** How the candidate's rollout changes what the store holds, as the baseline would find it after a rollback. Absent: not at all. */
  readonly migration?: readonly FeatureChange[];
  readonly cache: {
    /** Entries; 0 = no cache; Infinity or ≥ keys = every key fits. Per replica or per arm, by `scope`. */
    readonly capacity: number;
    /** An entry expires this long after it was filled; Infinity = never. */
    readonly ttlMs: number;
    readonly scope: 'replica' | 'shared';
    /** `lru`: exact. `two-way`: two-way set-associative LRU, what the fast path uses for large caches. */
    readonly eviction: 'lru' | 'two-way';
    /** Start full of the most popular keys, with ages spread evenly over the TTL. */
    readonly warm: boolean;
    readonly hitLatencyMs: number;
    /** Keys per second that pre-warming fetches. */
    readonly preWarmPerSecond: number;
  };
}

/** What users of an arm make of its answers to their queries. */
export interface QueryOutcomes {
  /** Share of the queries with a click, and with success: some of the former. */
  readonly clickThrough: number;
  readonly success: number;
  /** From the answer to the success: how late the positive label is. */
  readonly timeToSuccess: TimeDistribution;
}

/** How a prediction becomes a positive label. */
export type Outcomes =
  | { readonly kind: 'none' }
  /** Accepted when |prediction − actual| ≤ tolerance, from the content table's actual values and the models' own scores. */
  | { readonly kind: 'acceptance'; readonly tolerance: number; readonly labelDelayMs: number }
  /**
   * Synthetic: positive with a given probability per arm. Users may differ: each then has a factor of its own, the same in both arms and at
   * any time, uniform in 1 ± `betweenUsers` over the users.
   */
  | {
      readonly kind: 'bernoulli';
      readonly baseline: number;
      readonly candidate: number;
      readonly betweenUsers?: number;
      readonly labelDelayMs: number;
    }
  /** A play from a ranking model's list, with the chance that the request's true preferences give it. */
  | { readonly kind: 'plays'; readonly labelDelayMs: number }
  /**
   * Queries that succeed a random while after their answer. `labelDelayMs` is the label window: only when it has passed does a query
   * count, and success that comes later is missed. Times to success are not compressed with the schedule: the window is what they meet.
   */
  | {
      readonly kind: 'queries';
      readonly baseline: QueryOutcomes;
      readonly candidate: QueryOutcomes;
      readonly labelDelayMs: number;
    };

export type FaultKind =
  | 'cold-cache'
  | 'autoscaling-lag'
  | 'feature-delay'
  | 'feature-missing'
  | 'replica-crash'
  | 'replica-hang'
  | 'traffic-spike'
  | 'model-load-slow'
  | 'upstream-brownout'
  | 'error-burst'
  | 'score-skew';

/** When a fault begins: at an instant, or a while after every weight change, or after one stage begins. */
export type FaultTrigger =
  | { readonly on: 'time'; readonly atMs: number }
  | { readonly on: 'weight-change'; readonly afterMs: number }
  | { readonly on: 'stage'; readonly stage: string; readonly afterMs: number };

export interface Fault {
  readonly name: string;
  readonly kind: FaultKind;
  readonly trigger: FaultTrigger;
  /** How long it lasts; 0 for faults that are an instant (cold-cache, replica-crash without restart delay). */
  readonly forMs: number;
  /** Arm it hits; null = both. */
  readonly arm: 'baseline' | 'candidate' | null;
  /** Segment whose requests it hits; absent: every request. */
  readonly segment?: string;
  /**
   * Its strength, by kind: factor on the rate (traffic-spike), on the service time (upstream-brownout), on fetch latency
   * (feature-delay), on start-up and load time (autoscaling-lag, model-load-slow), on the score (score-skew: 1.2 = +20 %);
   * share of requests (feature-missing, error-burst); number of replicas (replica-crash, replica-hang). Unused by cold-cache.
   */
  readonly size: number;
}

export interface Truth {
  readonly candidate: 'healthy' | 'regressed';
  readonly onsetMs: number | null;
  readonly cause: string | null;
}

export interface Expectation {
  readonly verdict: 'promoted' | 'rolled-back' | 'paused' | 'refused';
  readonly guard: string | null;
  /** The decision must come within this long of the onset (or of the start). */
  readonly withinMs: number | null;
  /** Whether the rollback should be complete within its deadline; absent: not said. */
  readonly rollback?: 'in-time' | 'late';
  /** Why the policy's answer is a finding, when it is wrong. */
  readonly finding: string | null;
}

export interface Scenario {
  readonly name: string;
  readonly description: string;
  /** What policies get wrong here and how to see it, for the report; absent when the scenario is no trap. */
  readonly trap?: string | undefined;
  readonly file: string;
  /** sha256 of the canonical JSON of the resolved scenario without `file`, other files as the document names them. */
  readonly hash: string;
  readonly seed: number;
  readonly traffic: Traffic;
  readonly arms: { readonly baseline: ArmSpec; readonly candidate: ArmSpec };
  readonly features: FeatureStore;
  readonly outcomes: Outcomes;
  /** Scores of both models count as different when |c − b| > absolute + relative·|b|. */
  readonly shadowTolerance: { readonly absolute: number; readonly relative: number };
  readonly faults: readonly Fault[];
  readonly truth: Truth;
  /** Path of the policy file. */
  readonly policy: string;
  readonly expect: Expectation | null;
  /** Telemetry window width, ms. */
  readonly windowMs: number;
  /** The rehearsal ends here even when the policy has not decided. */
  readonly limitMs: number;
  /** Every duration of schedule and policy was divided by this (1 = real size). */
  readonly timeScale: number;
}
