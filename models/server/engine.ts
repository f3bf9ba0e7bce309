/** What executes a model. Everything else of the server knows only this. */
import type { Tensor, TensorSpec } from './tensor.ts';

export interface InferenceEngine {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** Whether the first dimension of every input and output is variable and, as far as the model says, the same. */
  readonly rowwise: boolean;
  /**
   * Runs the model on one tensor per input, in the order of `inputs`, and answers one per output, in the order of `outputs`.
   * `onStart` is told when the execution itself begins. Rejects with ServerError: 400 when the values are at fault, else 500.
   */
  run(inputs: readonly Tensor[], onStart?: () => void): Promise<readonly Tensor[]>;
  close(): Promise<void>;
}

/** Opens a model from its file or its bytes. Rejects with an Error that says why it is no usable model. */
export type OpenEngine = (model: string | Uint8Array) => Promise<InferenceEngine>;
