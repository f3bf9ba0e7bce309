/** A whole rehearsal from the command line against real servers, under each of the generators. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findK6 } from '../../../live/load/find-k6.ts';
import type { Outcome } from '../../../outcome.ts';
import { coalmine } from '../../cli/process.ts';
import { expectSane } from '../../run/sane.ts';
import { tinyFolder, tinyLive } from './support.ts';

const k6 = await findK6().catch((error: Error) => {
  process.stderr.write(`\nNO K6, so live rehearsals under k6 are NOT tested: ${error.message}\n`);
  return null;
});
const generators = k6 === null ? (['builtin'] as const) : (['builtin', 'k6'] as const);
const LIMIT = { timeout: 90_000 };

/** What a busy machine may spoil: that the load was punctual. Everything else must hold there too. */
const besidesLateness = (reasons: readonly string[]): string[] =>
  reasons.filter((reason) => !reason.startsWith('load: requests were sent late'));

describe.each(generators)('under %s', (generator) => {
  test(
    'a healthy pair goes through shadow and canary to promotion; every request is accounted for',
    LIMIT,
    async () => {
      const cwd = await tinyFolder(tinyLive({ more: 'expect: { verdict: promoted }' }));
      const ended = await coalmine(['rehearse', 'tiny.yaml', '--live', '--load', generator, '--out', 'out', '--json'], {
        cwd,
      });
      const outcome = JSON.parse(ended.stdout) as Outcome;
      const { live, expectation } = outcome;
      expect(besidesLateness(live!.reasons)).toEqual([]);
      expect(ended.code, ended.stderr).toBe(live!.valid ? 0 : 5);
      expect(expectation!.met).toBe(live!.valid);
      expect([outcome.world, outcome.verdict]).toEqual(['live', 'promoted']);
      expect(outcome.classification).toBe(live!.valid ? 'true-promotion' : 'inconclusive');
      // An invalid run is classified by that alone, whatever else is sane about it.
      expectSane({ ...outcome, classification: 'true-promotion' });

      const { sums, load } = live!;
      expect(load).toMatchObject({ generator, dropped: 0, interrupted: 0 });
      expect(sums).toMatchObject({ balanced: true, mismatches: [], sentToLostServers: 0 });
      expect(load.sent).toBe(load.completed + load.errors + load.timedOut);
      expect(sums.gatewayReceived).toBe(load.sent);
      expect(sums.serversReceived).toBe(sums.gatewayReceived + sums.gatewayMirrored);
      // The windows, which the guards judged, count no other requests.
      expect(outcome.requests.total).toBeLessThanOrEqual(load.sent);
      expect(outcome.requests.total).toBeGreaterThan(load.sent - 120);
      expect(outcome.shadow.compared).toBeGreaterThan(100);
      expect(outcome.cacheHitRatio.baseline).toBeGreaterThan(0.3);
      // 60 requests of 10 ms a second, on 8 slots, half of them gone to the candidate in the second half; held a little longer when busy.
      expect(outcome.utilisation.baseline).toBeGreaterThan(0.03);
      expect(outcome.utilisation.baseline).toBeLessThan(0.2);

      // Slots were held for what was declared, neither less nor, beyond what timers need, more at the median.
      const { intendedMs, heldMs, modelRunMs } = live!.service.baseline;
      expect([intendedMs!.p50, intendedMs!.max]).toEqual([10, 10]);
      expect(heldMs!.p50).toBeGreaterThan(8);
      expect(modelRunMs!.p50).toBeLessThan(heldMs!.p50);
      expect(ended.stderr).toContain(`real servers under ${generator}`);
      const page = readFileSync(join(cwd, 'out', 'report.html'), 'utf8');
      expect(page).toContain('live servers');
      expect(page).toContain(`real servers under ${generator}`);
    },
  );
});

test('a candidate that fails half of its requests is rolled back, and the rollback is measured', LIMIT, async () => {
  const text = tinyLive({ candidate: { errorRatio: '50%' }, more: 'truth: { candidate: regressed, cause: it fails }' });
  const cwd = await tinyFolder(text);
  const ended = await coalmine(['rehearse', 'tiny.yaml', '--live', '--load', 'builtin', '--out', 'out', '--json'], {
    cwd,
  });
  const { verdict, guard, live, rollback, harm } = JSON.parse(ended.stdout) as Outcome;
  expect([verdict, guard?.name]).toEqual(['rolled-back', 'errors']);
  expect(rollback!.withinDeadline).toBe(true);
  expect(live!.rollback).toMatchObject({ baselineLoaded: true });
  expect(live!.rollback!.routeSwappedAtMs! - live!.rollback!.decidedAtMs).toBeLessThan(1000);
  expect(live!.sums.mismatches).toEqual([]);
  expect(harm.requestsToCandidate).toBeGreaterThan(30);
  expect(ended.stderr).toContain('the candidate answered its last user');
});
