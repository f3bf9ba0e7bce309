import seedrandom from 'seedrandom';
import { describe, expect, it } from 'vitest';
import { advanceStreak, every } from '../../../controller/guards/every.ts';
import type { Evidence } from '../../../controller/guards/evidence.ts';
import { type Bucket, NO_STREAK, type Streak } from '../../../controller/state.ts';
import { NO_TALLY } from '../../../controller/tally.ts';
import { meanWindowsToRun, runProbability } from '../../../statistics/run-length.ts';
import { guardOf, headerOf, MINUTE, policyOf, stageOf } from '../support.ts';

const bucketOf = (index: number, over: boolean | null): Bucket => ({
  index,
  cells: over === null ? {} : { 'candidate/all': { ...NO_TALLY, requests: 1000, errors: over ? 2 : 1 } },
});

function evidenceOf(buckets: readonly Bucket[], index: number, maxGap = 5): Evidence {
  const policy = policyOf({ maxGap });
  return { policy, stage: stageOf('canary', 10), header: headerOf(policy), buckets, index, firstOfStage: 0 };
}

const after = (pattern: string, maxGap = 5): Streak =>
  Array.from(pattern).reduce<Streak>(
    (streak, each) => advanceStreak(streak, each === '?' ? null : each === 'x', 10, maxGap),
    NO_STREAK,
  );

/** Four standard errors of a simulated share. */
const tolerance = (p: number, runs: number): number => 4 * Math.sqrt((p * (1 - p)) / runs);

describe('streaks of the reading `every` (statistics §4)', () => {
  it('over lengthens the trip streak and ends the hold streak, under the other way round', () => {
    expect(after('..')).toMatchObject({ trip: 0, hold: 2 });
    expect(after('..x')).toMatchObject({ trip: 1, hold: 0 });
    expect(after('xx.')).toMatchObject({ trip: 0, hold: 1 });
  });

  it('a missing window freezes the trip streak and resets the hold streak', () => {
    expect(after('xx?x')).toMatchObject({ trip: 3, gap: 0 });
    expect(after('..?.')).toMatchObject({ hold: 1 });
    expect(after('..?')).toMatchObject({ hold: 0, gap: 1 });
  });

  it('a gap of maxGap windows still freezes; one more resets', () => {
    expect(after('xx??', 2)).toMatchObject({ trip: 2, gap: 2 });
    expect(after('xx???', 2)).toMatchObject({ trip: 0, gap: 3 });
    expect(after('xx???x', 2)).toMatchObject({ trip: 1, gap: 0 });
  });

  it('counts the samples of the streak it is in', () => {
    expect(after('..xx?x').samples).toBe(30);
    expect(after('xx..').samples).toBe(20);
    expect(after('..?.').samples).toBe(10);
  });

  it('breaches at the k-th window over and says since when, passes at the k-th under', () => {
    const guard = guardOf({ sustained: { forMs: 3 * MINUTE, reading: 'every' } });
    let streak = NO_STREAK;
    const seen = [true, true, null, true, false, false, false].map((over, index) => {
      const found = every(guard, evidenceOf([bucketOf(index, over)], index), streak);
      streak = found.streak;
      return found.verdict;
    });
    expect(seen).toEqual([
      'inconclusive',
      'inconclusive',
      'inconclusive',
      'breach',
      'inconclusive',
      'inconclusive',
      'pass',
    ]);
  });

  it('says once that data is lost', () => {
    let streak = NO_STREAK;
    const lost = Array.from({ length: 6 }, (_, index) => {
      const found = every(guardOf(), evidenceOf([], index, 3), streak);
      streak = found.streak;
      return found.dataLoss;
    });
    expect(lost).toEqual([false, false, false, true, false, false]);
  });

  it('a window with fewer than minSamples is a missing one', () => {
    const guard = guardOf({ minSamples: 1001 });
    expect(every(guard, evidenceOf([bucketOf(0, true)], 0), NO_STREAK)).toMatchObject({
      verdict: 'inconclusive',
      streak: { trip: 0, gap: 1 },
    });
  });

  it.each([
    [24, 3, 0.26],
    [8, 2, 0.05],
  ])('fires as often as the exact oracle says, guard and all: n %i, k %i, p %f', (n, k, p) => {
    const runs = 20_000;
    const random = seedrandom.alea(`every/${n}/${k}/${p}`);
    const guard = guardOf({ sustained: { forMs: k * MINUTE, reading: 'every' } });
    let fired = 0;
    for (let run = 0; run < runs; run++) {
      let streak = NO_STREAK;
      for (let index = 0; index < n; index++) {
        const found = every(guard, evidenceOf([bucketOf(index, random() < p)], index), streak);
        streak = found.streak;
        if (found.verdict === 'breach') {
          fired++;
          break;
        }
      }
    }
    const exact = runProbability(n, k, p);
    expect(Math.abs(fired / runs - exact)).toBeLessThan(tolerance(exact, runs));
  });

  it.each([
    [120, 3, 0.05, 0.3],
    [120, 15, 0.6, 0.2],
    [120, 15, 0.7, 0],
    [120, 5, 0.3, 0.1],
    [24, 3, 0.26, 0],
  ])('trip streaks alone: n %i, k %i, p %f, missing %f', (n, k, p, missing) => {
    const runs = 100_000;
    const random = seedrandom.alea(`streak/${n}/${k}/${p}/${missing}`);
    let fired = 0;
    for (let run = 0; run < runs; run++) {
      let streak = NO_STREAK;
      for (let index = 0; index < n && streak.trip < k; index++) {
        const u = random();
        // The oracle knows no longest gap.
        streak = advanceStreak(streak, u < p ? true : u < p + missing ? null : false, 1, Infinity);
      }
      if (streak.trip >= k) fired++;
    }
    const exact = runProbability(n, k, p, missing);
    expect(Math.abs(fired / runs - exact)).toBeLessThan(tolerance(exact, runs));
  });

  it.each([
    [15, 0.95, 23.1693904],
    [15, 0.99, 16.2711803],
    [15, 0.9, 38.5693575],
  ])('hold streaks take (p^−k − 1)/(1 − p) windows on average: k %i, p %f', (k, p, expected) => {
    expect(meanWindowsToRun(k, p)).toBeCloseTo(expected, 6);
    const runs = 20_000;
    const random = seedrandom.alea(`hold/${k}/${p}`);
    let windows = 0;
    let squares = 0;
    for (let run = 0; run < runs; run++) {
      let streak = NO_STREAK;
      let t = 0;
      for (; streak.hold < k; t++) streak = advanceStreak(streak, random() >= p, 1, 5);
      windows += t;
      squares += t * t;
    }
    const mean = windows / runs;
    const error = Math.sqrt((squares / runs - mean * mean) / runs);
    expect(Math.abs(mean - expected)).toBeLessThan(4 * error);
  });
});
