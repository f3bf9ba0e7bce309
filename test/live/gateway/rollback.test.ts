import { expect, test } from 'vitest';
import { WindowChecker } from '../../../telemetry/invariants.ts';
import { Caller, Load, epochMs, pause, startPair, WindowLog } from './support.ts';

test('after the swap back no request reaches the candidate, under load, and the windows show it', async () => {
  const { gateway, baseline, candidate } = await startPair({ windowMs: 100 }, { candidate: () => ({ afterMs: 3 }) });
  const log = new WindowLog(gateway);
  const checker = new WindowChecker();
  const caller = new Caller(gateway);
  await gateway.setRoute({ weightPercent: 50, mirrorPercent: 100 });
  checker.acted([{ kind: 'set-weight', weightPercent: 50, stage: 'canary' }], 0);
  await gateway.begin(epochMs());
  const load = new Load(caller, 16);
  while (candidate.seen.length < 200) await pause(5);
  // Windows that ended before the swap were under 50 %.
  const ack = await gateway.setRoute({ weightPercent: 0, mirrorPercent: 0 });
  const before = log.windows.splice(0);
  for (const window of before) checker.check(window);
  checker.acted(
    [
      { kind: 'roll-back', guard: 'p95' },
      { kind: 'set-weight', weightPercent: 0, stage: 'rollback' },
    ],
    ack.atMs!,
  );
  while ((await gateway.status()).inFlight.candidate > 0) await pause(2);
  const reached = candidate.seen.length;
  const then = baseline.seen.length;
  while (baseline.seen.length < then + 300) await pause(5);
  await load.stop();
  expect(candidate.seen.length, 'requests to the candidate after the swap').toBe(reached);

  const status = await gateway.status();
  await log.until(Math.floor(status.nowMs! / 100) - 1);
  for (const window of log.windows) checker.check(window);
  expect(status.lastResponseAtMs.candidate!).toBeGreaterThan(0);
  expect(status.lastResponseAtMs.candidate!).toBeLessThan(status.lastResponseAtMs.baseline!);
  expect(status.lastCopyAtMs.candidate!).toBeLessThan(status.nowMs!);

  const sums = (await gateway.stop()).sums;
  expect(sums).toMatchObject({ received: load.sent, answered: load.sent, failed: 0, unsent: 0 });
  expect(sums.byUpstream).toEqual({ [baseline.url]: baseline.seen.length, [candidate.url]: candidate.seen.length });
  expect(sums.received + sums.mirrored).toBe(baseline.seen.length + candidate.seen.length);
});
