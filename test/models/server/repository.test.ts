import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BadInput } from '../../../config/issues.ts';
import { loadModel } from '../../../models/catalogue.ts';
import { modelSource } from '../../../models/server/sources.ts';
import { testFolder } from '../june.ts';
import { onnxModel } from '../onnx.ts';
import { fakeEngine, serving, x } from './fake-engine.ts';
import { featuresInput, inMemory, startServer } from './support.ts';

const LOAD = '/v2/repository/models/m/load';
const UNLOAD = '/v2/repository/models/m/unload';

/** Answers its input plus `constant`. */
const adds = (constant: number): Uint8Array =>
  onnxModel({
    inputs: [{ name: 'x', type: 'FP32', shape: ['N', 1] }],
    outputs: [{ name: 'y', type: 'FP32', shape: ['N', 1] }],
    constants: [{ name: 'c', shape: [1], data: [constant] }],
    nodes: [{ op: 'Add', inputs: ['x', 'c'], outputs: ['y'] }],
  });
const base64 = (model: Uint8Array): string => Buffer.from(model).toString('base64');

describe('the repository', () => {
  test('index lists every version with its state and reason, or only those that are ready', async () => {
    const { ask } = await startServer(['eta-baseline', inMemory('broken', Uint8Array.of(1, 2, 3))], { load: false });
    const index = async (body: unknown): Promise<unknown> => (await ask('/v2/repository/index', body)).json;
    expect(await index({})).toEqual([
      { name: 'eta-baseline', version: '1', state: 'UNAVAILABLE', reason: 'not loaded yet' },
      { name: 'broken', version: '1', state: 'UNAVAILABLE', reason: 'not loaded yet' },
    ]);
    expect((await ask('/v2/repository/models/eta-baseline/load', '')).status).toBe(200);
    const broken = await ask('/v2/repository/models/broken/load', '');
    expect(broken.status).toBe(400);
    expect(broken.json.error).toMatch(/^model 'broken' cannot be loaded: version 1: .*protobuf/i);
    expect(await index('')).toEqual([
      { name: 'eta-baseline', version: '1', state: 'READY', reason: '' },
      { name: 'broken', version: '1', state: 'UNAVAILABLE', reason: expect.stringMatching(/protobuf/i) },
    ]);
    expect(await index({ ready: true })).toEqual([{ name: 'eta-baseline', version: '1', state: 'READY', reason: '' }]);
    expect((await ask('/v2/repository/index', { ready: 1 })).json.error).toBe('got ready 1, expected true or false');
    expect((await ask('/v2/health/ready')).status).toBe(400);
  });

  test('unloading takes a model away and loading brings it back; neither knows what is not there', async () => {
    const { ask, infer } = await startServer(['eta-baseline']);
    const models = '/v2/repository/models/eta-baseline';
    expect((await ask(`${models}/unload`, { parameters: { unload_dependents: false } })).status).toBe(200);
    const { status, json } = await infer('eta-baseline', featuresInput(1));
    expect([status, json.error]).toEqual([400, "model 'eta-baseline' is not ready: version 1 is UNAVAILABLE"]);
    expect((await ask('/v2/health/ready')).status).toBe(400);
    expect((await ask('/v2/repository/index', '')).json).toEqual([
      { name: 'eta-baseline', version: '1', state: 'UNAVAILABLE', reason: 'unloaded' },
    ]);
    expect((await ask(`${models}/load`, '')).status).toBe(200);
    expect((await infer('eta-baseline', featuresInput(1))).status).toBe(200);
    expect((await ask('/v2/health/ready')).status).toBe(200);
    expect((await ask(UNLOAD, '')).status).toBe(404);
    expect((await ask(LOAD, '')).status).toBe(404);
  });

  test('unloading answers the requests that came before it, and only then frees the model', async () => {
    const engine = fakeEngine();
    const { ask, infer, server } = await startServer([], serving(engine));
    engine.let(0);
    const before = infer('fake', x([1, 1], 7));
    await expect.poll(() => server.repository.serving('fake').queued).toBe(0);
    const unloading = ask('/v2/repository/models/fake/unload', '');
    await expect.poll(() => server.repository.index()[0]!.state).toBe('UNLOADING');
    expect((await infer('fake', x([1, 1], 8))).status).toBe(400);
    expect(engine.closed).toBe(false);
    engine.let(Infinity);
    expect((await before).json.outputs[0].data).toEqual([7]);
    expect((await unloading).status).toBe(200);
    expect(engine.closed).toBe(true);
    expect(server.repository.index()[0]!.state).toBe('UNAVAILABLE');
  });

  test('loading what is loaded reloads it: the old one serves until the new one can, and statistics go on', async () => {
    const engines = [
      fakeEngine(),
      fakeEngine(1, ({ datatype, shape }) => ({ datatype, shape, data: Float32Array.of(-1) })),
    ];
    const left = [...engines];
    const opened = Promise.withResolvers<void>();
    let first = true;
    const { ask, infer, server } = await startServer([], {
      ...serving(engines[0]!),
      openEngine: async () => left.shift()!,
      hooks: { beforeLoad: () => (first ? Promise.resolve() : opened.promise) },
    });
    first = false;
    const loading = ask('/v2/repository/models/fake/load', '');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await infer('fake', x([1, 1], 5))).json.outputs[0].data).toEqual([5]);
    expect((await ask('/v2/health/ready')).status).toBe(200);
    opened.resolve();
    expect((await loading).status).toBe(200);
    expect((await infer('fake', x([1, 1], 5))).json.outputs[0].data).toEqual([-1]);
    expect(engines.map(({ closed }) => closed)).toEqual([true, false]);
    expect(server.repository.loadedOnce().map(({ statistics }) => statistics.rows)).toEqual([2]);
  });

  test('a reload that fails leaves the loaded one serving', async () => {
    const { ask, infer } = await startServer([inMemory('m', adds(1))]);
    const parameters = { 'file:1/model.onnx': base64(Uint8Array.of(9, 9, 9)) };
    expect((await ask(LOAD, { parameters })).status).toBe(400);
    expect((await infer('m', x([1, 1], 1))).json.outputs[0].data).toEqual([2]);
    expect((await ask('/v2/models/m/ready')).status).toBe(200);
  });
});

describe('versions', () => {
  test('without one in the path the newest ready version answers, by number and not by letters', async () => {
    const versions = new Map([
      ['2', adds(2)],
      ['10', adds(10)],
      ['9', adds(9)],
    ]);
    const { ask } = await startServer([{ name: 'm', versions: () => versions }]);
    const answer = async (path: string): Promise<unknown> => {
      const { json } = await ask(`/v2/models/m${path}/infer`, { inputs: x([1, 1], 0) });
      return [json.model_version, json.outputs[0].data[0]];
    };
    expect(await answer('')).toEqual(['10', 10]);
    expect(await answer('/versions/2')).toEqual(['2', 2]);
    expect(await answer('/versions/9')).toEqual(['9', 9]);
    expect((await ask('/v2/models/m')).json.versions).toEqual(['2', '10', '9']);
    versions.delete('10');
    expect((await ask(LOAD, '')).status).toBe(200);
    expect(await answer('')).toEqual(['9', 9]);
    expect((await ask('/v2/models/m')).json.versions).toEqual(['2', '9']);
    expect((await ask('/v2/models/m/versions/10/infer', { inputs: x([1, 1], 0) })).status).toBe(400);
    expect((await ask('/v2/models/m/versions/11/infer', { inputs: x([1, 1], 0) })).status).toBe(404);
  });
});

describe('a load request', () => {
  test('may bring the files of the versions, also of a model nobody knew', async () => {
    const { ask, infer } = await startServer([inMemory('m', adds(1))]);
    const files = { 'file:1/model.onnx': base64(adds(5)), 'file:3/model.onnx': base64(adds(7)) };
    expect((await ask(LOAD, { parameters: files })).status).toBe(200);
    expect((await infer('m', x([1, 1], 0))).json).toMatchObject({ model_version: '3', outputs: [{ data: [7] }] });
    expect((await infer('m/versions/1', x([1, 1], 0))).json.outputs[0].data).toEqual([5]);
    expect((await ask('/v2/repository/models/other/load', { parameters: files })).status).toBe(200);
    expect((await infer('other', x([1, 1], 0))).json.outputs[0].data).toEqual([7]);
  });

  test('may bring a configuration, which changes how requests are batched', async () => {
    const engine = fakeEngine();
    const { ask, infer } = await startServer([], serving(engine));
    const config = JSON.stringify({
      name: 'fake',
      backend: 'onnxruntime',
      max_batch_size: 2,
      dynamic_batching: { max_queue_delay_microseconds: 1e9 },
    });
    expect((await ask('/v2/repository/models/fake/load', { parameters: { config } })).status).toBe(200);
    await Promise.all([1, 2, 3, 4].map((i) => infer('fake', x([1, 1], i))));
    expect(engine.batches.map((batch) => batch.length)).toEqual([2, 2]);
  });

  test.each([
    [{ config: '{' }, 400, /no JSON/],
    [{ config: '{"max_batch_size":-1}' }, 400, /max_batch_size -1, expected a whole number/],
    [{ config: '{"dynamic_batching":7}' }, 400, /'dynamic_batching' that is no object/],
    [{ config: '{"instance_group":[]}' }, 501, /'instance_group', which is not supported/],
    [{ config: '{"dynamic_batching":{"preferred_batch_size":[4]}}' }, 501, /'dynamic_batching.preferred_batch_size'/],
    [{ config: '{"backend":"python"}' }, 501, /config for "python", expected one of onnxruntime/],
    [{ config: 7 }, 400, /'config' that is no text/],
    [{ else: 'x' }, 501, /'else', which is not supported/],
    [{ 'file:1/model.onnx': '!!!!' }, 400, /no base64/],
    [{ 'file:1/weights.bin': 'AAAA' }, 400, /expected 'file:<version>\/model.onnx'/],
    [{ 'file:x/model.onnx': 'AAAA' }, 400, /expected 'file:<version>\/model.onnx'/],
  ])('with %j is %i', async (parameters, status, error) => {
    const { ask } = await startServer([inMemory('m', adds(1))]);
    const answer = await ask(LOAD, { parameters });
    expect([answer.status, answer.json.error]).toEqual([status, expect.stringMatching(error)]);
  });

  test('with files is 501 where uploads are not allowed, and so is nothing else', async () => {
    const { ask } = await startServer([inMemory('m', adds(1))], { allowUploads: false });
    const parameters = { 'file:1/model.onnx': base64(adds(2)) };
    expect((await ask(LOAD, { parameters })).status).toBe(501);
    expect((await ask(LOAD, '')).status).toBe(200);
  });
});

describe('the models a user names', () => {
  const onnx = loadModel('eta-baseline').onnxFile;

  test('are shipped names, files, folders, and folders of versions; a name may be given', () => {
    const folder = testFolder();
    mkdirSync(join(folder, 'mine'));
    copyFileSync(onnx, join(folder, 'mine', 'model.onnx'));
    for (const version of ['1', '12', 'notes']) {
      mkdirSync(join(folder, 'many', version), { recursive: true });
      copyFileSync(onnx, join(folder, 'many', version, 'model.onnx'));
    }
    const seen = ['eta-baseline', `${folder}/mine`, `${folder}/many`, onnx, `eta=${folder}/mine`].map((argument) => {
      const { name, versions } = modelSource(argument);
      return [name, ...versions().keys()];
    });
    expect(seen).toEqual([
      ['eta-baseline', '1'],
      ['mine', '1'],
      ['many', '1', '12'],
      ['model', '1'],
      ['eta', '1'],
    ]);
    expect([...modelSource(`${folder}/many`).versions().values()]).toEqual(
      ['1', '12'].map((version) => join(folder, 'many', version, 'model.onnx')),
    );
  });

  test('are refused when there is nothing, no model, or a name that no path can hold', () => {
    const folder = testFolder();
    writeFileSync(join(folder, 'notes.txt'), 'x');
    expect(() => modelSource('eta-nobody')).toThrow(
      /^eta-nobody:1:1: got nothing of this name, expected a model's name \(eta-b/,
    );
    expect(() => modelSource(folder)).toThrow('got a place without a model');
    expect(() => modelSource(join(folder, 'notes.txt'))).toThrow('got a place without a model');
    expect(() => modelSource('a/b=eta-baseline')).toThrow(BadInput);
    expect(() => modelSource('a/b=eta-baseline')).toThrow("got the name 'a/b', expected one without");
  });

  test('are looked up anew on every load', async () => {
    const file = join(testFolder(), 'm.onnx');
    writeFileSync(file, adds(1));
    const { ask, infer } = await startServer([file]);
    writeFileSync(file, adds(2));
    expect((await infer('m', x([1, 1], 0))).json.outputs[0].data).toEqual([1]);
    await ask(LOAD, '');
    expect((await infer('m', x([1, 1], 0))).json.outputs[0].data).toEqual([2]);
    rmSync(file);
    const { status, json } = await ask(LOAD, '');
    expect([status, json.error]).toEqual([400, "model 'm' cannot be loaded: its files are gone"]);
  });
});
