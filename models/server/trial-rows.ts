/** Whether a model may be batched: a variable first dimension can also be time, or words, whose elements depend on each other. */
import type { InferenceEngine } from './engine.ts';
import { hasRows, joinRows, type Rows, takeRows } from './rows.ts';
import { NUMERIC, rowElements, type Tensor, type TensorSpec } from './tensor.ts';

/** Other variable dimensions are tried with this size. */
const ANY_SIZE = 4;
/** Summation order may differ between batch sizes; dependence on another row differs by far more. */
const TOLERANCE = 1e-3;

/** True when two different rows give the same run together and apart; otherwise a reason why not to batch. */
export async function rowsAreIndependent(engine: InferenceEngine): Promise<true | string> {
  try {
    const parts = [0, 1].map((row): Rows => ({ rows: 1, inputs: engine.inputs.map((spec) => trialRow(spec, row)) }));
    const together = await engine.run(joinRows(parts, 2));
    if (!hasRows(together, 2)) return 'two rows do not give two answers';
    for (const [row, part] of parts.entries()) {
      const alone = await engine.run(part.inputs);
      if (!alike(alone, takeRows(together, row, 1))) return 'the answer to a row depends on the rows beside it';
    }
    return true;
  } catch (error) {
    return `two trial rows cannot be run (${(error as Error).message})`;
  }
}

/** A row of small numbers, different for each `row`; indices into tables stay small. */
function trialRow({ datatype, shape }: TensorSpec, row: number): Tensor {
  const sizes = shape.map((size, axis) => (axis === 0 ? 1 : size === -1 ? ANY_SIZE : size));
  const count = rowElements(sizes);
  if (datatype === 'BYTES') return { datatype, shape: sizes, data: Array.from({ length: count }, () => String(row)) };
  const { make, wide, whole } = NUMERIC[datatype];
  const data = make(count) as unknown as (number | bigint)[];
  for (let i = 0; i < count; i++) {
    const small = (i + row) % 2;
    data[i] = wide ? BigInt(small) : whole || datatype === 'FP16' ? small : (row === 0 ? 1 : -1) * (0.25 + (i % 8) / 8);
  }
  return { datatype, shape: sizes, data: data as unknown as Float32Array };
}

function alike(one: readonly Tensor[], other: readonly Tensor[]): boolean {
  return one.every(({ data }, output) => {
    const there = other[output]!.data;
    return data.length === there.length && Array.from<unknown>(data).every((value, i) => near(value, there[i]));
  });
}

function near(a: unknown, b: unknown): boolean {
  if (typeof a === 'string') return a === b;
  const [x, y] = [Number(a), Number(b)];
  return Object.is(x, y) || Math.abs(x - y) <= TOLERANCE * Math.max(1e-3, Math.abs(x), Math.abs(y));
}
