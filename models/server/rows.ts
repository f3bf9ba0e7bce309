/** Rows of several requests as one batch, and a batch's answers as rows of each again. */
import { NUMERIC, rowElements, type Tensor, type TensorData } from './tensor.ts';

/** What a batch is made of: inputs whose shapes agree in all but the number of rows. */
export interface Rows {
  readonly inputs: readonly Tensor[];
  readonly rows: number;
}

/** One tensor per input, with the rows of all parts in their order. A single part is not copied. */
export function joinRows(parts: readonly Rows[], rows: number): readonly Tensor[] {
  const first = parts[0]!.inputs;
  if (parts.length === 1) return first;
  return first.map(({ datatype, shape }, input): Tensor => {
    const joined = [rows, ...shape.slice(1)];
    if (datatype === 'BYTES')
      return { datatype, shape: joined, data: parts.flatMap(({ inputs }) => inputs[input]!.data as string[]) };
    const data = NUMERIC[datatype].make(rows * rowElements(shape)) as Float32Array;
    let at = 0;
    for (let i = 0; i < parts.length; i++) {
      const from = parts[i]!.inputs[input]!.data as Float32Array;
      data.set(from, at);
      at += from.length;
    }
    return { datatype, shape: joined, data };
  });
}

/** Whether every output has one row per row of the batch, which `takeRows` needs. */
export const hasRows = (outputs: readonly Tensor[], rows: number): boolean =>
  outputs.every(({ shape }) => shape[0] === rows);

/** Rows `from` to `from + rows` of every output; numbers are views. */
export const takeRows = (outputs: readonly Tensor[], from: number, rows: number): readonly Tensor[] =>
  outputs.map(({ datatype, shape, data }): Tensor => {
    const width = rowElements(shape);
    return { datatype, shape: [rows, ...shape.slice(1)], data: part(data, from * width, (from + rows) * width) };
  });

const part = (data: TensorData, from: number, to: number): TensorData =>
  Array.isArray(data) ? data.slice(from, to) : data.subarray(from, to);

/** Two parts may share a batch only when these agree: the shapes but for the rows. */
export const shapeKey = (inputs: readonly Tensor[]): string =>
  inputs.map(({ shape }) => shape.slice(1).join('x')).join(',');
