/** Tensor data as JSON: flat or nested arrays of numbers, booleans or texts. */
import { invalid, ServerError } from './errors.ts';
import { type Datatype, elementsOf, NUMERIC, type NumericData, printShape, type TensorData } from './tensor.ts';

/** The elements of `data`; throws ServerError 400 when they are not as many as `shape` says, or one is not of the datatype. */
export function dataFromJson(data: unknown, datatype: Datatype, shape: readonly number[], what: string): TensorData {
  if (!Array.isArray(data)) throw invalid(`${what} has ${kindOf(data)} as data, expected an array`);
  const flat = Array.isArray(data[0]) ? flatten(data, shape.length, what) : (data as unknown[]);
  const count = elementsOf(shape);
  if (flat.length !== count)
    throw invalid(`${what} has ${flat.length} elements, expected ${count} as its shape ${printShape(shape)} says`);
  if (datatype === 'BYTES') return texts(flat, what);
  if (datatype === 'BOOL') return booleans(flat, what);
  if (datatype === 'FP16')
    throw new ServerError(400, `${what} is FP16, which JSON cannot carry: send it as binary data`);
  const { make, whole, wide, min, max } = NUMERIC[datatype];
  const into = make(count);
  if (wide) fillWide(flat, into as BigInt64Array, min, what, datatype);
  else if (whole) fillWhole(flat, into as Int32Array, min, max, what, datatype);
  else fillReal(flat, into as Float32Array, min, max, what, datatype);
  return into;
}

/** Nesting is row-major order already; deeper than the shape has dimensions it means nothing. */
function flatten(data: readonly unknown[], depth: number, what: string, into: unknown[] = []): unknown[] {
  if (depth < 1) throw invalid(`${what} has data nested deeper than its shape has dimensions`);
  for (const each of data) {
    if (Array.isArray(each)) flatten(each, depth - 1, what, into);
    else into.push(each);
  }
  return into;
}

function fillReal(from: readonly unknown[], into: Float32Array, min: number, max: number, what: string, type: string) {
  for (let i = 0; i < from.length; i++) {
    const value = from[i];
    if (typeof value !== 'number' || !(value >= min && value <= max)) throw refuse(value, i, what, type);
    into[i] = value;
  }
}

function fillWhole(from: readonly unknown[], into: Int32Array, min: number, max: number, what: string, type: string) {
  for (let i = 0; i < from.length; i++) {
    const value = from[i];
    if (!Number.isInteger(value) || (value as number) < min || (value as number) > max)
      throw refuse(value, i, what, type);
    into[i] = value as number;
  }
}

function fillWide(from: readonly unknown[], into: BigInt64Array, min: number, what: string, type: string) {
  for (let i = 0; i < from.length; i++) {
    const value = from[i];
    if (Number.isInteger(value) && !Number.isSafeInteger(value))
      throw invalid(
        `${what} has ${String(value)} at ${i}, beyond 2^53 where JSON loses digits: send it as binary data`,
      );
    if (!Number.isSafeInteger(value) || (value as number) < min) throw refuse(value, i, what, type);
    into[i] = BigInt(value as number);
  }
}

function booleans(from: readonly unknown[], what: string): Uint8Array {
  return Uint8Array.from(from, (value, i) => {
    if (typeof value !== 'boolean') throw refuse(value, i, what, 'BOOL');
    return value ? 1 : 0;
  });
}

function texts(from: readonly unknown[], what: string): string[] {
  return from.map((value, i) => {
    if (typeof value !== 'string') throw refuse(value, i, what, 'BYTES');
    return wholeText(value, `${what} at ${i}`);
  });
}

/** onnxruntime-node ends texts at a NUL, silently: better no answer than one to half the text. */
export function wholeText(text: string, what: string): string {
  if (text.includes('\0')) throw invalid(`${what} has a text with a NUL in it, which the runtime would cut there`);
  return text;
}

const refuse = (value: unknown, at: number, what: string, type: string): ServerError =>
  invalid(`${what} has ${kindOf(value)} at ${at}, expected ${type}`);

const kindOf = (value: unknown): string => {
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value);
  if (value === undefined) return 'nothing';
  return typeof value === 'string' ? 'a text' : Array.isArray(value) ? 'an array' : 'an object';
};

/**
 * The elements as a JSON array. Throws ServerError 400 for what JSON has no way to say: NaN and infinities, integers beyond
 * 2^53, FP16; the client gets them when it asks for binary data.
 */
export function dataToJson(data: TensorData, datatype: Datatype, what: string): string {
  if (datatype === 'BYTES') return JSON.stringify(data);
  if (datatype === 'FP16') throw invalid(`${what} is FP16, which JSON cannot carry: ask for it with binary_data`);
  const numbers = data as Exclude<NumericData, BigInt64Array>;
  let text = '[';
  for (let i = 0; i < numbers.length; i++) {
    if (i > 0) text += ',';
    const value = numbers[i]!;
    if (datatype === 'BOOL') text += value === 0 ? 'false' : 'true';
    else if (datatype === 'INT64' || datatype === 'UINT64') text += exact(value as unknown as bigint, i, what);
    else if (Number.isFinite(value)) text += value === 0 && 1 / (value as number) < 0 ? '-0' : value;
    else throw invalid(`${what} has ${String(value)} at ${i}, which JSON cannot carry: ask for it with binary_data`);
  }
  return `${text}]`;
}

function exact(value: bigint, at: number, what: string): string {
  if (value > Number.MAX_SAFE_INTEGER || value < -Number.MAX_SAFE_INTEGER)
    throw invalid(`${what} has ${value} at ${at}, beyond 2^53 where JSON loses digits: ask for it with binary_data`);
  return String(value);
}
