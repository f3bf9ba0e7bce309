/** Output tensors → the body of an answer. */
import { dataToBytes } from './binary-data.ts';
import type { Contract, WantedOutput } from './contract.ts';
import { dataToJson } from './json-data.ts';
import type { Tensor } from './tensor.ts';

export interface EncodedAnswer {
  readonly body: string | Buffer;
  /** Bytes of the JSON part when tensors follow it; null when all is JSON. */
  readonly jsonBytes: number | null;
}

/** `head` is the JSON object as far as all answers of a model share it: `{"model_name":…,"model_version":…`. */
export function encodeAnswer(
  head: string,
  id: string | undefined,
  outputs: readonly Tensor[],
  wanted: readonly WantedOutput[],
  { outputs: specs }: Contract,
): EncodedAnswer {
  let json = id === undefined ? `${head},"outputs":[` : `${head},"id":${JSON.stringify(id)},"outputs":[`;
  const parts: Buffer[] = [];
  for (let i = 0; i < wanted.length; i++) {
    const { output, binary } = wanted[i]!;
    const { name } = specs[output]!;
    const { datatype, shape, data } = outputs[output]!;
    json += `${i > 0 ? ',' : ''}{"name":${JSON.stringify(name)},"datatype":"${datatype}","shape":[${shape.join(',')}],`;
    if (binary) {
      const bytes = dataToBytes(data);
      parts.push(bytes);
      json += `"parameters":{"binary_data_size":${bytes.length}}}`;
    } else json += `"data":${dataToJson(data, datatype, `output '${name}'`)}}`;
  }
  json += ']}';
  if (parts.length === 0) return { body: json, jsonBytes: null };
  const start = Buffer.from(json, 'utf8');
  return { body: Buffer.concat([start, ...parts]), jsonBytes: start.length };
}
