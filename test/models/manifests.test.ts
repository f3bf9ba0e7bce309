import { readFileSync, statSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { BadInput } from '../../config/issues.ts';
import { loadModel, modelNames } from '../../models/catalogue.ts';
import { SESSION_OPTIONS } from '../../models/runtime.ts';

/** Inputs or outputs as a manifest writes them. */
const seen = (metadata: readonly InferenceSession.ValueMetadata[]): unknown =>
  metadata.map((value) => {
    if (!value.isTensor) return value.name;
    const shape = value.shape.map((size) => (typeof size === 'number' ? size : -1));
    return { name: value.name, type: value.type, shape };
  });

describe.each(modelNames())('%s', (name) => {
  const info = loadModel(name);
  const width = info.features.length;

  test('its file is the one that the manifest describes, under 500 KB', () => {
    expect(statSync(info.onnxFile).size).toBe(info.bytes);
    expect(info.bytes).toBeLessThan(500_000);
    expect(info.name).toBe(name);
  });

  test('the runtime sees the signature that the manifest declares', async () => {
    const session = await InferenceSession.create(info.onnxFile, SESSION_OPTIONS);
    expect(seen(session.inputMetadata)).toEqual(info.inputs);
    expect(seen(session.outputMetadata)).toEqual(info.outputs);
    expect(info.inputs).toEqual([{ name: 'features', type: 'float32', shape: [-1, width] }]);
    expect(info.outputs).toEqual(
      info.task === 'ranking'
        ? [
            { name: 'items', type: 'int64', shape: [-1, 10] },
            { name: 'score', type: 'float32', shape: [-1, 1] },
          ]
        : [{ name: 'eta', type: 'float32', shape: [-1, 1] }],
    );
    expect(info.opset['ai.onnx']).toBe(17);
  });

  test('it answers the examples as the Python runtime did, to 1e-5 of the answer', async () => {
    const session = await InferenceSession.create(info.onnxFile, SESSION_OPTIONS);
    expect(info.examples.length).toBeGreaterThanOrEqual(5);
    for (const example of info.examples) {
      const { features } = example;
      const answer = await session.run({ features: new Tensor('float32', Float32Array.from(features), [1, width]) });
      const got = Number((answer.eta ?? answer.score)?.data[0]);
      const [wanted = 0] = 'eta' in example ? example.eta : example.score;
      if ('items' in example) expect([...(answer.items!.data as BigInt64Array)].map(Number)).toEqual(example.items);
      expect(Math.abs(got - wanted)).toBeLessThanOrEqual(1e-5 * Math.abs(wanted));
    }
  });
});

test('all models together stay under 2 MB', () => {
  const bytes = modelNames().reduce((sum, name) => sum + loadModel(name).bytes, 0);
  expect(bytes).toBeLessThan(2_000_000);
});

test('a name that is no model is refused, with the one that was probably meant', () => {
  expect(() => loadModel('eta-baselin')).toThrow(BadInput);
  expect(() => loadModel('eta-baselin')).toThrow("got 'eta-baselin', which is no model; did you mean 'eta-baseline'?");
  expect(() => loadModel('nothing-like-it')).toThrow('expected one of eta-baseline, eta-candidate');
});

test('no manifest names a machine path', () => {
  for (const name of modelNames()) expect(readFileSync(loadModel(name).manifestFile, 'utf8')).not.toMatch(/"\/|\\\\/);
});
