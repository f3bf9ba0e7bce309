import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { createInferenceServer } from '../../../models/server/server.ts';
import { fakeEngine, serving, x } from './fake-engine.ts';
import { clock, featuresInput, startServer } from './support.ts';

/** Everything that comes back on a connection of its own until the other side ends it. */
const raw = (url: string, bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(bytes));
    let text = '';
    socket.on('data', (data) => (text += data.toString()));
    socket.on('end', () => resolve(text));
    socket.on('error', reject);
  });

const INFER = '/v2/models/eta-baseline/infer';

describe('limits are answered, not crashed into', () => {
  test('a body that is too large is 413, with a length in front or in chunks, and the connection goes on', async () => {
    const { ask, url } = await startServer(['eta-baseline'], { limits: { maxBodyBytes: 1000 } });
    const error = 'got a body of 100000 bytes, expected at most 1000';
    const whole = await ask(INFER, 'x'.repeat(100_000));
    expect([whole.status, whole.json]).toEqual([413, { error }]);
    const chunks = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let i = 0; i < 10; i++) controller.enqueue(Buffer.alloc(10_000, 'x'));
        controller.close();
      },
    });
    const chunked = await ask(INFER, '', { body: chunks, duplex: 'half' });
    expect([chunked.status, chunked.json]).toEqual([413, { error }]);
    const twice = `POST ${INFER} HTTP/1.1\r\nhost: x\r\ncontent-length: 2000\r\n\r\n${'x'.repeat(2000)}GET /v2/health/live HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`;
    expect(await raw(url, twice)).toMatch(/^HTTP\/1.1 413 [^]*HTTP\/1.1 200 [^]*{"live":true}$/);
  });

  test('a body of exactly the limit is taken', async () => {
    const body = JSON.stringify({ inputs: featuresInput(1) });
    const { ask } = await startServer(['eta-baseline'], { limits: { maxBodyBytes: body.length } });
    expect((await ask(INFER, body)).status).toBe(200);
    expect((await ask(INFER, `${body} `)).status).toBe(413);
  });

  test('too many rows and too many inputs are 400', async () => {
    const { infer } = await startServer(['eta-baseline'], { limits: { maxRows: 2, maxInputs: 3 } });
    expect((await infer('eta-baseline', featuresInput(1, 2))).status).toBe(200);
    const rows = await infer('eta-baseline', featuresInput(1, 2, 3));
    expect([rows.status, rows.json.error]).toEqual([400, 'got 3 rows, expected at most 2']);
    const inputs = await infer(
      'eta-baseline',
      Array.from({ length: 4 }, () => featuresInput(1)[0]),
    );
    expect([inputs.status, inputs.json.error]).toEqual([400, 'got 4 inputs, expected at most 3']);
  });

  test('a load request has a limit of its own', async () => {
    const { ask } = await startServer(['eta-baseline'], { limits: { maxBodyBytes: 10, maxModelBytes: 1000 } });
    const load = '/v2/repository/models/eta-baseline/load';
    expect((await ask(load, { parameters: { config: `{"name":"${'x'.repeat(500)}"}` } })).status).toBe(200);
    expect((await ask(load, 'x'.repeat(1001))).status).toBe(413);
  });

  test('a full queue is 503, counted, and takes requests again when there is room', async () => {
    const engine = fakeEngine();
    const { infer, ask, server } = await startServer([], { ...serving(engine), limits: { queueLimit: 2 } });
    const model = server.repository.serving('fake');
    engine.let(0);
    const waiting = [infer('fake', x([1, 1], 0))];
    await expect.poll(() => engine.asked).toBe(1);
    waiting.push(infer('fake', x([1, 1], 1)), infer('fake', x([1, 1], 2)));
    await expect.poll(() => model.queued).toBe(2);
    const refused = await infer('fake', x([1, 1], 3));
    expect([refused.status, refused.json.error]).toEqual([503, 'the queue is full: 2 requests wait already']);
    expect((await ask('/metrics')).bytes.toString()).toContain(
      'coalmine_server_queued_requests{model="fake",version="1"} 2',
    );
    engine.let(Infinity);
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await infer('fake', x([1, 1], 4))).status).toBe(200);
    const { statistics } = model;
    expect([statistics.rejected, statistics.fail.count, statistics.success.count]).toEqual([1, 1, 4]);
  });

  test('an encoded body is 415', async () => {
    const { ask } = await startServer(['eta-baseline']);
    const headers = { 'content-encoding': 'gzip' };
    const { status, json } = await ask(INFER, { inputs: featuresInput(1) }, { headers });
    expect([status, json.error]).toEqual([415, 'got a body with content-encoding gzip, expected none']);
  });

  test.each([
    ['no HTTP at all', 'hello\r\n\r\n', 400],
    ['headers without end', `GET / HTTP/1.1\r\nhost: x\r\n${'a: b\r\n'.repeat(20_000)}`, 431],
  ])('%s is answered in JSON and hung up on', async (_, bytes, status) => {
    const { url, ask } = await startServer(['eta-baseline']);
    const text = await raw(url, bytes);
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(JSON.parse(text.slice(text.indexOf('\r\n\r\n')))).toEqual({
      error: expect.stringContaining('got no valid HTTP request'),
    });
    expect((await ask('/v2/health/live')).status).toBe(200);
  });

  test('a client that goes away in the middle of its body harms nobody', async () => {
    const { url, infer, server } = await startServer(['eta-baseline']);
    await new Promise<void>((resolve) => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1', () => {
        socket.write(`POST ${INFER} HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{"inputs":`, () =>
          socket.destroy(),
        );
      });
      socket.on('close', () => resolve());
    });
    expect((await infer('eta-baseline', featuresInput(1))).status).toBe(200);
    expect(server.repository.loadedOnce()[0]!.statistics.fail.count).toBe(0);
  });
});

test('an idle connection is kept longer than clients keep theirs, and they are told how long', async () => {
  const { ask } = await startServer(['eta-baseline']);
  expect((await ask('/v2/health/live')).headers.get('keep-alive')).toBe('timeout=120');
});

test('a port that is taken rejects, and nothing is left open', async () => {
  const { url } = await startServer([]);
  const engine = fakeEngine();
  const server = createInferenceServer({ ...serving(engine), clock, openEngine: async () => engine });
  await expect(server.listen(Number(new URL(url).port), '127.0.0.1')).rejects.toThrow('EADDRINUSE');
  await server.load();
  expect(await server.close(0)).toBe(true);
  expect(engine.closed).toBe(true);
});
