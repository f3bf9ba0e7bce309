import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadModel } from '../../../models/catalogue.ts';
import { pythonWith } from '../../bench/python.ts';
import { testFolder } from '../june.ts';
import { ELEMENT, identity, type Value } from '../onnx.ts';
import { features, inMemory, startServer } from './support.ts';

const CLIENT = join(import.meta.dirname, 'client');
const python = pythonWith(join(CLIENT, 'requirements.txt'), "Triton's client");
if (typeof python !== 'string') process.stderr.write(`SKIPPED: ${python.missing}\n`);

const ready = (name: string): object => ({ name, version: '1', state: 'READY', reason: '' });

/** What the script prints; rejects with what it says when it fails. */
const talk = (args: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(python as string, [join(CLIENT, 'talk.py'), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
    child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(stdout) : reject(new Error(`ended with ${code}:\n${stderr}`))));
  });

test.skipIf(typeof python !== 'string')("Triton's public client understands everything the server says", async () => {
  const types = Object.keys(ELEMENT) as Value['type'][];
  const echo = identity(types.map((type) => ({ name: type, type, shape: ['N', 2] })));
  const { server, url, infer } = await startServer(['eta-baseline', 'eta-candidate', inMemory('echo', echo)]);
  const rows = [1, 2, 3].map(features);
  const file = join(testFolder(), 'examples.json');
  const upload = readFileSync(loadModel('eta-wide').onnxFile).toString('base64');
  writeFileSync(file, JSON.stringify({ rows, upload }));

  const said = JSON.parse(await talk([new URL(url).host, file]));

  expect(said).toMatchObject({ live: true, ready: true, modelReady: true, versionReady: true });
  expect(said.server.extensions).toEqual(['binary_tensor_data', 'model_repository', 'statistics']);
  expect(said.model).toEqual({
    name: 'eta-baseline',
    versions: ['1'],
    platform: 'onnx_onnxv1',
    inputs: [{ name: 'features', datatype: 'FP32', shape: [-1, 9] }],
    outputs: [{ name: 'eta', datatype: 'FP32', shape: [-1, 1] }],
  });

  const input = { name: 'features', datatype: 'FP32', shape: [3, 9], data: rows.flat() };
  const expected = (await infer('eta-baseline', [input])).json.outputs[0].data;
  const ways = ['json in, json out', 'json in, binary out', 'binary in, json out', 'binary in, binary out'];
  expect(said.eta).toEqual(Object.fromEntries(ways.map((way) => [way, expected])));
  expect(said.async).toEqual(Array.from({ length: 8 }, () => expected));
  expect(said.answer).toEqual({ model_name: 'eta-baseline', model_version: '1', id: 'seven' });
  expect(said.echoBinary).toEqual(Object.fromEntries(types.map((type) => [type, true])));
  expect(Object.values(said.echoJson)).toEqual(Array.from({ length: 9 }, () => true));

  expect(said.refusals).toEqual({
    shape: ['400', "input 'features' has size 8 in dimension 1, expected 9 as in [-1, 9]"],
    model: ['404', "there is no model 'nobody', expected one of eta-baseline, eta-candidate, echo"],
    classes: ['501', "output 'eta' has the parameter 'classification', which is not supported"],
    config: ['501', "got config with 'instance_group', which is not supported"],
  });

  const unloaded = { name: 'eta-candidate', version: '1', state: 'UNAVAILABLE', reason: 'unloaded' };
  expect(said.index).toEqual([ready('eta-baseline'), ready('eta-candidate'), ready('echo')]);
  expect(said.unloaded).toEqual([false, false, [ready('eta-baseline'), unloaded, ready('echo')]]);
  expect(said.loaded).toEqual([true, true]);
  expect(said.uploaded).toEqual(['2']);
  expect(server.repository.serving('eta-candidate').version).toBe('2');

  // Four ways, one with an id, eight at once: three rows each. Two that failed.
  expect(said.stats).toEqual({ name: 'eta-baseline', version: '1', inference_count: 39 });
  expect(said.counts).toEqual({
    success: 13,
    fail: 2,
    queue: 13,
    compute_input: 13,
    compute_infer: 13,
    compute_output: 13,
  });
  expect(said.allStats).toEqual(['eta-baseline', 'eta-candidate', 'eta-candidate', 'echo']);
});
