import { describe, expect, test } from 'vitest';
import { ServerError } from '../../../models/server/errors.ts';
import type { InferenceCall, ServerHooks } from '../../../models/server/hooks.ts';
import type { Tensor } from '../../../models/server/tensor.ts';
import { fakeEngine, serving, x } from './fake-engine.ts';
import { type Answer, features, startServer } from './support.ts';

const row = (value: number): object[] => [{ name: 'row', datatype: 'INT32', shape: [1], data: [value] }];

/** What a replica does: a row's number comes, its features go into the model. */
const expanding = (more: Partial<ServerHooks> = {}): ServerHooks => ({
  inputs: [{ name: 'row', datatype: 'INT32', shape: [1] }],
  serve: ({ inputs }, infer) => infer([tensor(features((inputs[0]!.data as Int32Array)[0]!))]),
  ...more,
});
const tensor = (data: readonly number[]): Tensor => ({
  datatype: 'FP32',
  shape: [1, data.length],
  data: Float32Array.from(data),
});

describe('a program that embeds the server', () => {
  test('can take other inputs than the model: metadata says so, requests are checked against them', async () => {
    const { ask, infer } = await startServer(['eta-baseline'], { hooks: expanding() });
    const plain = await startServer(['eta-baseline']);
    expect((await ask('/v2/models/eta-baseline')).json.inputs).toEqual([
      { name: 'row', datatype: 'INT32', shape: [1] },
    ]);
    const wanted = await plain.infer('eta-baseline', [
      { name: 'features', datatype: 'FP32', shape: [1, 9], data: features(7) },
    ]);
    const { json } = await infer('eta-baseline', row(7), { id: 'seven' });
    expect(json).toEqual({ ...wanted.json, id: 'seven' });
    const bad = await infer('eta-baseline', [{ name: 'row', datatype: 'INT32', shape: [2], data: [1, 2] }]);
    expect([bad.status, bad.json.error]).toEqual([400, "input 'row' has size 2 in dimension 0, expected 1 as in [1]"]);
  });

  test('is given model, version, id, headers and time of the request, and its inferences share batches', async () => {
    const calls: InferenceCall[] = [];
    const engine = fakeEngine();
    const hooks: ServerHooks = {
      serve: (call, infer) => {
        calls.push(call);
        return infer(call.inputs);
      },
    };
    const { ask } = await startServer([], {
      ...serving(engine),
      hooks,
      limits: { maxBatchSize: 3, maxQueueDelayUs: 1e9 },
    });
    const asked = [1, 2, 3].map((i) =>
      ask('/v2/models/fake/infer', { id: `${i}`, inputs: x([1, 1], i) }, { headers: { 'x-number': `${i}` } }),
    );
    expect((await Promise.all(asked)).map(({ json }) => json.outputs[0].data)).toEqual([[1], [2], [3]]);
    expect(engine.batches.map((batch) => batch.toSorted((a, b) => a - b))).toEqual([[1, 2, 3]]);
    const [call] = calls.toSorted((a, b) => Number(a.id) - Number(b.id));
    expect(call).toMatchObject({ model: 'fake', version: '1', id: '1', headers: { 'x-number': '1' } });
    expect(Math.abs(call!.receivedMs - Date.now())).toBeLessThan(60_000);
  });

  test('can hold requests as long as it likes, and add headers to answers and errors', async () => {
    const held: (() => void)[] = [];
    const hooks: ServerHooks = {
      async serve({ inputs, answerHeaders }, infer) {
        answerHeaders['x-early'] = 'yes';
        await new Promise<void>((resolve) => held.push(resolve));
        const outputs = await infer(inputs);
        answerHeaders['x-late'] = '1;2;3';
        if ((inputs[0]!.data as Float32Array)[0] === 2) throw new ServerError(504, 'waited too long');
        return outputs;
      },
    };
    const { infer } = await startServer([], { ...serving(fakeEngine()), hooks });
    const answers = [1, 2].map((i) => infer('fake', x([1, 1], i)));
    await expect.poll(() => held.length).toBe(2);
    for (const release of held) release();
    const [good, bad] = await Promise.all(answers);
    expect([good!.status, good!.headers.get('x-early'), good!.headers.get('x-late')]).toEqual([200, 'yes', '1;2;3']);
    expect([bad!.status, bad!.headers.get('x-early'), bad!.json]).toEqual([504, 'yes', { error: 'waited too long' }]);
  });

  test('answers 503 with its own words, 500 for an error nobody foresaw, and goes on', async () => {
    const failures = [new ServerError(503, 'no slot'), new Error('a bug'), null];
    const hooks: ServerHooks = {
      async serve(call, infer) {
        const failure = failures.shift();
        if (failure !== null && failure !== undefined) throw failure;
        return infer(call.inputs);
      },
    };
    const { infer, server } = await startServer([], { ...serving(fakeEngine()), hooks });
    const seen: Answer[] = [];
    for (const i of [1, 2, 3]) seen.push(await infer('fake', x([1, 1], i)));
    expect(seen.map(({ status, json }) => [status, json.error])).toEqual([
      [503, 'no slot'],
      [500, 'a bug'],
      [200, undefined],
    ]);
    const { success, fail } = server.repository.loadedOnce()[0]!.statistics;
    expect([success.count, fail.count]).toEqual([1, 2]);
  });

  test('that gives the model too much in one request fails that request, not the batch', async () => {
    const hooks: ServerHooks = {
      serve: ({ inputs }, infer) =>
        infer([tensor(features((inputs[0]!.data as Int32Array)[0]!).concat(inputs[0]!.data[0] === 2 ? [1] : []))]),
    };
    const limits = { maxBatchSize: 3, maxQueueDelayUs: 1e9 };
    const { infer } = await startServer(['eta-baseline'], { hooks: expanding(hooks), limits });
    const answers = await Promise.all([1, 2, 3].map((i) => infer('eta-baseline', row(i))));
    expect(answers.map(({ status }) => status)).toEqual([200, 400, 200]);
    expect(answers[1]!.json.error).toMatch(/^the model failed: .*invalid dimensions/);
    const [one, , three] = answers.map(({ json }) => json.outputs?.[0].data[0]);
    expect(one).not.toBe(three);
  });

  test('that gives headers nobody can send is told so by a 500, and the server goes on', async () => {
    const values = ['a\r\nb', 'fine'];
    const hooks: ServerHooks = {
      serve: ({ inputs, answerHeaders }, infer) => {
        answerHeaders['x-own'] = values.shift()!;
        return infer(inputs);
      },
    };
    const { infer } = await startServer([], { ...serving(fakeEngine()), hooks });
    const bad = await infer('fake', x([1, 1], 1));
    expect([bad.status, bad.json.error]).toEqual([500, expect.stringContaining('x-own')]);
    expect((await infer('fake', x([1, 1], 1))).headers.get('x-own')).toBe('fine');
  });

  test('is told to forget what it cached, on demand and whenever a model is loaded', async () => {
    let cleared = 0;
    const hooks = { clearCaches: () => void cleared++ };
    const { ask, server } = await startServer(['eta-baseline'], { hooks });
    expect(cleared).toBe(1);
    server.clearCaches();
    expect(cleared).toBe(2);
    await ask('/v2/repository/models/eta-baseline/load', '');
    expect(cleared).toBe(3);
  });

  test('a full queue reaches the hook as 503', async () => {
    const engine = fakeEngine();
    const seen: unknown[] = [];
    const hooks: ServerHooks = {
      serve: (call, infer) =>
        infer(call.inputs).catch((error: unknown) => {
          seen.push(error);
          throw error;
        }),
    };
    const { infer } = await startServer([], { ...serving(engine), hooks, limits: { queueLimit: 1 } });
    engine.let(0);
    const first = infer('fake', x([1, 1], 1));
    await expect.poll(() => engine.asked).toBe(1);
    const others = [2, 3].map((i) => infer('fake', x([1, 1], i)));
    expect((await Promise.race(others)).status).toBe(503);
    engine.let(Infinity);
    expect((await first).status).toBe(200);
    expect((await Promise.all(others)).map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 503]);
    expect(seen).toEqual([expect.objectContaining({ status: 503 })]);
  });

  test('a load that it delays can be interrupted by closing', async () => {
    const hooks = { beforeLoad: () => new Promise<void>(() => undefined) };
    const { server } = await startServer(['eta-baseline'], { load: false, hooks });
    void server.load();
    expect(await server.close(1000)).toBe(true);
  });
});
