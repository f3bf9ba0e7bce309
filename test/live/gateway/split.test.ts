import { expect, test } from 'vitest';
import { armOf, EMPTY_TABLE, isMirrored, withSplit } from '../../../live/gateway/routing.ts';
import { goesToCandidate } from '../../../split.ts';
import { SALT } from './options.ts';
import { Caller, startPair } from './support.ts';

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
