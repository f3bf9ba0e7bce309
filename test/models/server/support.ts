/** A server of the test's own on a free port, and ways to talk to it. */
import { onTestFinished } from 'vitest';
import { onnxEngines } from '../../../models/server/onnx-engine.ts';
import { createInferenceServer, type InferenceServer, type ServerOptions } from '../../../models/server/server.ts';
import { type ModelSource, modelSource } from '../../../models/server/sources.ts';

export const clock = (): number => performance.timeOrigin + performance.now();

/** A model from bytes. */
export const inMemory = (name: string, model: Uint8Array, version = '1'): ModelSource => ({
  name,
  versions: () => new Map([[version, model]]),
});

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  /** The body as JSON; undefined when it is none. */
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly json: any;
}

export interface Started {
  readonly server: InferenceServer;
  readonly url: string;
  /** GET without a body, POST with one; objects are sent as JSON. */
  readonly ask: (path: string, body?: unknown, init?: RequestInit) => Promise<Answer>;
  /** POST …/infer with these inputs and whatever else. */
  readonly infer: (model: string, inputs: unknown, more?: object) => Promise<Answer>;
  /** POST …/infer with tensors behind the JSON. */
  readonly inferBinary: (model: string, message: unknown, ...tensors: readonly Uint8Array[]) => Promise<Answer>;
}

/** Starts a server with shipped models (names) and others, loads them, and closes it after the test. */
export async function startServer(
  models: readonly (string | ModelSource)[],
  options: Partial<ServerOptions> & { load?: boolean } = {},
): Promise<Started> {
  const server = createInferenceServer({
    clock,
    openEngine: onnxEngines(),
    ...options,
    models: [
      ...(options.models ?? []),
      ...models.map((model) => (typeof model === 'string' ? modelSource(model) : model)),
    ],
  });
  const url = await server.listen(0, '127.0.0.1');
  onTestFinished(async () => void (await server.close(0)));
  if (options.load !== false) await server.load();
  return { server, ...talkingTo(url) };
}

export function talkingTo(url: string): Omit<Started, 'server'> {
  const ask = async (path: string, body?: unknown, init: RequestInit = {}): Promise<Answer> => {
    const response = await fetch(url + path, {
      method: body === undefined ? 'GET' : 'POST',
      ...(body === undefined ? {} : { body: isRaw(body) ? body : JSON.stringify(body) }),
      ...init,
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    return { status: response.status, headers: response.headers, bytes, json: jsonOf(bytes) };
  };
  return {
    url,
    ask,
    infer: (model, inputs, more = {}) => ask(`/v2/models/${model}/infer`, { inputs, ...more }),
    inferBinary: (model, message, ...tensors) => {
      const json = Buffer.from(JSON.stringify(message));
      const headers = { 'inference-header-content-length': String(json.length) };
      return ask(`/v2/models/${model}/infer`, Buffer.concat([json, ...tensors]), { headers });
    },
  };
}

const isRaw = (body: unknown): body is string | Buffer<ArrayBuffer> =>
  typeof body === 'string' || Buffer.isBuffer(body);

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Nine features of the shipped models, different for every row. */
export const features = (row: number): number[] => [100 + row * 7.25, 0.5, -0.5, 0.25, 1, row % 11, 4.5, 3, 6.125];

export const featuresInput = (...rows: readonly number[]): object[] => [
  { name: 'features', datatype: 'FP32', shape: [rows.length, 9], data: rows.flatMap(features) },
];
