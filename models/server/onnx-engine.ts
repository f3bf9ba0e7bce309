/** onnxruntime behind the engine interface. */
import type { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-node';
import { loadRuntime, RUNTIME, type Runtime, SESSION_OPTIONS } from '../runtime.ts';
import type { InferenceEngine, OpenEngine } from './engine.ts';
import { ServerError } from './errors.ts';
import type { Datatype, Tensor, TensorSpec } from './tensor.ts';

const DATATYPES: Readonly<Partial<Record<OnnxTensor.Type, Datatype>>> = {
  bool: 'BOOL',
  uint8: 'UINT8',
  uint16: 'UINT16',
  uint32: 'UINT32',
  uint64: 'UINT64',
  int8: 'INT8',
  int16: 'INT16',
  int32: 'INT32',
  int64: 'INT64',
  float16: 'FP16',
  float32: 'FP32',
  float64: 'FP64',
  string: 'BYTES',
};

const ONNX_TYPES = Object.fromEntries(Object.entries(DATATYPES).map(([onnx, ours]) => [ours, onnx])) as Readonly<
  Record<Datatype, OnnxTensor.Type>
>;

/** Failures reach whoever asked; the runtime need not write them on the server's stderr as well. */
const OPTIONS: InferenceSession.SessionOptions = { ...SESSION_OPTIONS, logSeverityLevel: 4 };

/** What the runtime says when values, not the model or the machine, are at fault. */
const BAD_VALUES = /out of (data )?bounds|out of range|invalid dimensions|unexpected input data type|INVALID_ARGUMENT/i;

/** Opens models with `runtime`, the package that `findRuntime` found. Its first use takes 20 to 30 ms. */
export const onnxEngines =
  (runtime: string = RUNTIME): OpenEngine =>
  async (model) => {
    const library = await loadRuntime(runtime);
    // The overloads of `create` want one type or the other.
    const session = await (typeof model === 'string'
      ? library.InferenceSession.create(model, OPTIONS)
      : library.InferenceSession.create(model, OPTIONS));
    return new OnnxEngine(library, session);
  };

class OnnxEngine implements InferenceEngine {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly rowwise: boolean;
  private readonly library: Runtime;
  private readonly session: InferenceSession;

  constructor(library: Runtime, session: InferenceSession) {
    this.library = library;
    this.session = session;
    this.inputs = session.inputMetadata.map(specOf);
    this.outputs = session.outputMetadata.map(specOf);
    const rows = session.inputMetadata.map((each) => (each.isTensor ? each.shape[0] : undefined));
    this.rowwise =
      rows.every((size) => typeof size === 'string' && size === rows[0]) &&
      this.outputs.every(({ shape }) => shape[0] === -1);
  }

  async run(inputs: readonly Tensor[], onStart?: () => void): Promise<readonly Tensor[]> {
    const feeds: Record<string, OnnxTensor> = {};
    for (let i = 0; i < inputs.length; i++) feeds[this.inputs[i]!.name] = this.feedOf(inputs[i]!);
    // `run` is synchronous inside an immediate of its own: one queued right before it sees the moment it begins.
    if (onStart !== undefined) setImmediate(onStart);
    try {
      const answers = await this.session.run(feeds);
      return this.outputs.map(({ name, datatype }) => {
        const { dims, data } = answers[name]!;
        return { datatype, shape: dims, data: datatype === 'FP16' ? halfBits(data) : data };
      });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new ServerError(BAD_VALUES.test(message) ? 400 : 500, `the model failed: ${message}`);
    }
  }

  private feedOf({ datatype, data, shape }: Tensor): OnnxTensor {
    const feed = new this.library.Tensor(ONNX_TYPES[datatype] as 'float32', data as Float32Array, shape);
    // Newer Nodes have an array type for FP16 that the library turns the bits into, but its native half does not know.
    if (datatype === 'FP16') Object.defineProperty(feed, 'data', { value: data });
    return feed;
  }

  close(): Promise<void> {
    return this.session.release();
  }
}

/** A symbolic dimension, with a name or without, is any size. */
function specOf(value: InferenceSession.ValueMetadata): TensorSpec {
  const datatype = value.isTensor ? DATATYPES[value.type] : undefined;
  if (!value.isTensor || datatype === undefined)
    throw new Error(
      `got '${value.name}' of type ${value.isTensor ? value.type : 'sequence or map'}, expected a tensor`,
    );
  return { name: value.name, datatype, shape: value.shape.map((size) => (typeof size === 'number' ? size : -1)) };
}

/** Newer Nodes hold FP16 as numbers; we want its bits. */
function halfBits(data: unknown): Uint16Array {
  const { buffer, byteOffset, length } = data as Uint16Array;
  return new Uint16Array(buffer, byteOffset, length);
}
