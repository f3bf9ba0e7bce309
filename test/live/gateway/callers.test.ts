/** Connections of callers, byte by byte: what is kept alive, kept in order, waited for, and refused. */
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { DataPlane } from '../../../live/gateway/data-plane.ts';
import { Router } from '../../../live/gateway/router.ts';
import { histogramsReady } from '../../../telemetry/histogram.ts';
import { OPTIONS } from './options.ts';
import { inferOf, RawCaller } from './raw-caller.ts';
import { Caller, pause, startPair } from './support.ts';

beforeAll(histogramsReady);

/** A head that waits to be told to go on. */
const expecting = (length: number, expected: string): string =>
  `POST /infer HTTP/1.1\r\nhost: x\r\nexpect: ${expected}\r\ncontent-length: ${length}\r\n\r\n`;

test('one connection serves many requests, each byte on its own, and the answers are whole', async () => {
  const { gateway, baseline } = await startPair();
  const caller = new RawCaller(gateway.url);
  for (let i = 1; i <= 3; i++) {
    for (const byte of inferOf(`{"id":${i}}`)) caller.write(byte);
    expect(await caller.answers(i)).toEqual(Array.from({ length: i }, () => 200));
  }
  expect(baseline.seen.map(({ body }) => body)).toEqual(['{"id":1}', '{"id":2}', '{"id":3}']);
  expect(baseline.connections).toBeLessThanOrEqual(2);
  expect((await gateway.status()).sums).toMatchObject({ received: 3, answered: 3, refused: 0 });
});

test('pipelined requests are answered in their order, however long each takes', async () => {
  const { gateway, baseline } = await startPair(
    {},
    { baseline: ({ number }) => ({ afterMs: number === 0 ? 100 : 0, status: 200 + number }) },
  );
  const caller = new RawCaller(gateway.url);
  const many = Array.from({ length: 20 }, (_, n) => inferOf('{}', `x-coalmine-request: ${n}\r\n`));
  caller.write(`${many.join('')}GET /nowhere HTTP/1.1\r\nhost: x\r\n\r\n`);
  // 204 has no body and no length.
  expect(await caller.answers(21)).toEqual([...many.map((_, n) => 200 + n), 404]);
  expect(baseline.seen.map(({ number }) => number)).toEqual(many.map((_, n) => n));
});

test('a body in chunks is sent on whole, with its length', async () => {
  const { gateway, baseline } = await startPair();
  const caller = new RawCaller(gateway.url);
  caller.write('POST /v2/models/m/infer HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n4\r\n{"a"\r\n');
  caller.write('3\r\n:1}\r\n0\r\nx-checksum: 1\r\n\r\n');
  expect(await caller.answers(1)).toEqual([200]);
  expect(baseline.seen[0]).toMatchObject({ body: '{"a":1}', headers: { 'content-length': '7' } });
  expect(baseline.seen[0]!.headers).not.toHaveProperty('transfer-encoding');
});

test('bytes beyond ASCII reach the server as they were', async () => {
  const { gateway, baseline } = await startPair();
  const body = Buffer.from('{"name":"Ünïcödé ✓"}');
  const caller = new RawCaller(gateway.url);
  caller.write(`POST /infer HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n`).write(body);
  expect(await caller.answers(1)).toEqual([200]);
  expect(baseline.seen[0]!.body).toBe('{"name":"Ünïcödé ✓"}');
});

test('a caller who asks first is told to go on, or that his body is too long, or that nobody knows what he expects', async () => {
  const { gateway } = await startPair();
  const first = new RawCaller(gateway.url);
  first.write(expecting(2, '100-Continue'));
  await first.until((text) => text.includes('100 Continue\r\n\r\n'));
  first.write('{}');
  expect(await first.answers(2)).toEqual([100, 200]);
  const second = new RawCaller(gateway.url).write(expecting(17 * 2 ** 20, '100-continue'));
  await second.ended();
  expect(second.statuses).toEqual([413]);
  const third = new RawCaller(gateway.url).write(`${expecting(2, 'a miracle')}{}`);
  await third.answers(2);
  expect(third.statuses.at(-1)).toBe(417);
});

test('a body that is too long is refused when it has come, and the connection goes on', async () => {
  const { gateway, baseline } = await startPair();
  const caller = new RawCaller(gateway.url);
  caller.write(inferOf('x'.repeat(16 * 2 ** 20 + 1)) + inferOf('{}'));
  expect(await caller.answers(2)).toEqual([413, 200]);
  expect(baseline.seen.length).toBe(1);
});

test.each([
  ['two lengths', 400, 'content-length: 2\r\n'],
  ['a length and chunks', 400, 'transfer-encoding: chunked\r\n'],
  ['a folded line', 400, 'x-a: 1\r\n 2\r\n'],
  ['a lone LF', 400, 'x-a: 1\ncontent-length: 50\r\n'],
  ['a huge head', 431, `x-a: ${'a'.repeat(20_000)}\r\n`],
])('%s ends the connection with %d, and what follows is not served', async (_, status, lines) => {
  const { gateway, baseline } = await startPair();
  const caller = new RawCaller(gateway.url).write(inferOf('{}', lines) + inferOf('{}'));
  expect(await caller.ended()).toContain('connection: close\r\n');
  expect(caller.statuses).toEqual([status]);
  expect(baseline.seen.length).toBe(0);
  expect((await gateway.status()).sums).toMatchObject({ received: 0, refused: 1 });
});

test('a connection ends with the answer when the caller says so, or speaks HTTP/1.0', async () => {
  const { gateway, baseline } = await startPair();
  const one = new RawCaller(gateway.url).write(inferOf('{}', 'connection: close\r\n') + inferOf('{}'));
  const old = new RawCaller(gateway.url).write('POST /infer HTTP/1.0\r\ncontent-length: 2\r\n\r\n{}');
  for (const caller of [one, old]) {
    expect(await caller.ended()).toContain('connection: close\r\n');
    expect(caller.statuses).toEqual([200]);
  }
  expect(baseline.seen.length).toBe(2);
});

test('HEAD is refused without a body, so that the next answer is found', async () => {
  const { gateway } = await startPair();
  const caller = new RawCaller(gateway.url);
  caller.write('HEAD /v2/health/live HTTP/1.1\r\nhost: x\r\n\r\n').write(inferOf('{}'));
  expect(await caller.answers(2)).toEqual([405, 200]);
  expect(caller.text).toMatch(/^HTTP\/1\.1 405 [^{]*\r\n\r\nHTTP\/1\.1 200 /);
});

test('a caller who closes his half before he is answered has gone: his answer is counted as undelivered', async () => {
  const { gateway } = await startPair({}, { baseline: () => ({ afterMs: 50 }) });
  const caller = new RawCaller(gateway.url).write(inferOf('{}'));
  caller.socket.end();
  expect(await caller.ended()).toBe('');
  while ((await gateway.status()).sums.answered === 0) await pause(5);
  expect((await gateway.status()).sums).toMatchObject({ received: 1, undelivered: 1 });
});

test('a caller who does not read his answers is not listened to, and has them all in the end', async () => {
  const { gateway } = await startPair();
  const caller = new RawCaller(gateway.url);
  caller.socket.pause();
  const count = 3000;
  // Each refusal repeats the path: together far more than a socket holds.
  const path = `/${'p'.repeat(8000)}`;
  caller.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`.repeat(count));
  let refused = -1;
  while ((await gateway.status()).sums.refused !== refused) {
    refused = (await gateway.status()).sums.refused;
    await pause(200);
  }
  expect(refused).toBeLessThan(count);
  expect((await new Caller(gateway).send(1)).status).toBe(200);
  caller.socket.resume();
  expect((await caller.answers(count)).length).toBe(count);
});

test('a request that takes too long to come is 408, and one that is only idle is not', async () => {
  const plane = new DataPlane(new Router(OPTIONS, () => undefined), OPTIONS, 100);
  const url = await plane.listen(0);
  onTestFinished(() => {
    plane.close();
    plane.cutOff();
  });
  const idle = new RawCaller(url);
  const [inHead, inBody] = [
    new RawCaller(url).write('POST /inf'),
    new RawCaller(url).write(inferOf('{}').slice(0, -1)),
  ];
  for (const caller of [inHead, inBody]) {
    await caller.ended();
    expect(caller.statuses).toEqual([408]);
  }
  expect(idle.closed).toBe(false);
});
