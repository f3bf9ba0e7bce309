/** Writes small ONNX files: protobuf has five lines of rules, and a graph few fields. The field numbers are those of onnx.proto. */

const varint = (value: number): number[] =>
  value < 0x80 ? [value] : [(value % 0x80) | 0x80, ...varint(Math.floor(value / 0x80))];
const int = (field: number, value: number): number[] => [...varint(field * 8), ...varint(value)];
const bytes = (field: number, value: Iterable<number>): number[] => {
  const all = [...value];
  return [...varint(field * 8 + 2), ...varint(all.length), ...all];
};
const text = (field: number, value: string): number[] => bytes(field, Buffer.from(value, 'utf8'));

/** Numbers of element types. */
export const ELEMENT = {
  FP32: 1,
  UINT8: 2,
  INT8: 3,
  UINT16: 4,
  INT16: 5,
  INT32: 6,
  INT64: 7,
  BYTES: 8,
  BOOL: 9,
  FP16: 10,
  FP64: 11,
  UINT32: 12,
  UINT64: 13,
} as const;

export interface Value {
  readonly name: string;
  readonly type: keyof typeof ELEMENT;
  /** Sizes; a text names a variable one. */
  readonly shape: readonly (number | string)[];
}

export interface Node {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Whole-number attributes. */
  readonly attributes?: Readonly<Record<string, number>>;
}

/** A constant tensor of FP32. */
export interface Constant {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

export interface Graph {
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly nodes: readonly Node[];
  readonly constants?: readonly Constant[];
}

const value = (field: number, { name, type, shape }: Value): number[] => {
  const sizes = shape.flatMap((size) => bytes(1, typeof size === 'number' ? int(1, size) : text(2, size)));
  return bytes(field, [...text(1, name), ...bytes(2, bytes(1, [...int(1, ELEMENT[type]), ...bytes(2, sizes)]))]);
};

const node = ({ op, inputs, outputs, attributes = {} }: Node): number[] =>
  bytes(1, [
    ...inputs.flatMap((name) => text(1, name)),
    ...outputs.flatMap((name) => text(2, name)),
    ...text(4, op),
    ...Object.entries(attributes).flatMap(([name, i]) => bytes(5, [...text(1, name), ...int(3, i), ...int(20, 2)])),
  ]);

const constant = ({ name, shape, data }: Constant): number[] =>
  bytes(5, [
    ...shape.flatMap((size) => int(1, size)),
    ...int(2, ELEMENT.FP32),
    ...text(8, name),
    ...bytes(9, new Uint8Array(Float32Array.from(data).buffer)),
  ]);

/** The bytes of a model with this graph, opset 17. */
export const onnxModel = ({ inputs, outputs, nodes, constants = [] }: Graph): Uint8Array =>
  Uint8Array.from([
    ...int(1, 8),
    ...bytes(7, [
      ...nodes.flatMap(node),
      ...text(2, 'test'),
      ...constants.flatMap(constant),
      ...inputs.flatMap((each) => value(11, each)),
      ...outputs.flatMap((each) => value(12, each)),
    ]),
    ...bytes(8, [...text(1, ''), ...int(2, 17)]),
  ]);

/** A model that answers what it is given: one output `y_…` per input `x_…`. */
export const identity = (values: readonly Value[]): Uint8Array =>
  onnxModel({
    inputs: values.map((each) => ({ ...each, name: `x_${each.name}` })),
    outputs: values.map((each) => ({ ...each, name: `y_${each.name}` })),
    nodes: values.map(({ name }) => ({ op: 'Identity', inputs: [`x_${name}`], outputs: [`y_${name}`] })),
  });
