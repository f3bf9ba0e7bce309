import { expect, test } from 'vitest';
import { armOf, EMPTY_TABLE, isMirrored, withSplit } from '../../../live/gateway/routing.ts';
import { goesToCandidate } from '../../goes-to-candidate.ts';
import { OPTIONS, SALT } from './options.ts';
import { Caller, epochMs, pause, startPair, WindowLog } from './support.ts';

test('the arm of 100,000 users is the one split.ts says, at every weight', () => {
  for (const weightPercent of [0, 0.1, 1, 5, 25, 50, 99.9, 100]) {
    const table = withSplit(EMPTY_TABLE, weightPercent, 0);
    const wrong = Array.from({ length: 100_000 }, (_, user) => user).filter(
      (user) => (armOf(table, user, SALT) === 1) !== goesToCandidate(user, SALT, weightPercent),
    );
    expect(wrong).toEqual([]);
  }
});

test('mirroring 100 % copies every request, 0 % none, and a share copies about that share', () => {
  expect([copied(0), copied(100)]).toEqual([0, 100_000]);
  expect(copied(10) / 100_000).toBeCloseTo(0.1, 2);
});

test('a stage about some segments shares out and copies their requests alone, and the windows say so', async () => {
  const { gateway, baseline, candidate } = await startPair({
    segments: ['ATL', 'ORD', 'DFW'],
    segmentOfRow: Uint8Array.of(0, 1, 2),
  });
  const log = new WindowLog(gateway);
  await gateway.begin(epochMs());
  await gateway.setRoute({ weightPercent: 40, mirrorPercent: 100, segments: ['ATL', 'DFW'] });
  const replies = await new Caller(gateway).sendMany(600, 0, (n) => ({ user: n % 100, row: n % 3 }));
  for (const [n, { arm }] of replies.entries())
    expect(arm).toBe(n % 3 !== 1 && goesToCandidate(n % 100, SALT, 40) ? 'candidate' : 'baseline');
  while ((await gateway.status()).inFlight.candidate > 0) await pause(5);
  const served = candidate.seen.length - candidate.copies.length;
  expect(served).toBe(replies.filter(({ arm }) => arm === 'candidate').length);
  // Whoever is open and not served by the candidate is copied to it.
  expect([candidate.copies.length, baseline.seen.length]).toEqual([400 - served, 600 - served]);

  const done = Math.ceil((await gateway.status()).nowMs! / OPTIONS.windowMs);
  const { rows } = (await log.until(done)).at(-1)!;
  const weights = (arm: string) =>
    rows.filter((row) => row.arm === arm).map(({ segment, weightPercent }) => [segment, weightPercent]);
  expect(weights('candidate')).toEqual([
    ['all', 40],
    ['ATL', 40],
    ['ORD', 0],
    ['DFW', 40],
  ]);
  expect(weights('baseline')).toEqual([
    ['all', 60],
    ['ATL', 60],
    ['ORD', 100],
    ['DFW', 60],
  ]);

  await gateway.setRoute({ weightPercent: 100, segments: null });
  expect((await new Caller(gateway).sendMany(30, 600, (n) => ({ row: n % 3 }))).map(({ arm }) => arm)).toEqual(
    Array.from({ length: 30 }, () => 'candidate'),
  );
  await expect(gateway.setRoute({ segments: ['LAX'] })).rejects.toThrow(
    "segments: got 'LAX', expected one of: ATL, ORD, DFW",
  );
});

/** How many of 100,000 requests are copied. */
function copied(mirrorPercent: number): number {
  const table = withSplit(EMPTY_TABLE, 0, mirrorPercent);
  return Array.from({ length: 100_000 }, (_, n) => n).filter((n) => isMirrored(table, n, SALT)).length;
}

test('requests reach the arm of their user, and stay with it when the weight grows', async () => {
  const { gateway, baseline, candidate } = await startPair();
  const caller = new Caller(gateway);
  const served = new Map<number, string>();
  for (const weightPercent of [5, 30]) {
    await gateway.setRoute({ weightPercent });
    const replies = await caller.sendMany(400, 0, (n) => ({ user: n % 100 }));
    for (const [n, reply] of replies.entries()) {
      expect(reply.arm).toBe(goesToCandidate(n % 100, SALT, weightPercent) ? 'candidate' : 'baseline');
      if (served.get(n % 100) === 'candidate') expect(reply.arm).toBe('candidate');
      served.set(n % 100, reply.arm!);
    }
  }
  expect(baseline.seen.length + candidate.seen.length).toBe(800);
  expect(candidate.seen.length).toBeGreaterThan(0);
});
