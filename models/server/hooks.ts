/** Where a program that embeds the server may step in. A hook that is not there costs nothing. */
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import type { Tensor, TensorSpec } from './tensor.ts';

/** One inference request, as hooks see it. */
export interface InferenceCall {
  readonly model: string;
  readonly version: string;
  readonly id: string | undefined;
  readonly headers: IncomingHttpHeaders;
  /** One tensor per declared input, in that order: of `ServerHooks.inputs` where given, else of the model. */
  readonly inputs: readonly Tensor[];
  /** Put here what the answer's headers shall say besides; names in lower case. Error answers carry them too. */
  readonly answerHeaders: OutgoingHttpHeaders;
  /** When the request's body was complete, on the server's clock, ms. */
  readonly receivedMs: number;
}

/** Runs the model on its own inputs, in its own order, together with whatever else waits. */
export type Infer = (inputs: readonly Tensor[]) => Promise<readonly Tensor[]>;

export interface ServerHooks {
  /** What requests carry instead of the models' own inputs. Metadata says so, and `serve` must turn them into those. */
  readonly inputs?: readonly TensorSpec[];
  /**
   * Stands around every inference: fetches features, waits for a slot, calls `infer`, holds the slot, adds headers. Answers the
   * output tensors. A ServerError is answered with its status, any other error with 500.
   */
  serve?(call: InferenceCall, infer: Infer): Promise<readonly Tensor[]>;
  /** Awaited before a model is opened; it is LOADING meanwhile, and not ready. */
  beforeLoad?(model: string, version: string): Promise<void>;
  /** Told when everything that was cached for requests shall be forgotten: by `InferenceServer.clearCaches`, and on every load. */
  clearCaches?(): void;
}
