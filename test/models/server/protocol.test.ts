import { describe, expect, test } from 'vitest';
import { inMemory, startServer } from './support.ts';
import { identity } from '../onnx.ts';

describe('what a server says about itself and its models', () => {
  test.each(['/v2', '/v2/'])('%s: name, version and the extensions that are really there', async (path) => {
    const { ask } = await startServer([]);
    const { status, json, headers } = await ask(path);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/json');
    expect(json).toEqual({
      name: 'coalmine',
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      extensions: ['binary_tensor_data', 'model_repository', 'statistics'],
    });
  });

  test('metadata: versions, platform, inputs and outputs with -1 for what varies', async () => {
    const { ask } = await startServer(['eta-baseline']);
    const expected = {
      name: 'eta-baseline',
      versions: ['1'],
      platform: 'onnx_onnxv1',
      inputs: [{ name: 'features', datatype: 'FP32', shape: [-1, 9] }],
      outputs: [{ name: 'eta', datatype: 'FP32', shape: [-1, 1] }],
    };
    expect((await ask('/v2/models/eta-baseline')).json).toEqual(expected);
    expect((await ask('/v2/models/eta-baseline/versions/1')).json).toEqual(expected);
  });

  test('metadata of a symbolic dimension without a name, and of a scalar', async () => {
    const model = identity([
      { name: 'a', type: 'FP32', shape: ['', 2] },
      { name: 'b', type: 'INT64', shape: [] },
    ]);
    const { ask } = await startServer([inMemory('m', model)]);
    expect((await ask('/v2/models/m')).json.inputs).toEqual([
      { name: 'x_a', datatype: 'FP32', shape: [-1, 2] },
      { name: 'x_b', datatype: 'INT64', shape: [] },
    ]);
  });
});

describe('health', () => {
  test('live at once; ready, as a server and as a model, only when every model is', async () => {
    const opened = Promise.withResolvers<void>();
    const hooks = { beforeLoad: (model: string) => (model === 'eta-candidate' ? opened.promise : Promise.resolve()) };
    const { server, ask } = await startServer(['eta-baseline', 'eta-candidate'], { load: false, hooks });
    const get = async (path: string): Promise<unknown> => {
      const { status, json } = await ask(path);
      return [status, json];
    };
    expect(await get('/v2/health/live')).toEqual([200, { live: true }]);
    expect(await get('/v2/health/ready')).toEqual([400, { ready: false }]);
    const loading = server.load();
    await expect.poll(() => ask('/v2/models/eta-baseline/ready').then(({ status }) => status)).toBe(200);
    expect(await get('/v2/health/ready')).toEqual([400, { ready: false }]);
    expect(await get('/v2/models/eta-candidate/ready')).toEqual([
      400,
      { error: "model 'eta-candidate' is not ready: version 1 is LOADING" },
    ]);
    expect((await ask('/v2/models/eta-candidate')).status).toBe(400);
    expect((await ask('/v2/models/eta-candidate/infer', { inputs: [] })).status).toBe(400);
    opened.resolve();
    await loading;
    expect(await get('/v2/health/ready')).toEqual([200, { ready: true }]);
    expect(await get('/v2/models/eta-candidate/ready')).toEqual([200, { name: 'eta-candidate', ready: true }]);
    expect(await get('/v2/models/eta-candidate/versions/1/ready')).toEqual([
      200,
      { name: 'eta-candidate', ready: true },
    ]);
  });
});

describe('paths and methods', () => {
  test.each([
    ['/', 404],
    ['/v3', 404],
    ['/v2/models', 404],
    ['/v2/models/eta-baseline/else', 404],
    ['/v2/models/eta-baseline/config', 404],
    ['/v2/models/nobody', 404],
    ['/v2/models/nobody/ready', 404],
    ['/v2/models/nobody/stats', 404],
    ['/v2/models/eta-baseline/versions/2', 404],
    ['/v2/models/eta-baseline/versions/2/stats', 404],
    ['/v2/models/%E0%A4%A/ready', 404],
    ['/v2/models/eta-baseline/infer', 405],
    ['/v2/repository/index', 405],
    ['/v2/repository/models/eta-baseline/load', 405],
  ])('GET %s is answered with %i and an error', async (path, status) => {
    const { ask } = await startServer(['eta-baseline']);
    const answer = await ask(path);
    expect(answer.status).toBe(status);
    expect(answer.json).toEqual({ error: expect.any(String) });
    expect(answer.headers.get('allow')).toBe(status === 405 ? 'POST' : null);
  });

  test.each([
    ['/v2', 'GET, HEAD'],
    ['/v2/health/ready', 'GET, HEAD'],
    ['/v2/models/eta-baseline', 'GET, HEAD'],
    ['/metrics', 'GET, HEAD'],
  ])('POST %s is 405, and says what is allowed', async (path, allowed) => {
    const { ask } = await startServer(['eta-baseline']);
    const answer = await ask(path, {});
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, allowed]);
    expect(answer.json.error).toBe(`got POST ${path}, expected GET`);
  });

  test('POST to an unknown path or model is 404 with an error, and the connection stays usable', async () => {
    const { ask, infer } = await startServer(['eta-baseline']);
    expect((await ask('/v2/nothing', 'x'.repeat(100_000))).status).toBe(404);
    const { status, json } = await infer('nobody', []);
    expect([status, json]).toEqual([404, { error: "there is no model 'nobody', expected one of eta-baseline" }]);
    expect((await ask('/v2/health/live')).status).toBe(200);
  });

  test('a query string changes nothing, HEAD answers without a body', async () => {
    const { ask } = await startServer(['eta-baseline']);
    expect((await ask('/v2/health/ready?verbose=1')).status).toBe(200);
    const head = await ask('/v2/models/eta-baseline', undefined, { method: 'HEAD' });
    expect([head.status, head.bytes.length]).toEqual([200, 0]);
  });

  test('a name with letters that a path must encode is found', async () => {
    const { ask } = await startServer([inMemory('größe:2', identity([{ name: 'a', type: 'FP32', shape: [1] }]))]);
    expect((await ask(`/v2/models/${encodeURIComponent('größe:2')}`)).json.name).toBe('größe:2');
    const inputs = [{ name: 'x_a', datatype: 'FP32', shape: [1], data: [2.5] }];
    const { json } = await ask(`/v2/models/${encodeURIComponent('größe:2')}/infer`, { inputs });
    expect(json).toMatchObject({ model_name: 'größe:2', outputs: [{ data: [2.5] }] });
  });
});
