import { randomFillSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { ModelSource } from '../../../models/server/sources.ts';
import { identity, type Value } from '../onnx.ts';
import { type Answer, features, inMemory, startServer } from './support.ts';

const values: Value[] = (
  ['BOOL', 'UINT8', 'UINT16', 'UINT32', 'UINT64', 'INT8', 'INT16', 'INT32', 'INT64', 'FP16', 'FP32', 'FP64'] as const
).map((type) => ({ name: type, type, shape: ['N', 3] }));
const SIZES = [1, 1, 2, 4, 8, 1, 2, 4, 8, 2, 4, 8];

const everything = (): ModelSource =>
  inMemory('all', identity([...values, { name: 'BYTES', type: 'BYTES', shape: ['N', 3] }]));

/** Texts as they go over the wire. */
const texts = (...all: readonly string[]): Buffer =>
  Buffer.concat(
    all.flatMap((text) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(Buffer.byteLength(text));
      return [length, Buffer.from(text)];
    }),
  );

/** Rows of every datatype but BYTES: whatever bits, but 0 and 1 for BOOL. */
const bitsOf = (rows: number): Buffer[] =>
  SIZES.map((size, i) => {
    const bits = Buffer.alloc(rows * 3 * size);
    if (i === 0) return Buffer.from(bits.map((_, at) => at % 2));
    // NaNs with a payload and subnormal numbers included: nothing may look at the bits on their way.
    return randomFillSync(bits);
  });

const WORDS = ['', 'straße', 'b', '\u{1f600} two', 'x'.repeat(300), '7'];

const binaryInput = (name: string, datatype: string, shape: readonly number[], bytes: number): object => ({
  name,
  datatype,
  shape,
  parameters: { binary_data_size: bytes },
});

/** The tensors behind the JSON of an answer, by name. */
function tensorsOf({ bytes, headers }: Answer): Map<string, Buffer> {
  const start = Number(headers.get('inference-header-content-length'));
  const { outputs } = JSON.parse(bytes.toString('utf8', 0, start));
  let at = start;
  const tensors = new Map<string, Buffer>();
  for (const { name, parameters } of outputs) {
    if (parameters === undefined) continue;
    tensors.set(name, bytes.subarray(at, at + parameters.binary_data_size));
    at += parameters.binary_data_size;
  }
  expect(at).toBe(bytes.length);
  return tensors;
}

describe('binary tensors', () => {
  test('of every datatype come back bit for bit, whatever the length of the JSON before them', async () => {
    const { inferBinary } = await startServer([everything()]);
    const bits = [...bitsOf(2), texts(...WORDS)];
    const inputs = [...values.map(({ type }) => type), 'BYTES'].map((type, i) =>
      binaryInput(`x_${type}`, type, [2, 3], bits[i]!.length),
    );
    // Eight lengths: every alignment that a float64 can have.
    for (let extra = 0; extra < 8; extra++) {
      const message = { id: 'x'.repeat(extra), inputs, parameters: { binary_data_output: true } };
      const answer = await inferBinary('all', message, ...bits);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe('application/octet-stream');
      const tensors = tensorsOf(answer);
      for (const [i, { name }] of [...values, { name: 'BYTES' }].entries())
        expect(tensors.get(`y_${name}`)!.equals(bits[i]!), name).toBe(true);
    }
  });

  test('and JSON mix, in the request and in the answer, output by output', async () => {
    const { inferBinary } = await startServer([
      inMemory(
        'mix',
        identity([
          { name: 'a', type: 'FP32', shape: [2] },
          { name: 'b', type: 'INT64', shape: [2] },
          { name: 'c', type: 'BYTES', shape: [2] },
        ]),
      ),
    ]);
    const c = texts('un', 'deux');
    const b = Buffer.from(BigInt64Array.of(2n ** 62n, -1n).buffer);
    const message = {
      id: 'odd',
      inputs: [
        binaryInput('x_c', 'BYTES', [2], c.length),
        { name: 'x_a', datatype: 'FP32', shape: [2], data: [1.5, 2.5] },
        binaryInput('x_b', 'INT64', [2], b.length),
      ],
      outputs: [
        { name: 'y_b', parameters: { binary_data: true } },
        { name: 'y_c' },
        { name: 'y_a', parameters: { binary_data: true } },
      ],
    };
    const answer = await inferBinary('mix', message, c, b);
    const start = Number(answer.headers.get('inference-header-content-length'));
    expect(JSON.parse(answer.bytes.toString('utf8', 0, start))).toEqual({
      model_name: 'mix',
      model_version: '1',
      id: 'odd',
      outputs: [
        { name: 'y_b', datatype: 'INT64', shape: [2], parameters: { binary_data_size: 16 } },
        { name: 'y_c', datatype: 'BYTES', shape: [2], data: ['un', 'deux'] },
        { name: 'y_a', datatype: 'FP32', shape: [2], parameters: { binary_data_size: 8 } },
      ],
    });
    const tensors = tensorsOf(answer);
    expect(tensors.get('y_b')!.equals(b)).toBe(true);
    expect(tensors.get('y_a')!.equals(Buffer.from(Float32Array.of(1.5, 2.5).buffer))).toBe(true);
  });

  test('binary_data of an output overrides binary_data_output of the request', async () => {
    const { infer } = await startServer(['eta-baseline']);
    const inputs = [{ name: 'features', datatype: 'FP32', shape: [1, 9], data: features(3) }];
    const parameters = { binary_data_output: true };
    const json = await infer('eta-baseline', inputs, {
      parameters,
      outputs: [{ name: 'eta', parameters: { binary_data: false } }],
    });
    expect(json.json.outputs[0].data).toHaveLength(1);
    const binary = await infer('eta-baseline', inputs, { parameters, outputs: [{ name: 'eta' }] });
    expect(tensorsOf(binary).get('eta')!.readFloatLE()).toBe(json.json.outputs[0].data[0]);
  });

  test('a body without JSON is the only input; its rows follow from the bytes; the answer is binary too', async () => {
    const { ask, infer } = await startServer([
      'eta-baseline',
      inMemory('text', identity([{ name: 'a', type: 'BYTES', shape: ['N'] }])),
    ]);
    const headers = { 'inference-header-content-length': '0' };
    const rows = [1, 2, 3].flatMap(features);
    const raw = await ask('/v2/models/eta-baseline/infer', Buffer.from(Float32Array.from(rows).buffer), { headers });
    const json = await infer('eta-baseline', [{ name: 'features', datatype: 'FP32', shape: [3, 9], data: rows }]);
    const eta = tensorsOf(raw).get('eta')!;
    expect([0, 4, 8].map((at) => eta.readFloatLE(at))).toEqual(json.json.outputs[0].data);
    const text = await ask('/v2/models/text/infer', Buffer.from('no length before it'), { headers });
    expect(tensorsOf(text).get('y_a')!.equals(texts('no length before it'))).toBe(true);
  });
});

const input = (bytes: unknown): object => binaryInput('features', 'FP32', [1, 9], bytes as number);

describe('binary tensors that do not add up are 400', () => {
  const features9 = Buffer.from(Float32Array.from(features(1)).buffer);
  test.each([
    [
      'more bytes than the shape',
      input(40),
      [features9, Buffer.alloc(4)],
      "input 'features' has 40 bytes, expected 36 as FP32 [1, 9] takes",
    ],
    [
      'fewer bytes than the shape',
      input(32),
      [features9.subarray(4)],
      "input 'features' has 32 bytes, expected 36 as FP32 [1, 9] takes",
    ],
    [
      'a body that ends early',
      input(36),
      [features9.subarray(1)],
      /takes 36 bytes after byte \d+ of \d+, expected as many/,
    ],
    ['bytes left over', input(36), [features9, Buffer.alloc(3)], 'got 3 bytes after the last input, expected none'],
    [
      'a size that is none',
      input('36'),
      [features9],
      'input \'features\' has binary_data_size "36", expected a whole number of bytes',
    ],
    [
      'a negative size',
      input(-1),
      [features9],
      "input 'features' has binary_data_size -1, expected a whole number of bytes",
    ],
    [
      'both data and bytes',
      { ...input(36), data: features(1) },
      [features9],
      "input 'features' has both data and binary_data_size, expected one of them",
    ],
  ])('%s', async (_, given, tensors, error) => {
    const { inferBinary } = await startServer(['eta-baseline']);
    const { status, json } = await inferBinary('eta-baseline', { inputs: [given] }, ...tensors);
    expect(status).toBe(400);
    expect(json.error).toMatch(
      typeof error === 'string' ? new RegExp(`^${error.replaceAll(/[[\]]/g, String.raw`\$&`)}$`) : error,
    );
  });

  test.each([
    ['ends inside a length', Buffer.from([1, 0, 0]), /ends inside element 0/],
    ['ends inside a text', Buffer.from([5, 0, 0, 0, 65]), /ends inside element 0/],
    ['has too few texts', texts('one'), /has 1 elements, expected 2 as its shape \[2\] says/],
    ['has too many texts', texts('one', 'two', 'three'), /has 3 elements, expected 2/],
    ['is no UTF-8', Buffer.concat([texts('one'), Buffer.from([1, 0, 0, 0, 0xff])]), /at 1 has bytes that are no UTF-8/],
    ['has a NUL', texts('o\0ne', 'two'), /at 0 has a text with a NUL in it/],
  ])('BYTES that %s', async (_, bytes, error) => {
    const { inferBinary } = await startServer([inMemory('text', identity([{ name: 'a', type: 'BYTES', shape: [2] }]))]);
    const { status, json } = await inferBinary(
      'text',
      { inputs: [binaryInput('x_a', 'BYTES', [2], bytes.length)] },
      bytes,
    );
    expect([status, json.error]).toEqual([400, expect.stringMatching(error)]);
  });

  test('BOOL bytes that are neither 0 nor 1', async () => {
    const { inferBinary } = await startServer([inMemory('bool', identity([{ name: 'a', type: 'BOOL', shape: [2] }]))]);
    const message = { inputs: [binaryInput('x_a', 'BOOL', [2], 2)] };
    const { status, json } = await inferBinary('bool', message, Buffer.from([1, 2]));
    expect([status, json.error]).toEqual([400, "input 'x_a' has 2 at 1, expected BOOL: 0 or 1"]);
  });

  test.each(['-1', 'x', '1.5', '99999'])('a JSON length of %s', async (length) => {
    const { ask } = await startServer(['eta-baseline']);
    const headers = { 'inference-header-content-length': length };
    const { status, json } = await ask('/v2/models/eta-baseline/infer', { inputs: [] }, { headers });
    expect([status, json.error]).toEqual([400, expect.stringMatching(/^got (header Inference|a body of 13 bytes)/)]);
  });

  test('a body without JSON for a model with more than one input, of no whole rows, or of unclear shape', async () => {
    const { ask } = await startServer([
      'eta-baseline',
      inMemory(
        'two',
        identity([
          { name: 'a', type: 'FP32', shape: [1] },
          { name: 'b', type: 'FP32', shape: [1] },
        ]),
      ),
      inMemory('open', identity([{ name: 'a', type: 'FP32', shape: ['N', 'M'] }])),
      inMemory('fixed', identity([{ name: 'a', type: 'FP32', shape: [2] }])),
      inMemory('texts', identity([{ name: 'a', type: 'BYTES', shape: [2] }])),
    ]);
    const headers = { 'inference-header-content-length': '0' };
    const error = async (model: string, bytes: number): Promise<unknown> => {
      const { status, json } = await ask(`/v2/models/${model}/infer`, Buffer.alloc(bytes), { headers });
      return [status, json.error];
    };
    expect(await error('two', 8)).toEqual([
      400,
      'got a body without JSON, expected one: the model has 2 inputs, not 1',
    ]);
    expect(await error('eta-baseline', 35)).toEqual([400, "input 'features' has 35 bytes, expected a multiple of 36"]);
    expect(await error('eta-baseline', 0)).toEqual([400, "input 'features' has 0 bytes, expected a multiple of 36"]);
    expect(await error('fixed', 16)).toEqual([400, "input 'x_a' has 16 bytes, expected 8"]);
    expect(await error('open', 8)).toEqual([400, expect.stringContaining('only one size follows from the bytes')]);
    expect(await error('texts', 8)).toEqual([400, expect.stringContaining('a body without takes one text')]);
  });
});
