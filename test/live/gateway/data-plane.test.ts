import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { Caller, pause, startPair } from './support.ts';

test('the answer is passed on whole: status, headers, a body in pieces', async () => {
  const { gateway } = await startPair(
    {},
    { baseline: ({ number }) => (number === 1 ? { score: '2.5' } : { status: 422 }) },
  );
  const caller = new Caller(gateway);
  const body = 'x'.repeat(300_000);
  const reply = await caller.send(1, { body });
  expect(reply).toMatchObject({ status: 200, arm: 'baseline', text: '{"outputs":[]}' });
  expect(reply.headers).toMatchObject({ 'x-coalmine-score': '2.5', 'content-type': 'application/json' });
  expect(reply.headers.date).toEqual(expect.any(String));
  expect(await caller.send(2)).toMatchObject({ status: 422, text: '{"error":"as told"}' });
  expect((await gateway.status()).sums).toMatchObject({ received: 2, answered: 1, broken: 1 });
});

test('a request without headers of ours is numbered and routed all the same', async () => {
  const { gateway, baseline } = await startPair();
  for (let i = 0; i < 3; i++) {
    const response = await fetch(`${gateway.url}/v2/models/model/infer`, { method: 'POST', body: '{}' });
    expect(response.status).toBe(200);
  }
  expect(baseline.seen.length).toBe(3);
});

test('what is not a prediction is refused, or answered when it asks for health', async () => {
  const { gateway } = await startPair({ segments: ['a', 'b'], segmentOfRow: Uint8Array.of(0, 1) });
  const status = async (method: string, path: string, headers: Record<string, string> = {}): Promise<number> =>
    (await fetch(gateway.url + path, { method, headers, ...(method === 'POST' ? { body: '{}' } : {}) })).status;
  const infer = '/v2/models/model/infer';
  expect(await status('GET', '/v2/health/live')).toBe(200);
  expect(await status('GET', '/v2/health/ready')).toBe(200);
  expect(await status('GET', '/')).toBe(404);
  expect(await status('GET', infer)).toBe(405);
  expect(await status('POST', infer), 'no row').toBe(400);
  expect(await status('POST', infer, { 'x-coalmine-row': '2' }), 'no such row').toBe(400);
  expect(await status('POST', infer, { 'x-coalmine-row': '1' })).toBe(200);
  const large = await fetch(gateway.url + infer, {
    method: 'POST',
    headers: { 'x-coalmine-row': '1' },
    body: Buffer.alloc(17 * 2 ** 20),
  });
  expect(large.status).toBe(413);
  expect((await gateway.status()).sums).toMatchObject({ received: 1, answered: 1, refused: 5 });
});

test('a caller who leaves early harms nobody: half a request counts nowhere, an answer nobody wants is counted', async () => {
  const { gateway, baseline } = await startPair({}, { baseline: () => ({ afterMs: 80 }) });
  const head = 'POST /v2/models/model/infer HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n';
  const call = (text: string): (() => void) => {
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
    socket.write(text);
    return () => socket.destroy();
  };
  const half = call(`${head}01234`);
  const whole = call(`${head}0123456789`);
  while (baseline.seen.length === 0) await pause(5);
  half();
  whole();
  while ((await gateway.status()).sums.answered === 0) await pause(5);
  expect((await gateway.status()).sums).toMatchObject({ received: 1, answered: 1, undelivered: 1, refused: 0 });
  expect((await new Caller(gateway).send(1)).status).toBe(200);
});
