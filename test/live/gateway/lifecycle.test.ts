import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { Caller, epochMs, pause, startGateway, startPair, startStub } from './support.ts';

/** Does anybody listen there? */
const isOpen = (url: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('kill -9 of the parent leaves no process and no port', async () => {
  const parent = fork(fileURLToPath(new URL('./parent.ts', import.meta.url)), [], { execArgv: [] });
  onTestFinished(() => void parent.kill('SIGKILL'));
  const [{ pid, url, adminUrl }] = (await once(parent, 'message')) as [{ pid: number; url: string; adminUrl: string }];
  expect([isAlive(pid), await isOpen(url), await isOpen(adminUrl)]).toEqual([true, true, true]);
  parent.kill('SIGKILL');
  while (isAlive(pid)) await pause(10);
  expect([await isOpen(url), await isOpen(adminUrl)]).toEqual([false, false]);
});

test('stop lets what is under way end, takes nothing new, and leaves no process and no port', async () => {
  const { gateway } = await startPair({}, { baseline: () => ({ afterMs: 200 }) });
  const caller = new Caller(gateway);
  const replies = caller.sendMany(10);
  while ((await gateway.status()).inFlight.baseline < 10) await pause(5);
  const final = await gateway.stop();
  expect((await replies).every(({ status }) => status === 200)).toBe(true);
  expect(final).toMatchObject({ drained: true, inFlight: { baseline: 0, candidate: 0 }, sums: { answered: 10 } });
  expect([isAlive(gateway.pid), await isOpen(gateway.url), await isOpen(gateway.adminUrl)]).toEqual([
    false,
    false,
    false,
  ]);
  await expect(gateway.status()).rejects.toThrow('has ended: exit 0');
});

test('what is not answered by the deadline is cut off and counted as failed, so nothing is lost from the sums', async () => {
  const { gateway } = await startPair({}, { baseline: () => ({ how: 'hang' }) });
  const replies = new Caller(gateway).sendMany(8).catch(() => 'cut off');
  while ((await gateway.status()).inFlight.baseline < 8) await pause(5);
  const final = await gateway.stop(30);
  expect(final).toMatchObject({
    drained: false,
    inFlight: { baseline: 0 },
    sums: { received: 8, answered: 0, failed: 8 },
  });
  await replies;
});

test('a gateway that dies is an error with its cause in every pending and later call', async () => {
  const gateway = await startGateway();
  process.kill(gateway.pid, 'SIGKILL');
  expect(await gateway.ended).toBe('SIGKILL');
  await expect(gateway.setRoute({ weightPercent: 1 })).rejects.toThrow("the gateway's process has ended: SIGKILL");
});

test('bad commands are refused with the value and the rule, and change nothing', async () => {
  const { gateway } = await startPair();
  await gateway.setRoute({ weightPercent: 5, mirrorPercent: 50 });
  await expect(gateway.setRoute({ weightPercent: 101 })).rejects.toThrow('weightPercent: got 101, expected 0 to 100');
  await expect(gateway.setRoute({ mirrorPercent: Number.NaN })).rejects.toThrow('mirrorPercent: got NaN');
  await expect(gateway.setUpstreams('baseline', ['localhost:1'])).rejects.toThrow('got localhost:1, expected http://');
  const fault = { kind: 'error-burst', name: 'burst', arm: null, share: 20, status: 500 } as const;
  await expect(gateway.setFaults([fault])).rejects.toThrow('fault burst: share: got 20, expected 0 to 1');
  expect(await gateway.status()).toMatchObject({ weightPercent: 5, mirrorPercent: 50 });
});

test('the acknowledgement says when the swap was, on the rehearsal clock, and who was inside', async () => {
  const { gateway } = await startPair({}, { baseline: () => ({ how: 'hang' }) });
  expect((await gateway.setRoute({ weightPercent: 0 })).atMs).toBeNull();
  const startAtMs = epochMs() - 1000;
  await gateway.begin(startAtMs);
  const replies = new Caller(gateway).sendMany(3).catch(() => 'cut off');
  while ((await gateway.status()).inFlight.baseline < 3) await pause(5);
  const earliestMs = epochMs() - startAtMs;
  const ack = await gateway.setRoute({ weightPercent: 100 });
  expect(ack.inFlight).toEqual({ baseline: 3, candidate: 0 });
  // Both clocks are the machine's; a millisecond for their rounding.
  expect(ack.atMs!).toBeGreaterThan(earliestMs - 1);
  expect(ack.atMs!).toBeLessThan(epochMs() - startAtMs + 1);
  await gateway.kill();
  await replies;
});

test('replicas come and go: the new list is used at once, the old ones finish what they have', async () => {
  const gateway = await startGateway();
  const [old, fresh] = await Promise.all([startStub(() => ({ afterMs: 150 })), startStub()]);
  await gateway.setUpstreams('baseline', [old.url]);
  const caller = new Caller(gateway);
  const first = caller.sendMany(5);
  while (old.seen.length < 5) await pause(5);
  await gateway.setUpstreams('baseline', [fresh.url]);
  await caller.sendMany(20, 5);
  expect((await first).every(({ status }) => status === 200)).toBe(true);
  await gateway.setUpstreams('baseline', [old.url]);
  expect((await caller.send(30)).status).toBe(200);
  expect([old.seen.length, fresh.seen.length]).toEqual([6, 20]);
  expect((await gateway.status()).sums.byUpstream).toEqual({ [old.url]: 6, [fresh.url]: 20 });
});
