import { describe, expect, test } from 'vitest';
import { identity, onnxModel, type Value } from '../onnx.ts';
import { features, featuresInput, inMemory, startServer } from './support.ts';

const input = (datatype: string, shape: readonly number[], data: unknown): object => ({
  name: 'x_a',
  datatype,
  shape,
  data,
});

const echo = (type: Value['type'], shape: Value['shape'] = ['N', 2]): ReturnType<typeof inMemory> =>
  inMemory('echo', identity([{ name: 'a', type, shape }]));

describe('an inference request as JSON', () => {
  test('is answered with model, version, outputs, and its own id exactly when it has one', async () => {
    const { infer } = await startServer(['eta-baseline']);
    const { status, json, headers } = await infer('eta-baseline', featuresInput(1), { id: 'a "quoted" id' });
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/json');
    expect(headers.get('inference-header-content-length')).toBeNull();
    expect(json).toEqual({
      model_name: 'eta-baseline',
      model_version: '1',
      id: 'a "quoted" id',
      outputs: [{ name: 'eta', datatype: 'FP32', shape: [1, 1], data: [expect.any(Number)] }],
    });
    expect((await infer('eta-baseline', featuresInput(1))).json).not.toHaveProperty('id');
    expect((await infer('eta-baseline', featuresInput(1), { id: '' })).json).toHaveProperty('id', '');
  });

  test('may nest its data as the shape does, or not', async () => {
    const { infer } = await startServer(['eta-baseline']);
    const flat = await infer('eta-baseline', featuresInput(1, 2));
    const shape = [2, 9];
    const nested = await infer('eta-baseline', [
      { name: 'features', datatype: 'FP32', shape, data: [features(1), features(2)] },
    ]);
    expect(flat.json.outputs[0].shape).toEqual([2, 1]);
    expect(nested.json).toEqual(flat.json);
    expect(flat.json.outputs[0].data[0]).not.toBe(flat.json.outputs[0].data[1]);
  });

  test.each([
    ['UINT8', [0, 255]],
    ['UINT16', [0, 65_535]],
    ['UINT32', [0, 4_294_967_295]],
    ['UINT64', [0, 9_007_199_254_740_991]],
    ['INT8', [-128, 127]],
    ['INT16', [-32_768, 32_767]],
    ['INT32', [-2_147_483_648, 2_147_483_647]],
    ['INT64', [-9_007_199_254_740_991, 9_007_199_254_740_991]],
    ['FP32', [-1.5, 3.4028234663852886e38]],
    ['FP64', [5e-324, -1.7976931348623157e308]],
    ['BOOL', [true, false]],
    ['BYTES', ['', 'größe "7"\n \u{1f600}']],
  ] as const)('carries %s there and back, at its limits', async (type, data) => {
    const { infer } = await startServer([echo(type)]);
    const { status, json } = await infer('echo', [input(type, [1, 2], data)]);
    expect(json).toEqual({
      model_name: 'echo',
      model_version: '1',
      outputs: [{ name: 'y_a', datatype: type, shape: [1, 2], data }],
    });
    expect(status).toBe(200);
  });

  test('keeps the sign of zero', async () => {
    const { ask } = await startServer([echo('FP64')]);
    const body = '{"inputs":[{"name":"x_a","datatype":"FP64","shape":[1,2],"data":[-0.0,0]}]}';
    expect((await ask('/v2/models/echo/infer', body)).bytes.toString()).toContain('"data":[-0,0]');
  });

  test('answers only the outputs that are asked for, in the order asked', async () => {
    const values = (['a', 'b', 'c'] as const).map((name): Value => ({ name, type: 'FP32', shape: [1] }));
    const { infer } = await startServer([inMemory('three', identity(values))]);
    const inputs = values.map(({ name }, i) => ({ name: `x_${name}`, datatype: 'FP32', shape: [1], data: [i] }));
    const named = async (...names: string[]): Promise<unknown[]> => {
      const { json } = await infer('three', inputs, { outputs: names.map((name) => ({ name })) });
      return json.outputs.map((output: { name: string; data: number[] }) => [output.name, ...output.data]);
    };
    expect(await named('y_c', 'y_a')).toEqual([
      ['y_c', 2],
      ['y_a', 0],
    ]);
    expect(await named()).toEqual([
      ['y_a', 0],
      ['y_b', 1],
      ['y_c', 2],
    ]);
    const reversed = await infer('three', inputs.toReversed());
    expect(reversed.json.outputs.map((output: { data: number[] }) => output.data)).toEqual([[0], [1], [2]]);
  });

  test('ignores parameters and fields that nobody defined', async () => {
    const { infer } = await startServer([echo('FP32')]);
    const inputs = [{ ...input('FP32', [1, 2], [1, 2]), parameters: { note: 'x' }, extra: 1 }];
    expect((await infer('echo', inputs, { parameters: { priority: 3 }, extra: {} })).status).toBe(200);
  });
});

const good = { name: 'x_a', datatype: 'FP32', shape: [1, 2], data: [1, 2] };

describe('a request that does not fit is 400, and names what came and what was expected', () => {
  test.each([
    ['no object', [], 'got JSON that is no object, expected one'],
    ['no inputs', {}, "got no array 'inputs', expected one"],
    ['an empty list of inputs', { inputs: [] }, "got no input 'x_a', expected 'x_a'"],
    ['an input that is no object', { inputs: [7] }, 'got an input 0 that is no object, expected one'],
    ['an id that is no text', { id: 7, inputs: [good] }, 'got an id that is no text, expected one or none'],
    ['an unknown input', { inputs: [{ ...good, name: 'b' }] }, 'got an input named "b", expected \'x_a\''],
    ['a nameless input', { inputs: [{ ...good, name: undefined }] }, "got an input named undefined, expected 'x_a'"],
    ['an input twice', { inputs: [good, good] }, "got input 'x_a' twice, expected it once"],
    [
      'another datatype',
      { inputs: [{ ...good, datatype: 'FP64' }] },
      'input \'x_a\' is of datatype "FP64", expected "FP32"',
    ],
    ['no shape', { inputs: [{ ...good, shape: undefined }] }, "input 'x_a' has no array 'shape', expected [-1, 2]"],
    ['another rank', { inputs: [{ ...good, shape: [2] }] }, "input 'x_a' has rank 1, expected 2 as in [-1, 2]"],
    [
      'another size',
      { inputs: [{ ...good, shape: [1, 3] }] },
      "input 'x_a' has size 3 in dimension 1, expected 2 as in [-1, 2]",
    ],
    [
      'no rows',
      { inputs: [{ ...good, shape: [0, 2], data: [] }] },
      "input 'x_a' has size 0 in dimension 0, expected a whole number above 0",
    ],
    [
      'half a row',
      { inputs: [{ ...good, shape: [0.5, 2] }] },
      "input 'x_a' has size 0.5 in dimension 0, expected a whole number above 0",
    ],
    ['no data', { inputs: [{ ...good, data: undefined }] }, "input 'x_a' has nothing as data, expected an array"],
    [
      'too few elements',
      { inputs: [{ ...good, data: [1] }] },
      "input 'x_a' has 1 elements, expected 2 as its shape [1, 2] says",
    ],
    [
      'too many elements, nested',
      { inputs: [{ ...good, data: [[1, 2, 3]] }] },
      "input 'x_a' has 3 elements, expected 2 as its shape [1, 2] says",
    ],
    [
      'data nested too deep',
      { inputs: [{ ...good, data: [[[1, 2]]] }] },
      "input 'x_a' has data nested deeper than its shape has dimensions",
    ],
    ['a text as number', { inputs: [{ ...good, data: [1, '2'] }] }, "input 'x_a' has a text at 1, expected FP32"],
    ['null', { inputs: [{ ...good, data: [null, 2] }] }, "input 'x_a' has null at 0, expected FP32"],
    ['a number beyond FP32', { inputs: [{ ...good, data: [1e39, 2] }] }, "input 'x_a' has 1e+39 at 0, expected FP32"],
    ['an unknown output', { inputs: [good], outputs: [{ name: 'z' }] }, 'got an output named "z", expected \'y_a\''],
    [
      'an output twice',
      { inputs: [good], outputs: [{ name: 'y_a' }, { name: 'y_a' }] },
      "got output 'y_a' twice, expected it once",
    ],
    [
      'outputs that are no list',
      { inputs: [good], outputs: {} },
      "got 'outputs' that are no array, expected one or none",
    ],
    [
      'parameters that are no object',
      { inputs: [good], parameters: 1 },
      'the request has parameters that are no object, expected one',
    ],
    [
      'a flag that is none',
      { inputs: [good], parameters: { binary_data_output: 1 } },
      'got binary_data_output 1, expected true or false',
    ],
  ])('%s', async (_, body, error) => {
    const { ask } = await startServer([echo('FP32')]);
    const answer = await ask('/v2/models/echo/infer', body);
    expect({ status: answer.status, ...answer.json }).toEqual({ status: 400, error });
  });

  test('a number that would round to infinity, and no smaller one', async () => {
    const { ask } = await startServer([echo('FP32')]);
    // Halfway between the largest float32 and 2^128: from here on numbers round up.
    const halfway = 2 ** 128 - 2 ** 103;
    const below = 2 ** 128 - 2 ** 103 - 2 ** 75;
    expect([Math.fround(halfway), Math.fround(below)]).toEqual([Infinity, 2 ** 128 - 2 ** 104]);
    const error = async (value: number): Promise<unknown> =>
      (await ask('/v2/models/echo/infer', { inputs: [{ ...good, data: [value, -value] }] })).json.error;
    expect([await error(below), await error(halfway)]).toEqual([undefined, expect.stringContaining('expected FP32')]);
  });

  test('malformed JSON, and nothing at all', async () => {
    const { ask } = await startServer([echo('FP32')]);
    for (const body of ['{"inputs": [', '', 'NaN', '\u0000']) {
      const { status, json } = await ask('/v2/models/echo/infer', body);
      expect(status).toBe(400);
      expect(json.error).toMatch(/^got a body that is no JSON: /);
    }
  });

  test('data nested a hundred thousand deep is refused, not crashed into', async () => {
    const { ask } = await startServer([echo('FP32')]);
    const deep = `${'['.repeat(100_000)}1${']'.repeat(100_000)}`;
    const body = `{"inputs":[{"name":"x_a","datatype":"FP32","shape":[1,2],"data":${deep}}]}`;
    const { status, json } = await ask('/v2/models/echo/infer', body);
    expect(status).toBe(400);
    expect(json.error).toContain('nested deeper');
  });

  test.each([
    ['UINT8', [0, 256], "input 'x_a' has 256 at 1, expected UINT8"],
    ['INT8', [-129, 0], "input 'x_a' has -129 at 0, expected INT8"],
    ['INT32', [1.5, 0], "input 'x_a' has 1.5 at 0, expected INT32"],
    ['UINT64', [-1, 0], "input 'x_a' has -1 at 0, expected UINT64"],
    ['BOOL', [1, 0], "input 'x_a' has 1 at 0, expected BOOL"],
    ['BYTES', ['a', 7], "input 'x_a' has 7 at 1, expected BYTES"],
    [
      'INT64',
      [0, 9_007_199_254_740_992],
      "input 'x_a' has 9007199254740992 at 1, beyond 2^53 where JSON loses digits: send it as binary data",
    ],
    ['BYTES', ['a', 'b\0c'], "input 'x_a' at 1 has a text with a NUL in it, which the runtime would cut there"],
    ['FP16', [1, 2], "input 'x_a' is FP16, which JSON cannot carry: send it as binary data"],
  ] as const)('%s that it cannot hold or JSON cannot carry', async (type, data, error) => {
    const { infer } = await startServer([echo(type)]);
    const answer = await infer('echo', [input(type, [1, 2], data)]);
    expect({ status: answer.status, ...answer.json }).toEqual({ status: 400, error });
  });

  test('inputs with different numbers of rows', async () => {
    const values: Value[] = ['a', 'b'].map((name) => ({ name, type: 'FP32', shape: ['N', 1] }));
    const { infer } = await startServer([inMemory('two', identity(values))]);
    const { status, json } = await infer('two', [
      { name: 'x_a', datatype: 'FP32', shape: [1, 1], data: [1] },
      { name: 'x_b', datatype: 'FP32', shape: [2, 1], data: [1, 2] },
    ]);
    expect([status, json.error]).toEqual([400, "input 'x_b' has 2 rows, expected 1 as 'x_a' has"]);
  });

  test.each(['shared_memory_region', 'sequence_id', 'classification'])('%s is 501: not supported', async (name) => {
    const { infer } = await startServer([echo('FP32')]);
    const { status, json } = await infer('echo', [good], { parameters: { [name]: 1 } });
    expect([status, json.error]).toEqual([501, `the request has the parameter '${name}', which is not supported`]);
    const onInput = await infer('echo', [{ ...good, parameters: { [name]: 1 } }]);
    expect(onInput.status).toBe(501);
    const onOutput = await infer('echo', [good], { outputs: [{ name: 'y_a', parameters: { [name]: 1 } }] });
    expect(onOutput.status).toBe(501);
  });
});

const unary = (op: string): Uint8Array =>
  onnxModel({
    inputs: [{ name: 'x_a', type: 'FP32', shape: ['N', 1] }],
    outputs: [{ name: 'y', type: 'FP32', shape: ['N', 1] }],
    nodes: [{ op, inputs: ['x_a'], outputs: ['y'] }],
  });

describe('what the model answers but JSON cannot carry', () => {
  test.each([
    [-1, "output 'y' has NaN at 0, which JSON cannot carry: ask for it with binary_data"],
    [0, "output 'y' has -Infinity at 0, which JSON cannot carry: ask for it with binary_data"],
  ])('log %d is an error, not null; as binary data it is there', async (x, error) => {
    const { infer } = await startServer([inMemory('log', unary('Log'))]);
    const inputs = [input('FP32', [1, 1], [x])];
    const answer = await infer('log', inputs);
    expect([answer.status, answer.json.error]).toEqual([400, error]);
    const binary = await infer('log', inputs, { parameters: { binary_data_output: true } });
    expect(binary.status).toBe(200);
    expect(binary.bytes.readFloatLE(binary.bytes.length - 4)).toBe(Math.log(x));
  });

  test('one request with such an answer leaves the others of its batch alone', async () => {
    const { infer, server } = await startServer([inMemory('log', unary('Log'))], {
      limits: { maxBatchSize: 3, maxQueueDelayUs: 1e9 },
    });
    const answers = await Promise.all([1, -1, 2].map((x) => infer('log', [input('FP32', [1, 1], [x])])));
    expect(answers.map(({ status }) => status)).toEqual([200, 400, 200]);
    expect(answers[2]!.json.outputs[0].data[0]).toBeCloseTo(Math.LN2, 6);
    expect(server.repository.loadedOnce()[0]!.statistics.executions).toBe(1);
  });
});

test('values at fault inside the model are 400 with its words', async () => {
  const gather = onnxModel({
    inputs: [{ name: 'x_a', type: 'INT64', shape: ['N', 1] }],
    outputs: [{ name: 'y', type: 'FP32', shape: ['N', 1] }],
    constants: [{ name: 'table', shape: [3], data: [10, 20, 30] }],
    nodes: [{ op: 'Gather', inputs: ['table', 'x_a'], outputs: ['y'] }],
  });
  const { infer } = await startServer([inMemory('gather', gather)], {
    limits: { maxBatchSize: 3, maxQueueDelayUs: 1e9 },
  });
  const answers = await Promise.all([2, 99, 0].map((i) => infer('gather', [input('INT64', [1, 1], [i])])));
  expect(answers.map(({ status }) => status)).toEqual([200, 400, 200]);
  expect(answers[1]!.json.error).toMatch(/^the model failed: .*out of/);
  expect([0, 2].map((i) => answers[i]!.json.outputs[0].data)).toEqual([[30], [10]]);
});
