/** What a load request may bring along: another configuration, and the files of the model themselves. */
import { isObject, parseObject } from './decode.ts';
import { invalid, ServerError } from './errors.ts';
import type { Limits } from './options.ts';
import type { LoadChanges } from './repository.ts';
import { VERSION } from './sources.ts';

const FILE = /^file:(.*)$/;
const MODEL_FILE = /^([^/]+)\/model\.onnx$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
/** Both names of what we are. */
const BACKENDS: readonly unknown[] = ['onnxruntime', 'onnxruntime_onnx', 'onnx_onnxv1'];

/** An empty body changes nothing. Throws ServerError 400 for what makes no sense, 501 for what is not supported. */
export function decodeLoad(name: string, body: Buffer, allowUploads: boolean): LoadChanges {
  if (body.length === 0) return {};
  const { parameters = {} } = parseObject(body);
  if (!isObject(parameters)) throw invalid("got 'parameters' that are no object, expected one");
  const files = new Map<string, Buffer>();
  let limits: Partial<Limits> = {};
  for (const [key, value] of Object.entries(parameters)) {
    if (typeof value !== 'string') throw invalid(`got parameter '${key}' that is no text, expected one`);
    const path = FILE.exec(key)?.[1];
    if (path !== undefined) {
      if (!allowUploads) throw new ServerError(501, 'got a model file, but this server does not take them');
      files.set(versionOf(path), bytesOf(key, value));
    } else if (key === 'config') limits = limitsOf(value);
    else throw new ServerError(501, `got parameter '${key}', which is not supported`);
  }
  return { limits, ...(files.size === 0 ? {} : { source: { name, versions: () => files } }) };
}

function versionOf(path: string): string {
  const version = MODEL_FILE.exec(path)?.[1];
  if (version === undefined || !VERSION.test(version))
    throw invalid(`got parameter 'file:${path}', expected 'file:<version>/model.onnx' with a whole number above 0`);
  return version;
}

function bytesOf(key: string, text: string): Buffer {
  if (text.length % 4 !== 0 || !BASE64.test(text)) throw invalid(`got parameter '${key}' that is no base64 text`);
  return Buffer.from(text, 'base64');
}

/** The settings that mean something here; others are refused, since nothing would follow from them. */
function limitsOf(text: string): Partial<Limits> {
  const { name: _, backend, platform, max_batch_size, dynamic_batching, ...others } = parseObject(Buffer.from(text));
  for (const value of [backend, platform])
    if (value !== undefined && !BACKENDS.includes(value))
      throw new ServerError(501, `got config for ${JSON.stringify(value)}, expected one of ${BACKENDS.join(', ')}`);
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new ServerError(501, `got config with '${unknown}', which is not supported`);
  const batching = dynamic_batching ?? {};
  if (!isObject(batching)) throw invalid("got config with 'dynamic_batching' that is no object, expected one");
  const { max_queue_delay_microseconds: delay, ...more } = batching;
  const [unknownBatching] = Object.keys(more);
  if (unknownBatching !== undefined)
    throw new ServerError(501, `got config with 'dynamic_batching.${unknownBatching}', which is not supported`);
  return {
    // 0 = no batching, in the words of that configuration.
    ...(max_batch_size === undefined ? {} : { maxBatchSize: Math.max(1, whole('max_batch_size', max_batch_size)) }),
    ...(delay === undefined ? {} : { maxQueueDelayUs: whole('max_queue_delay_microseconds', delay) }),
  };
}

function whole(name: string, value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw invalid(`got config with ${name} ${JSON.stringify(value)}, expected a whole number of 0 or more`);
}
