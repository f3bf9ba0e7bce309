/** What columns of a table look like in memory: typed arrays where nothing can be missing, plain lists where something can. */
import {
  BIGINT,
  BLOB,
  blobValue,
  DOUBLE,
  DuckDBBlobValue,
  type DuckDBDataChunk,
  type DuckDBType,
  type DuckDBValue,
  FLOAT,
  INTEGER,
  UINTEGER,
  USMALLINT,
  UTINYINT,
  VARCHAR,
} from '@duckdb/node-api';

/** The array that holds a column of a kind when none of its values is missing. */
export interface ArrayOf {
  readonly int32: Int32Array;
  /** As bigint: for times in µs. Counts are better kept as `double`, exact to 2^53. */
  readonly int64: BigInt64Array;
  readonly uint8: Uint8Array;
  readonly uint16: Uint16Array;
  readonly uint32: Uint32Array;
  readonly float: Float32Array;
  readonly double: Float64Array;
  readonly varchar: readonly string[];
  readonly blob: readonly Uint8Array[];
}

export type ColumnKind = keyof ArrayOf;

/** A column of a kind, with `null` where nothing is. */
export interface NullableArrayOf {
  readonly int32: readonly (number | null)[];
  readonly int64: readonly (bigint | null)[];
  readonly uint8: readonly (number | null)[];
  readonly uint16: readonly (number | null)[];
  readonly uint32: readonly (number | null)[];
  readonly float: readonly (number | null)[];
  readonly double: readonly (number | null)[];
  readonly varchar: readonly (string | null)[];
  readonly blob: readonly (Uint8Array | null)[];
}

/** `'int32'`, or `'int32?'` for one whose values may be missing. */
export type ColumnType = ColumnKind | `${ColumnKind}?`;

/** Column names and types, in the order of the file. */
export type TableSchema = Readonly<Record<string, ColumnType>>;

type ColumnOf<T extends ColumnType> = T extends `${infer K extends ColumnKind}?`
  ? NullableArrayOf[K]
  : T extends ColumnKind
    ? ArrayOf[T]
    : never;

/** The columns of a table, all of the same length. */
export type Columns<S extends TableSchema> = { readonly [Name in keyof S]: ColumnOf<S[Name]> };

export type AnyColumn = ArrayOf[ColumnKind] | NullableArrayOf[ColumnKind];

type TypedArray = Int32Array | BigInt64Array | Uint8Array | Uint16Array | Uint32Array | Float32Array | Float64Array;

const TYPES: Readonly<Record<ColumnKind, DuckDBType>> = {
  int32: INTEGER,
  int64: BIGINT,
  uint8: UTINYINT,
  uint16: USMALLINT,
  uint32: UINTEGER,
  float: FLOAT,
  double: DOUBLE,
  varchar: VARCHAR,
  blob: BLOB,
};

const ARRAYS = {
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  float: Float32Array,
  double: Float64Array,
} as const;

export const isNullable = (type: ColumnType): boolean => type.endsWith('?');
const kindOf = (type: ColumnType): ColumnKind => type.replace('?', '') as ColumnKind;

/** The SQL type of a column, e.g. INTEGER. */
export const duckdbType = (type: ColumnType): DuckDBType => TYPES[kindOf(type)];

/** An empty column of `rows` places, to be filled by `readInto`. */
export function emptyColumn(type: ColumnType, rows: number): AnyColumn {
  const kind = kindOf(type);
  if (isNullable(type) || kind === 'varchar' || kind === 'blob') return Array.from({ length: rows }, () => null);
  return new ARRAYS[kind](rows);
}

/** The first `rows` of a column. */
export const firstRows = (column: AnyColumn, rows: number): AnyColumn =>
  Array.isArray(column) ? column.slice(0, rows) : (column as TypedArray).subarray(0, rows);

/** What every numeric vector has although the published types do not say so: its values as one array. It ignores NULLs. */
interface NumericVector {
  readonly items: TypedArray;
  flush(): void;
}

const numeric = (chunk: DuckDBDataChunk, index: number): NumericVector =>
  chunk.getColumnVector(index) as unknown as NumericVector;

const toValue = (value: DuckDBValue | Uint8Array): DuckDBValue =>
  value instanceof Uint8Array ? blobValue(value) : value;

/** Copies rows `from`… of a column into column `index` of a chunk, as many as the chunk has. */
export function writeInto(chunk: DuckDBDataChunk, index: number, column: AnyColumn, from: number): void {
  const to = from + chunk.rowCount;
  if (Array.isArray(column)) {
    chunk.setColumnValues(index, column.slice(from, to).map(toValue));
    return;
  }
  const vector = numeric(chunk, index);
  // Both sides have the type the schema says; the set of a union of array types cannot be expressed.
  (vector.items as Float64Array).set((column as Float64Array).subarray(from, to));
  vector.flush();
}

/** Copies column `index` of a chunk to row `to`… of a column. */
export function readInto(chunk: DuckDBDataChunk, index: number, column: AnyColumn, to: number): void {
  if (!Array.isArray(column)) {
    (column as Float64Array).set(numeric(chunk, index).items as Float64Array, to);
    return;
  }
  chunk.getColumnValues(index).forEach((value, row) => {
    column[to + row] = value instanceof DuckDBBlobValue ? new Uint8Array(value.bytes) : value;
  });
}
