/** Bytes of a request body → tensors that fit the model, or a ServerError that says what came and what was expected. */
import { dataFromBytes, textFromBytes } from './binary-data.ts';
import { type Contract, placeOf, type WantedOutput } from './contract.ts';
import { invalid, ServerError } from './errors.ts';
import { dataFromJson } from './json-data.ts';
import { elementsOf, NUMERIC, printShape, type Tensor, type TensorSpec } from './tensor.ts';

export interface InferenceRequest {
  readonly id: string | undefined;
  /** One per input of the contract, in its order. */
  readonly inputs: readonly Tensor[];
  /** Rows of the request; 1 where the model has no rows. */
  readonly rows: number;
  readonly wanted: readonly WantedOutput[];
}

/** What a client may say that we cannot do; ignoring it would answer something else than was asked. */
const UNSUPPORTED = ['shared_memory_region', 'classification', 'sequence_id', 'sequence_start', 'sequence_end'];

type Json = Readonly<Record<string, unknown>>;

/**
 * `jsonBytes` is the length of the JSON part, as header Inference-Header-Content-Length says: null = no such header, all
 * is JSON; 0 = no JSON, the body is the only input's data.
 */
export function decodeRequest(body: Buffer, jsonBytes: number | null, contract: Contract): InferenceRequest {
  if (jsonBytes === 0) return decodeRaw(body, contract);
  if (jsonBytes !== null && jsonBytes > body.length)
    throw invalid(`got a body of ${body.length} bytes, expected ${jsonBytes} of JSON alone`);
  const end = jsonBytes ?? body.length;
  const message = parseObject(body, end);
  const { id, parameters } = message;
  if (id !== undefined && typeof id !== 'string') throw invalid('got an id that is no text, expected one or none');
  refuseUnsupported(parameters, 'the request');
  const inputs = decodeInputs(message.inputs, body, end, contract);
  return { id, inputs, rows: rowsOf(inputs, contract), wanted: wantedOutputs(message, contract) };
}

/** The first `end` bytes as a JSON object; throws ServerError 400 when they are none. */
export function parseObject(body: Buffer, end: number = body.length): Json {
  let message: unknown;
  try {
    message = JSON.parse(body.toString('utf8', 0, end));
  } catch (error) {
    throw invalid(`got a body that is no JSON: ${(error as Error).message}`);
  }
  if (!isObject(message)) throw invalid('got JSON that is no object, expected one');
  return message;
}

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function decodeInputs(given: unknown, body: Buffer, end: number, { inputs: specs, limits }: Contract): Tensor[] {
  if (!Array.isArray(given)) throw invalid("got no array 'inputs', expected one");
  if (given.length > limits.maxInputs)
    throw invalid(`got ${given.length} inputs, expected at most ${limits.maxInputs}`);
  const tensors: Tensor[] = [];
  let missing = specs.length;
  let at = end;
  for (let i = 0; i < given.length; i++) {
    const input: unknown = given[i];
    if (!isObject(input)) throw invalid(`got an input ${i} that is no object, expected one`);
    const place = placeOf(specs, input.name, i);
    const spec = specs[place];
    if (spec === undefined) throw invalid(`got an input named ${JSON.stringify(input.name)}, expected ${names(specs)}`);
    if (tensors[place] !== undefined) throw invalid(`got input '${spec.name}' twice, expected it once`);
    const shape = checkShape(input, spec);
    const what = `input '${spec.name}'`;
    const size = binarySize(input.parameters, what);
    if (size === null) {
      tensors[place] = { datatype: spec.datatype, shape, data: dataFromJson(input.data, spec.datatype, shape, what) };
    } else {
      if (input.data !== undefined) throw invalid(`${what} has both data and binary_data_size, expected one of them`);
      if (at + size > body.length)
        throw invalid(`${what} takes ${size} bytes after byte ${at} of ${body.length}, expected as many to be there`);
      const bytes = body.subarray(at, at + size);
      at += size;
      tensors[place] = { datatype: spec.datatype, shape, data: dataFromBytes(bytes, spec.datatype, shape, what) };
    }
    missing--;
  }
  if (missing > 0)
    throw invalid(
      `got no input ${names(specs.filter((_, place) => tensors[place] === undefined))}, expected ${names(specs)}`,
    );
  if (at !== body.length) throw invalid(`got ${body.length - at} bytes after the last input, expected none`);
  return tensors;
}

/** The shape that an input declares, if it and the datatype fit the model. */
function checkShape({ shape, datatype }: Json, spec: TensorSpec): readonly number[] {
  const what = `input '${spec.name}'`;
  if (datatype !== spec.datatype)
    throw invalid(`${what} is of datatype ${JSON.stringify(datatype)}, expected "${spec.datatype}"`);
  if (!Array.isArray(shape)) throw invalid(`${what} has no array 'shape', expected ${printShape(spec.shape)}`);
  const sizes = shape as readonly unknown[];
  if (sizes.length !== spec.shape.length)
    throw invalid(`${what} has rank ${sizes.length}, expected ${spec.shape.length} as in ${printShape(spec.shape)}`);
  for (let axis = 0; axis < sizes.length; axis++) {
    const size = sizes[axis];
    const wanted = spec.shape[axis]!;
    if (!Number.isSafeInteger(size) || (size as number) < 1)
      throw invalid(`${what} has size ${JSON.stringify(size)} in dimension ${axis}, expected a whole number above 0`);
    if (wanted !== -1 && wanted !== size)
      throw invalid(
        `${what} has size ${String(size)} in dimension ${axis}, expected ${wanted} as in ${printShape(spec.shape)}`,
      );
  }
  return sizes as readonly number[];
}

/** Bytes that the input's data takes after the JSON; null when its data is in the JSON. */
function binarySize(parameters: unknown, what: string): number | null {
  if (parameters === undefined) return null;
  refuseUnsupported(parameters, what);
  const size = (parameters as Json).binary_data_size;
  if (size === undefined) return null;
  if (!Number.isSafeInteger(size) || (size as number) < 0)
    throw invalid(`${what} has binary_data_size ${JSON.stringify(size)}, expected a whole number of bytes`);
  return size as number;
}

function refuseUnsupported(parameters: unknown, what: string): void {
  if (parameters === undefined) return;
  if (!isObject(parameters)) throw invalid(`${what} has parameters that are no object, expected one`);
  const named = UNSUPPORTED.find((name) => Object.hasOwn(parameters, name));
  if (named !== undefined) throw new ServerError(501, `${what} has the parameter '${named}', which is not supported`);
}

/** Rows: every input must have as many, and not more than allowed. */
function rowsOf(inputs: readonly Tensor[], { rowwise, inputs: specs, limits }: Contract): number {
  if (!rowwise) return 1;
  const rows = inputs[0]!.shape[0]!;
  for (let i = 1; i < inputs.length; i++) {
    if (inputs[i]!.shape[0] !== rows)
      throw invalid(
        `input '${specs[i]!.name}' has ${inputs[i]!.shape[0]} rows, expected ${rows} as '${specs[0]!.name}' has`,
      );
  }
  if (rows > limits.maxRows) throw invalid(`got ${rows} rows, expected at most ${limits.maxRows}`);
  return rows;
}

function wantedOutputs({ outputs, parameters }: Json, contract: Contract): readonly WantedOutput[] {
  const binary = flag((parameters as Json | undefined)?.binary_data_output, 'binary_data_output') ?? false;
  if (outputs === undefined) return binary ? contract.allAsBinary : contract.allAsJson;
  if (!Array.isArray(outputs)) throw invalid("got 'outputs' that are no array, expected one or none");
  if (outputs.length === 0) return binary ? contract.allAsBinary : contract.allAsJson;
  const seen = new Set<number>();
  return outputs.map((output: unknown, i): WantedOutput => {
    if (!isObject(output)) throw invalid(`got an output ${i} that is no object, expected one`);
    const place = placeOf(contract.outputs, output.name, i);
    if (place < 0)
      throw invalid(`got an output named ${JSON.stringify(output.name)}, expected ${names(contract.outputs)}`);
    if (seen.has(place)) throw invalid(`got output '${contract.outputs[place]!.name}' twice, expected it once`);
    seen.add(place);
    refuseUnsupported(output.parameters, `output '${contract.outputs[place]!.name}'`);
    const own = flag((output.parameters as Json | undefined)?.binary_data, 'binary_data');
    return { output: place, binary: own ?? binary };
  });
}

function flag(value: unknown, name: string): boolean | undefined {
  if (value !== undefined && typeof value !== 'boolean')
    throw invalid(`got ${name} ${JSON.stringify(value)}, expected true or false`);
  return value;
}

/** A body of nothing but one tensor: its shape must follow from the number of bytes. Answered in bytes, too. */
function decodeRaw(body: Buffer, contract: Contract): InferenceRequest {
  const [spec, another] = contract.inputs;
  if (spec === undefined || another !== undefined)
    throw invalid(`got a body without JSON, expected one: the model has ${contract.inputs.length} inputs, not 1`);
  const what = `input '${spec.name}'`;
  const shape = rawShape(spec, body.length, what);
  // A text comes without its length: the body is one element.
  const data =
    spec.datatype === 'BYTES' ? [textFromBytes(body, what)] : dataFromBytes(body, spec.datatype, shape, what);
  const inputs = [{ datatype: spec.datatype, shape, data }];
  return { id: undefined, inputs, rows: rowsOf(inputs, contract), wanted: contract.allAsBinary };
}

function rawShape({ datatype, shape }: TensorSpec, bytes: number, what: string): readonly number[] {
  const open = shape.filter((size) => size === -1).length;
  const fixed = elementsOf(shape.filter((size) => size !== -1));
  if (datatype === 'BYTES') {
    if (fixed === 1) return shape.map(() => 1);
    throw invalid(`${what} is of shape ${printShape(shape)}, expected JSON: a body without takes one text`);
  }
  if (open > 1)
    throw invalid(`${what} is of shape ${printShape(shape)}, expected JSON: only one size follows from the bytes`);
  const unit = fixed * NUMERIC[datatype].bytes;
  if (bytes === 0 || bytes % unit !== 0 || (open === 0 && bytes !== unit))
    throw invalid(`${what} has ${bytes} bytes, expected ${open === 0 ? '' : 'a multiple of '}${unit}`);
  return shape.map((size) => (size === -1 ? bytes / unit : size));
}

const names = (specs: readonly TensorSpec[]): string => specs.map(({ name }) => `'${name}'`).join(', ');
