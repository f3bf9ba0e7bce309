import { expect, test } from 'vitest';
import { GatewayFaults } from '../../../live/gateway/faults.ts';
import type { GatewayFault } from '../../../live/gateway/messages.ts';
import { BASELINE, CANDIDATE } from '../../../live/gateway/options.ts';
import { FAILED, fault as simulatedFault, run, scenarioOf } from '../../sim/support.ts';
import { SEED } from './options.ts';
import { Caller, pause, startPair } from './support.ts';

const BURST: GatewayFault = { kind: 'error-burst', name: 'burst', arm: 'baseline', share: 0.2, status: 500 };
const BROWNOUT: GatewayFault = {
  kind: 'upstream-brownout',
  name: 'slow way',
  arm: 'candidate',
  share: 0.5,
  extra: { kind: 'uniform', lowMs: 10, highMs: 30 },
};

function hitsOf(fault: GatewayFault, arm: number, seed = SEED): number[] {
  const faults = new GatewayFaults(seed);
  faults.replace([fault]);
  return Array.from({ length: 20_000 }, (_, number) => number).filter((number) => faults.hit(arm, number) !== null);
}

test('the same requests are hit in every run; another seed or name hits others; the share is kept', () => {
  const hits = hitsOf(BURST, BASELINE);
  expect(hitsOf(BURST, BASELINE)).toEqual(hits);
  expect(hits.length / 20_000).toBeCloseTo(0.2, 1);
  expect(hitsOf(BURST, BASELINE, SEED + 1)).not.toEqual(hits);
  expect(hitsOf({ ...BURST, name: 'other' }, BASELINE)).not.toEqual(hits);
  expect(hitsOf(BURST, CANDIDATE), 'not its arm').toEqual([]);
  expect(hitsOf({ ...BURST, arm: null }, CANDIDATE)).toEqual(hits);
});

test('bursts hit other requests in the simulator, and as many: shares agree within five standard errors', async () => {
  const scenario = scenarioOf({ traffic: '{ requests: 20k, rate: 1k/s }', arm: 'slots: 50' });
  for (const size of [0.02, 0.2]) {
    const burst = simulatedFault('error-burst', 0, Number.POSITIVE_INFINITY, size, 'baseline');
    const { requests } = await run({ ...scenario, faults: [burst] }, 20_000);
    const simulated = requests.filter(({ status }) => status === FAILED).length / requests.length;
    const live = hitsOf({ ...BURST, share: size }, BASELINE).length / 20_000;
    const standardError = Math.sqrt((2 * size * (1 - size)) / 20_000);
    expect(requests.length).toBeGreaterThan(19_000);
    expect(Math.abs(simulated - live) / standardError, `${simulated} and ${live}`).toBeLessThan(5);
  }
});

test('delays are drawn from the distribution, add up, and depend on the request alone', () => {
  const faults = new GatewayFaults(SEED);
  faults.replace([BROWNOUT]);
  const delays = Array.from({ length: 20_000 }, (_, n) => faults.hit(CANDIDATE, n)?.extraMs ?? 0).filter(
    (ms) => ms > 0,
  );
  expect(delays.length / 20_000).toBeCloseTo(0.5, 1);
  expect(delays.every((ms) => ms >= 10 && ms <= 30)).toBe(true);
  expect(delays.reduce((a, b) => a + b, 0) / delays.length).toBeCloseTo(20, 0);
  const constant: GatewayFault = { ...BROWNOUT, name: 'more', share: 1, extra: { kind: 'constant', valueMs: 5 } };
  faults.replace([constant, { ...constant, name: 'and more' }]);
  expect(faults.hit(CANDIDATE, 3)).toEqual({ status: 0, extraMs: 10 });
});

test('a burst answers its share itself, with the very requests it says, until it is taken back', async () => {
  const { gateway, baseline } = await startPair();
  const caller = new Caller(gateway);
  await gateway.setFaults([BURST]);
  const replies = await caller.sendMany(500);
  const hit = new Set(hitsOf(BURST, BASELINE));
  for (const [number, { status }] of replies.entries())
    expect(status, `request ${number}`).toBe(hit.has(number) ? 500 : 200);
  expect(
    baseline.seen.some(({ number }) => hit.has(number)),
    'the server saw none of them',
  ).toBe(false);
  await gateway.setFaults([]);
  expect((await caller.sendMany(100)).every(({ status }) => status === 200)).toBe(true);
  const { sums } = await gateway.status();
  const failed = replies.filter(({ status }) => status === 500).length;
  expect(sums).toMatchObject({ received: 600, failed, broken: failed, injected: failed, unsent: failed });
});

test('a brownout delays its arm alone, and a request given up on the way is never sent', async () => {
  const arm = { balancer: 'random', timeoutMs: 1000 } as const;
  const { gateway, baseline, candidate } = await startPair({ arms: { baseline: arm, candidate: arm } });
  const slow: GatewayFault = { ...BROWNOUT, share: 1, extra: { kind: 'constant', valueMs: 60 } };
  await gateway.setFaults([slow]);
  await gateway.setRoute({ weightPercent: 100 });
  const caller = new Caller(gateway);
  const startMs = performance.now();
  expect((await caller.send(1)).status).toBe(200);
  expect(performance.now() - startMs).toBeGreaterThan(59);
  await gateway.setFaults([{ ...slow, extra: { kind: 'constant', valueMs: 1500 } }]);
  expect((await caller.sendMany(4)).map(({ status }) => status)).toEqual([504, 504, 504, 504]);
  // Until their delays are over, when nobody could take them any more.
  await gateway.setUpstreams('candidate', []);
  await pause(700);
  expect([baseline.seen.length, candidate.seen.length]).toEqual([0, 1]);
  expect((await gateway.status()).sums).toMatchObject({ received: 5, failed: 4, timedOut: 4, unsent: 4 });
});
