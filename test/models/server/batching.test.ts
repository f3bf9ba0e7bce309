import { describe, expect, test } from 'vitest';
import { Stream } from '../../../sim/random.ts';
import { SERVABLE } from '../june.ts';
import { identity, onnxModel } from '../onnx.ts';
import { fakeEngine, serving, x } from './fake-engine.ts';
import { type Answer, inMemory, type Started, startServer } from './support.ts';

/** Never reached: a batch that waits for it hangs its test. */
const FOREVER_US = 1e9;

const firstValue = ({ json }: Answer): number => json.outputs[0].data[0];
const executions = ({ server }: Started): number => server.repository.loadedOnce()[0]!.statistics.executions;
const byValue = (a: number, b: number): number => a - b;
const from = (start: number, count: number): number[] => Array.from({ length: count }, (_, i) => start + i);

describe('requests that come in together', () => {
  test.each(SERVABLE)('%s: a batch of n gives the bits of n batches of one', async (model) => {
    const whole = await startServer([model], { limits: { maxBatchSize: 37, maxQueueDelayUs: FOREVER_US } });
    const single = await startServer([model], { limits: { maxBatchSize: 1 } });
    const draws = new Stream(`rows/${model}`);
    const rows = from(0, 37).map(() => Float32Array.from({ length: 9 }, () => (draws.next() - 0.3) * 2000));
    const bits = async ({ infer }: Started, row: Float32Array): Promise<string> => {
      const inputs = [{ name: 'features', datatype: 'FP32', shape: [1, 9], data: [...row] }];
      const { status, bytes } = await infer(model, inputs, { parameters: { binary_data_output: true } });
      expect(status).toBe(200);
      return bytes.subarray(-4).toString('hex');
    };
    const together = await Promise.all(rows.map((row) => bits(whole, row)));
    expect(together).toEqual(await Promise.all(rows.map((row) => bits(single, row))));
    expect(new Set(together).size).toBeGreaterThan(10);
    expect([executions(whole), executions(single)]).toEqual([1, 37]);
  });

  test('are run in the order in which they came, each answered with its own rows', async () => {
    const engine = fakeEngine(2);
    const { infer } = await startServer([], {
      ...serving(engine),
      limits: { maxBatchSize: 4, maxQueueDelayUs: FOREVER_US },
    });
    const answers = await Promise.all([
      infer('fake', x([1, 2], 1, 1.5)),
      infer('fake', x([2, 2], 2, 2.5, 3, 3.5)),
      infer('fake', x([1, 2], 4, 4.5)),
    ]);
    expect(engine.batches).toEqual([[1, 2, 3, 4]]);
    expect(answers.map(({ json }) => json.outputs[0])).toEqual([
      { name: 'y', datatype: 'FP32', shape: [1, 2], data: [1, 1.5] },
      { name: 'y', datatype: 'FP32', shape: [2, 2], data: [2, 2.5, 3, 3.5] },
      { name: 'y', datatype: 'FP32', shape: [1, 2], data: [4, 4.5] },
    ]);
  });

  test('form batches of at most maxBatchSize rows; whoever has more alone is run alone, whole', async () => {
    const engine = fakeEngine();
    engine.let(1);
    const { infer, server } = await startServer([], { ...serving(engine), limits: { maxBatchSize: 3 } });
    const model = server.repository.serving('fake');
    const waiting = [infer('fake', x([1, 1], 0))];
    await expect.poll(() => engine.batches.length).toBe(1);
    engine.let(1);
    for (const [i, rows] of [1, 1, 2, 5, 1, 1, 1, 1].entries()) {
      waiting.push(infer('fake', x([rows, 1], ...from(10 * (i + 1), rows))));
      await expect.poll(() => engine.asked - 2 + model.queued).toBe(i);
    }
    engine.let(Infinity);
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual(waiting.map(() => 200));
    const sizes = engine.batches.map((batch) => batch.length);
    expect(Math.max(...sizes.filter((size) => size !== 5))).toBeLessThanOrEqual(3);
    expect(sizes).toContain(5);
    expect(engine.batches.flat()).toEqual(engine.batches.flat().toSorted((a, b) => a - b));
  });

  test('wait for others up to maxQueueDelayUs, and no longer', async () => {
    const engine = fakeEngine();
    const { infer, server } = await startServer([], {
      ...serving(engine),
      limits: { maxBatchSize: 8, maxQueueDelayUs: 200_000 },
    });
    const started = performance.now();
    await Promise.all([infer('fake', x([1, 1], 1)), infer('fake', x([1, 1], 2))]);
    expect(performance.now() - started).toBeGreaterThanOrEqual(199.9);
    expect(engine.batches).toEqual([expect.arrayContaining([1, 2])]);
    const { queue } = server.repository.loadedOnce()[0]!.statistics.report('', '').inference_stats;
    expect(queue.count).toBe(2);
    expect(queue.ns).toBeGreaterThan(200e6);
  });

  test('of different shapes never share a batch, of the same shape they do', async () => {
    const engine = fakeEngine(-1);
    const { infer } = await startServer([], {
      ...serving(engine),
      limits: { maxBatchSize: 2, maxQueueDelayUs: FOREVER_US },
    });
    const ask = (value: number, width: number): Promise<Answer> => infer('fake', x([1, width], ...from(value, width)));
    const answers = await Promise.all([ask(1, 2), ask(2, 3), ask(3, 2), ask(4, 3)]);
    const batches = engine.batches.map((batch) => batch.toSorted(byValue)).toSorted((a, b) => a[0]! - b[0]!);
    expect(batches).toEqual([
      [1, 3],
      [2, 4],
    ]);
    expect(answers.map(firstValue)).toEqual([1, 2, 3, 4]);
    expect(answers.map(({ json }) => json.outputs[0].shape[1])).toEqual([2, 3, 2, 3]);
  });

  test('for different models never share a batch', async () => {
    const engines = [fakeEngine(), fakeEngine()];
    const waiting = [...engines];
    const { infer } = await startServer([], {
      ...serving(engines[0]!),
      models: ['a', 'b'].map((name) => inMemory(name, new Uint8Array())),
      openEngine: async () => waiting.shift()!,
      limits: { maxBatchSize: 3, maxQueueDelayUs: FOREVER_US },
    });
    const answers = await Promise.all(from(0, 6).map((i) => infer(i % 2 === 0 ? 'a' : 'b', x([1, 1], i))));
    expect(answers.map(firstValue)).toEqual(from(0, 6));
    expect(engines.map(({ batches }) => batches.flat().toSorted(byValue))).toEqual([
      [0, 2, 4],
      [1, 3, 5],
    ]);
  });

  test('are each run alone when maxBatchSize is 1', async () => {
    const engine = fakeEngine();
    const { infer } = await startServer([], { ...serving(engine), limits: { maxBatchSize: 1 } });
    await Promise.all(from(0, 8).map((i) => infer('fake', x([1, 1], i))));
    expect(engine.batches.map((batch) => batch.length)).toEqual(from(0, 8).map(() => 1));
  });

  test('are run one by one again when a batch does not give a row per row, and from then on', async () => {
    const sum = fakeEngine(1, ({ datatype, data }) => ({
      datatype,
      shape: [1, 1],
      data: Float32Array.of((data as Float32Array).reduce((a, b) => a + b, 0)),
    }));
    const { infer } = await startServer([], {
      ...serving(sum),
      limits: { maxBatchSize: 2, maxQueueDelayUs: FOREVER_US },
    });
    expect((await Promise.all([3, 5].map((i) => infer('fake', x([1, 1], i))))).map(firstValue)).toEqual([3, 5]);
    sum.batches.length = 0;
    expect((await Promise.all([7, 9].map((i) => infer('fake', x([1, 1], i))))).map(firstValue)).toEqual([7, 9]);
    expect(sum.batches.map((batch) => batch.length)).toEqual([1, 1]);
  });
});

describe('a model that cannot be batched', () => {
  const across = onnxModel({
    inputs: [{ name: 'x', type: 'FP32', shape: ['N', 1] }],
    outputs: [{ name: 'y', type: 'FP32', shape: ['N', 1] }],
    nodes: [{ op: 'Softmax', inputs: ['x'], outputs: ['y'], attributes: { axis: 0 } }],
  });

  test('because its rows depend on each other is found out by trial rows, said, and served right', async () => {
    const notes: string[] = [];
    const onNote = (note: string): void => void notes.push(note);
    const limits = { maxQueueDelayUs: FOREVER_US };
    const { infer } = await startServer([inMemory('across', across)], { onNote, limits });
    expect(notes).toEqual([
      'across version 1 is served without batching: the answer to a row depends on the rows beside it',
    ]);
    expect((await Promise.all([1, 2, 3].map((i) => infer('across', x([1, 1], i))))).map(firstValue)).toEqual([1, 1, 1]);
    const both = await infer('across', x([2, 1], 1, 1));
    expect(both.json.outputs[0].data).toEqual([0.5, 0.5]);
  });

  test('because its first dimension is fixed runs every request alone', async () => {
    const model = identity([{ name: 'a', type: 'FP32', shape: [1, 2] }]);
    const { infer, server } = await startServer([inMemory('fixed', model)], {
      limits: { maxQueueDelayUs: FOREVER_US },
    });
    const ask = (i: number): Promise<Answer> =>
      infer('fixed', [{ name: 'x_a', datatype: 'FP32', shape: [1, 2], data: [i, -i] }]);
    expect((await Promise.all([1, 2, 3].map(ask))).map(({ json }) => json.outputs[0].data)).toEqual([
      [1, -1],
      [2, -2],
      [3, -3],
    ]);
    expect(server.repository.loadedOnce()[0]!.statistics.executions).toBe(3);
  });

  test('because its inputs count different things has no rows in common', async () => {
    const model = identity([
      { name: 'a', type: 'FP32', shape: ['N', 1] },
      { name: 'b', type: 'FP32', shape: ['M', 1] },
    ]);
    const { infer } = await startServer([inMemory('two', model)]);
    const { status, json } = await infer('two', [
      { name: 'x_a', datatype: 'FP32', shape: [1, 1], data: [1] },
      { name: 'x_b', datatype: 'FP32', shape: [2, 1], data: [2, 3] },
    ]);
    expect([status, json.outputs[1].data]).toEqual([200, [2, 3]]);
  });
});

test('texts are batched like numbers', async () => {
  const model = identity([{ name: 'a', type: 'BYTES', shape: ['N', 2] }]);
  const { infer, server } = await startServer([inMemory('texts', model)], {
    limits: { maxBatchSize: 3, maxQueueDelayUs: FOREVER_US },
  });
  const ask = (i: number): Promise<Answer> =>
    infer('texts', [{ name: 'x_a', datatype: 'BYTES', shape: [1, 2], data: [`${i}`, 'ö'] }]);
  expect((await Promise.all([1, 2, 3].map(ask))).map(({ json }) => json.outputs[0].data)).toEqual([
    ['1', 'ö'],
    ['2', 'ö'],
    ['3', 'ö'],
  ]);
  expect(server.repository.loadedOnce()[0]!.statistics.executions).toBe(1);
});
