import { expect, test } from 'vitest';
import { Caller, pause, startPair } from './support.ts';

test('a copy says that it is one and carries the same request, which does not', async () => {
  const { gateway, baseline, candidate } = await startPair();
  await gateway.setRoute({ mirrorPercent: 100 });
  await new Caller(gateway).send(12, { user: 3, row: 4, body: '{"id":"12"}' });
  while (candidate.seen.length === 0) await pause(5);
  const [user, copy] = [baseline.seen[0]!, candidate.seen[0]!];
  expect([user.mirrored, copy.mirrored]).toEqual([false, true]);
  expect({ ...copy, mirrored: false, headers: {} }).toEqual({ ...user, headers: {} });
  expect([copy.number, copy.row, copy.body]).toEqual([12, 4, '{"id":"12"}']);
});

test('a share of the requests is copied, chosen by request number', async () => {
  const { gateway, candidate } = await startPair();
  await gateway.setRoute({ mirrorPercent: 25 });
  const caller = new Caller(gateway);
  await caller.sendMany(800);
  await caller.sendMany(800);
  while ((await gateway.status()).inFlight.candidate > 0) await pause(5);
  const copied = candidate.seen.map(({ number }) => number).sort((a, b) => a - b);
  expect(copied.length).toBeGreaterThan(2 * 100);
  expect(copied.length).toBeLessThan(2 * 300);
  expect(copied.filter((_, i) => i % 2 === 0)).toEqual(copied.filter((_, i) => i % 2 === 1));
});

test('a hanging candidate sheds copies beyond the limit and leaves every user answered', async () => {
  const { gateway, baseline, candidate } = await startPair(
    { mirrorInFlightLimit: 10 },
    { candidate: () => ({ how: 'hang' }) },
  );
  await gateway.setRoute({ mirrorPercent: 100 });
  const replies = await new Caller(gateway).sendMany(500);
  expect(replies.every(({ status }) => status === 200)).toBe(true);
  expect([baseline.seen.length, candidate.seen.length]).toEqual([500, 10]);
  const { sums, inFlight } = await gateway.status();
  expect(sums).toMatchObject({ received: 500, answered: 500, mirrored: 10, mirrorDropped: 490 });
  expect(inFlight).toEqual({ baseline: 0, candidate: 10 });
  expect((await gateway.stop(50)).sums, 'cut off at the end').toMatchObject({ mirrorFailed: 10 });
});

test('users have their answers before the candidate has given any to their copies', async () => {
  const waiting: (() => void)[] = [];
  const { gateway, candidate } = await startPair(
    { mirrorInFlightLimit: 1000 },
    { candidate: () => ({ until: new Promise<void>((resolve) => waiting.push(resolve)) }) },
  );
  await gateway.setRoute({ mirrorPercent: 100 });
  const replies = await new Caller(gateway).sendMany(500);
  expect(replies.every(({ status, arm }) => status === 200 && arm === 'baseline')).toBe(true);
  while (candidate.seen.length < 500) await pause(5);
  const { sums, inFlight } = await gateway.status();
  expect(sums).toMatchObject({ answered: 500, mirrored: 500, mirrorAnswered: 0, mirrorDropped: 0 });
  expect(inFlight).toEqual({ baseline: 0, candidate: 500 });
  for (const answer of waiting) answer();
  while ((await gateway.status()).inFlight.candidate > 0) await pause(5);
  expect((await gateway.status()).sums).toMatchObject({ mirrorAnswered: 500, mirrorFailed: 0 });
});

test('a candidate that cannot be reached costs its copies, not its users', async () => {
  const { gateway, candidate } = await startPair();
  await candidate.close();
  await gateway.setRoute({ mirrorPercent: 100 });
  const replies = await new Caller(gateway).sendMany(100);
  expect(replies.every(({ status }) => status === 200)).toBe(true);
  while ((await gateway.status()).inFlight.candidate > 0) await pause(5);
  expect((await gateway.status()).sums).toMatchObject({ answered: 100, mirrored: 100, mirrorFailed: 100, unsent: 100 });
});
