/** Connections that are opened ahead are there when users come. */
import { expect, test } from 'vitest';
import { Caller, startGateway, startPair } from './support.ts';

test('as many connections as asked for are opened to every server of the arm, and users need no further one', async () => {
  const { gateway, baseline, candidate } = await startPair({}, { baseline: () => ({ afterMs: 20 }) });
  const [before, others] = [baseline.connections, candidate.connections];
  await gateway.connect('baseline', 8);
  // The gateway's end of a connection may be there before the server has noticed its own.
  await expect.poll(() => baseline.connections, { timeout: 10_000 }).toBe(before + 8);
  expect(candidate.connections).toBe(others);
  const replies = await new Caller(gateway).sendMany(8);
  expect(replies.every(({ status }) => status === 200)).toBe(true);
  // The health probe may have opened one of its own meanwhile.
  expect(baseline.connections).toBeLessThanOrEqual(before + 9);
  expect((await gateway.status()).sums.received).toBe(8);
});

test('a server that is gone, or an arm without any, is no error', async () => {
  const gateway = await startGateway();
  await gateway.connect('candidate', 4);
  await gateway.setUpstreams('candidate', ['http://127.0.0.1:1']);
  await gateway.connect('candidate', 4);
});
