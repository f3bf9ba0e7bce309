/** What a replica and the controller's process say to each other. */
import type { FeatureStore, TimeDistribution } from '../../scenarios/scenario.ts';
import type { Arm, TimeHistogram } from '../../telemetry/window.ts';

/** Where the features are kept: a file, or a Redis server with whose features of it are meant. */
export interface StorePlace {
  readonly kind: 'sqlite' | 'redis';
  readonly place: string;
  readonly namespace: string | undefined;
}

/** What faults currently do to a replica. Factors are 1 and shares 0 without any. */
export interface Knobs {
  /** On the service time. */
  readonly serviceFactor: number;
  /** On the prediction. */
  readonly scoreFactor: number;
  /** Share of the requests that fail after being served, the arm's own errors included. */
  readonly errorRatio: number;
  /** On the time a fetch from the feature store takes. */
  readonly featureLatencyFactor: number;
  /** Share of the fetches that find nothing, besides the store's own unavailability. */
  readonly featureMissingRatio: number;
}

/** Everything a replica needs to know to serve one arm of a scenario. */
export interface ReplicaOrder {
  readonly name: string;
  readonly arm: Arm;
  readonly seed: number;
  readonly onnxFile: string;
  /** Package that runs the models. */
  readonly runtime: string;
  /** File of float32 features, row by row, and the columns that a content row has. */
  readonly matrixFile: string;
  readonly width: number;
  /** Per column: what stands in when stored features are missing, or null for one that comes with the request. */
  readonly standIns: readonly (number | null)[];
  readonly store: StorePlace;
  readonly features: FeatureStore;
  readonly keys: number;
  readonly service: TimeDistribution;
  readonly coldStart: { readonly requests: number; readonly factor: number };
  readonly slots: number;
  readonly queueLimit: number;
  readonly queueTimeoutMs: number;
  readonly knobs: Knobs;
  /** Its cache begins full of the most popular keys. */
  readonly startWarm: boolean;
  /** Answers this many requests of its own before it is ready, so that code and connections are warm. */
  readonly rehearsalRequests: number;
  /** Loading the model takes at least this long. */
  readonly modelLoadMs: number;
  /** How often it says how busy it is, ms. */
  readonly sampleEveryMs: number;
}

export type ToReplica =
  | { readonly kind: 'order'; readonly order: ReplicaOrder }
  | { readonly kind: 'knobs'; readonly knobs: Knobs }
  | { readonly kind: 'clear-cache' }
  /** The next load of the model takes at least this long. */
  | { readonly kind: 'model-load-ms'; readonly modelLoadMs: number }
  /** Fetches the popular keys its cache lacks, so many per second; answered by `warmed`. */
  | { readonly kind: 'pre-warm'; readonly perSecond: number }
  /** Answered by a `sample`, which also comes unasked now and then. */
  | { readonly kind: 'sample' }
  /** Answered by `sums`. */
  | { readonly kind: 'sum-up' };

/** What a replica has done since it started. */
export interface ReplicaSums {
  /** Inference requests whose body was complete. */
  readonly received: number;
  readonly answered: number;
  readonly failed: number;
  readonly rejected: number;
  readonly timedOut: number;
  /** Reads that the feature store answered with an error, its declared unavailability not counted. */
  readonly storeFailures: number;
  /** Slot time the declared service times add up to, what slots were really held for, and what models really ran for. */
  readonly intended: TimeHistogram;
  readonly actual: TimeHistogram;
  readonly modelRun: TimeHistogram;
  readonly cpuMs: number;
  readonly rssMb: number;
  readonly loopLagMsP99: number;
}

/** How busy a replica has been up to an instant (epoch ms). */
export interface BusySample {
  readonly atMs: number;
  readonly busyMs: number;
  readonly cpuMs: number;
}

export type FromReplica =
  | { readonly kind: 'listening'; readonly port: number }
  /** The model is loaded, which took so long, and requests of its own were answered. */
  | { readonly kind: 'ready'; readonly modelLoadMs: number }
  | { readonly kind: 'failed'; readonly error: string; readonly message: string }
  | ({ readonly kind: 'sample' } & BusySample)
  | { readonly kind: 'warmed'; readonly fetched: number }
  | { readonly kind: 'sums'; readonly sums: ReplicaSums };
