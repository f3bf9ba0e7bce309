/** How a server is set up. */
import type { ServerHooks } from './hooks.ts';
import type { OpenEngine } from './engine.ts';
import type { ModelSource } from './sources.ts';

/** What bounds a request, a queue and a batch. */
export interface Limits {
  /** Largest body of an inference request, bytes; more is 413. */
  readonly maxBodyBytes: number;
  /** Largest body of a load request, whose files come as base64 text, bytes. */
  readonly maxModelBytes: number;
  /** Most rows of one request; more is 400. */
  readonly maxRows: number;
  /** Most input tensors of one request; more is 400. */
  readonly maxInputs: number;
  /** Requests that may wait per model; one more is answered with 503. */
  readonly queueLimit: number;
  /** Most rows run together. A request that has more on its own is run alone, whole. */
  readonly maxBatchSize: number;
  /** How long the first row of a batch waits for others, µs. 0 = only for what arrives in the same turn of the event loop. */
  readonly maxQueueDelayUs: number;
  /** How long an idle connection stays open, ms. Longer than clients keep theirs, or they send into a closing one. */
  readonly keepAliveMs: number;
}

export const LIMITS: Limits = {
  maxBodyBytes: 16 * 2 ** 20,
  maxModelBytes: 512 * 2 ** 20,
  maxRows: 65_536,
  maxInputs: 64,
  queueLimit: 4096,
  maxBatchSize: 64,
  maxQueueDelayUs: 0,
  keepAliveMs: 120_000,
};

export interface ServerOptions {
  readonly models: readonly ModelSource[];
  /** Epoch time, ms with a fraction: never goes back. Times in statistics and hooks are read from it. */
  readonly clock: () => number;
  readonly openEngine: OpenEngine;
  readonly limits?: Partial<Limits>;
  /** Whether load requests may bring model files of their own. Default true. */
  readonly allowUploads?: boolean;
  /**
   * Whether a model that looks as if it could be batched is run on trial rows, together and apart, before it is; that also
   * warms it. Default true.
   */
  readonly trialRows?: boolean;
  readonly hooks?: ServerHooks;
  /** Told what an operator should know, one sentence each. */
  readonly onNote?: (note: string) => void;
}
