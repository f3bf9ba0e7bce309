/** What requests for a model must look like. */
import type { Limits } from './options.ts';
import type { TensorSpec } from './tensor.ts';

/** An output to answer, and how: as JSON numbers or as bytes after the JSON. */
export interface WantedOutput {
  /** Index into the contract's outputs. */
  readonly output: number;
  readonly binary: boolean;
}

export interface Contract {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** Whether the first dimension of every input counts rows. */
  readonly rowwise: boolean;
  /** Whether rows of different requests may only be run together when their shapes agree, since shapes vary. */
  readonly shapesVary: boolean;
  readonly allAsJson: readonly WantedOutput[];
  readonly allAsBinary: readonly WantedOutput[];
  readonly limits: Limits;
}

export function contractOf(
  { inputs, outputs, rowwise }: Pick<Contract, 'inputs' | 'outputs' | 'rowwise'>,
  limits: Limits,
): Contract {
  const all = (binary: boolean): WantedOutput[] => outputs.map((_, output) => ({ output, binary }));
  const shapesVary = inputs.some(({ shape }) => shape.slice(rowwise ? 1 : 0).includes(-1));
  return { inputs, outputs, rowwise, shapesVary, allAsJson: all(false), allAsBinary: all(true), limits };
}

/** Place of a tensor among specs by name, −1 when there is none. `likely` is where it stands if clients keep the model's order. */
export const placeOf = (specs: readonly TensorSpec[], name: unknown, likely: number): number =>
  specs[likely]?.name === name ? likely : specs.findIndex((spec) => spec.name === name);
