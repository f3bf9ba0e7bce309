import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import type { GatewayOptions } from '../../../live/gateway/options.ts';
import { OPTIONS } from './options.ts';
import { Caller, Load, pause, startGateway, startPair, startStub } from './support.ts';

const withTimeout = (timeoutMs: number): Partial<GatewayOptions> => ({
  arms: { baseline: { balancer: 'round-robin', timeoutMs }, candidate: { balancer: 'round-robin', timeoutMs } },
});

test('an answer that takes longer than the arm allows is 504, counted as timed out, and its late coming harms nobody', async () => {
  const { gateway, baseline } = await startPair(withTimeout(1000), {
    baseline: ({ number }) => ({ afterMs: number % 2 === 0 ? 1300 : 0 }),
  });
  const caller = new Caller(gateway);
  const replies = await caller.sendMany(40);
  expect(replies.map(({ status }) => status)).toEqual(Array.from({ length: 40 }, (_, n) => (n % 2 === 0 ? 504 : 200)));
  await pause(500);
  expect((await caller.send(1)).status).toBe(200);
  const { sums, inFlight } = await gateway.status();
  expect(sums).toMatchObject({ received: 41, answered: 21, failed: 20, timedOut: 20, broken: 0, retried: 0 });
  expect(sums.upstreams[0]).toMatchObject({ sent: 41, answered: 21, errors: 20 });
  expect(baseline.seen.length).toBe(41);
  expect(inFlight.baseline).toBe(0);
});

test.each(['reset', 'half'] as const)('a connection that is cut (%s) is 502, once, and is not retried', async (how) => {
  const { gateway, baseline } = await startPair(
    { health: { ...OPTIONS.health, failures: 1000 } },
    { baseline: ({ number }) => (number % 5 === 0 ? { how } : {}) },
  );
  const replies = await new Caller(gateway).sendMany(100);
  expect(replies.filter(({ status }) => status === 502).length).toBe(20);
  expect(baseline.seen.length, 'nothing was sent twice').toBe(100);
  const { sums } = await gateway.status();
  expect(sums).toMatchObject({ answered: 80, failed: 20, broken: 20, retried: 0, unsent: 0 });
  expect(sums.upstreams[0]).toMatchObject({ sent: 100, answered: 80, errors: 20 });
});

test('what could not be sent to a dead server is sent to another one, once, and the dead one leaves the rotation', async () => {
  const [gateway, alive, dead] = await Promise.all([startGateway(withTimeout(5000)), startStub(), startStub()]);
  await dead.close();
  await gateway.setUpstreams('baseline', [alive.url, dead.url]);
  const replies = await new Caller(gateway).sendMany(60);
  expect(replies.every(({ status }) => status === 200)).toBe(true);
  expect(alive.seen.length).toBe(60);
  const { sums } = await gateway.status();
  expect(sums.retried).toBeGreaterThan(0);
  expect(sums.byUpstream).toEqual({ [alive.url]: 60, [dead.url]: 0 });
  expect(sums.upstreams.map(({ ready }) => ready)).toEqual([true, false]);
});

test('without a server that is ready the answer is 503, and with none that lives, after one retry, 502', async () => {
  const gateway = await startGateway();
  const caller = new Caller(gateway);
  expect((await caller.send(1)).status).toBe(503);
  const dead = await Promise.all([startStub(), startStub()]);
  for (const stub of dead) await stub.close();
  await gateway.setUpstreams(
    'baseline',
    dead.map(({ url }) => url),
  );
  expect((await caller.send(2)).status).toBe(502);
  expect((await caller.send(3)).status, 'both are out of rotation now').toBe(503);
  const { sums } = await gateway.status();
  expect(sums).toMatchObject({ received: 3, answered: 0, failed: 3, rejected: 2, broken: 1, retried: 1, unsent: 3 });
});

test('a server that says it is not ready leaves the rotation although it still answers, and comes back when it is', async () => {
  const gateway = await startGateway({ health: { everyMs: 20, timeoutMs: 500, failures: 2 } });
  const stub = await startStub();
  await gateway.setUpstreams('baseline', [stub.url]);
  const load = new Load(new Caller(gateway), 4);
  const count = (status: number): number => load.statuses.get(status) ?? 0;
  /** Without a break there is an answer between any two probes. */
  const becomes = async (status: number): Promise<void> => {
    const before = count(status);
    while (count(status) < before + 100) await pause(5);
  };
  await becomes(200);
  stub.ready = false;
  await becomes(503);
  stub.ready = true;
  await becomes(200);
  await load.stop();
});

test('SIGKILL of a server under load: what it had is 502, everything else is answered, and the sums agree', async () => {
  const gateway = await startGateway();
  const main = fileURLToPath(new URL('./stub-main.ts', import.meta.url));
  const children = [0, 1].map(() => fork(main, [], { execArgv: [] }));
  onTestFinished(() => children.forEach((child) => child.kill('SIGKILL')));
  const urls = await Promise.all(children.map(async (child) => (await once(child, 'message'))[0] as string));
  await gateway.setUpstreams('baseline', urls);
  const caller = new Caller(gateway);
  const load = new Load(caller, 16);
  while (load.sent < 300) await pause(5);
  children[0]!.kill('SIGKILL');
  while (load.sent < 900) await pause(5);
  await load.stop();
  const { sent, statuses } = load;
  const { sums } = await gateway.stop();
  expect([...statuses.keys()].filter((status) => status !== 200 && status !== 502)).toEqual([]);
  const lost = statuses.get(502) ?? 0;
  expect(lost).toBeLessThanOrEqual(16);
  expect(sums).toMatchObject({ received: sent, answered: sent - lost, failed: lost });
  const [killed, alive] = sums.upstreams;
  expect(killed).toMatchObject({ ready: false, errors: lost, sent: killed!.answered + lost });
  children[1]!.send('how many?');
  const [seen] = (await once(children[1]!, 'message')) as [number];
  expect(alive).toMatchObject({ sent: seen, answered: seen, errors: 0 });
  expect(sums.received).toBe(killed!.sent + alive!.sent + sums.unsent);
});
