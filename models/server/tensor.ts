/** Tensors as the protocol names them, in memory. */

export type Datatype =
  | 'BOOL'
  | 'UINT8'
  | 'UINT16'
  | 'UINT32'
  | 'UINT64'
  | 'INT8'
  | 'INT16'
  | 'INT32'
  | 'INT64'
  | 'FP16'
  | 'FP32'
  | 'FP64'
  | 'BYTES';

/** Elements that are numbers: bytes on the wire are these bytes, little-endian as every processor Node runs on. */
export type NumericData =
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

/** BOOL is one byte per element, 0 or 1; FP16 the 16 bits of each; BYTES one text per element, since ONNX knows only UTF-8 strings. */
export type TensorData = NumericData | string[];

/** What a model takes or gives under a name. */
export interface TensorSpec {
  readonly name: string;
  readonly datatype: Datatype;
  /** Sizes of the dimensions; −1 = any. */
  readonly shape: readonly number[];
}

export interface Tensor {
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  /** Elements, row by row: as many as the product of the shape. */
  readonly data: TensorData;
}

/** How a datatype of fixed size is held and which JSON numbers it takes. */
export interface NumericType {
  readonly bytes: number;
  /** JSON numbers below `min` or above `max` have no nearest finite value in it. */
  readonly min: number;
  readonly max: number;
  readonly whole: boolean;
  /** Whether elements are `bigint` in memory. */
  readonly wide: boolean;
  readonly make: (length: number) => NumericData;
  /** Takes over the bytes of a buffer of its own, whose size is a multiple of `bytes`. */
  readonly over: (buffer: ArrayBuffer) => NumericData;
}

type NumericArray = new (source: number | ArrayBuffer) => NumericData;

const numeric = (
  Data: NumericArray,
  bytes: number,
  min: number,
  max: number,
  kind: 'whole' | 'wide' | 'real',
): NumericType => ({
  bytes,
  min,
  max,
  whole: kind !== 'real',
  wide: kind === 'wide',
  make: (length) => new Data(length),
  over: (buffer) => new Data(buffer),
});

const { MAX_SAFE_INTEGER: SAFE, MAX_VALUE } = Number;
/** Halfway between the largest float32 and the power of two above it: from here on numbers round to infinity. */
const FLOAT32_LIMIT = (2 - 2 ** -24) * 2 ** 127 * (1 - Number.EPSILON / 2);

/** Every datatype but BYTES. 64-bit integers beyond 2^53 have no exact JSON number in JavaScript: those go as binary data. */
export const NUMERIC: Readonly<Record<Exclude<Datatype, 'BYTES'>, NumericType>> = {
  BOOL: numeric(Uint8Array, 1, 0, 1, 'whole'),
  UINT8: numeric(Uint8Array, 1, 0, 0xff, 'whole'),
  UINT16: numeric(Uint16Array, 2, 0, 0xffff, 'whole'),
  UINT32: numeric(Uint32Array, 4, 0, 0xffff_ffff, 'whole'),
  UINT64: numeric(BigUint64Array, 8, 0, SAFE, 'wide'),
  INT8: numeric(Int8Array, 1, -0x80, 0x7f, 'whole'),
  INT16: numeric(Int16Array, 2, -0x8000, 0x7fff, 'whole'),
  INT32: numeric(Int32Array, 4, -0x8000_0000, 0x7fff_ffff, 'whole'),
  INT64: numeric(BigInt64Array, 8, -SAFE, SAFE, 'wide'),
  FP16: numeric(Uint16Array, 2, 0, 0, 'real'),
  FP32: numeric(Float32Array, 4, -FLOAT32_LIMIT, FLOAT32_LIMIT, 'real'),
  FP64: numeric(Float64Array, 8, -MAX_VALUE, MAX_VALUE, 'real'),
};

/** Product of the sizes: 1 for a scalar's empty shape. */
export function elementsOf(shape: readonly number[]): number {
  let product = 1;
  for (const size of shape) product *= size;
  return product;
}

/** Elements per row, where the first dimension counts rows. */
export const rowElements = (shape: readonly number[]): number => elementsOf(shape.slice(1));

export const printShape = (shape: readonly number[]): string => `[${shape.join(', ')}]`;
