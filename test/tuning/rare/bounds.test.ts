import { expect, test } from 'vitest';
import { Stream } from '../../../sim/random.ts';
import { clopperPearsonUpper } from '../../../statistics/binomial.ts';
import { runProbability, runProbabilityOf } from '../../../statistics/run-length.ts';
import { inflationOf, looksAbove, looksBelow, ratioOf } from '../../../tuning/rare/binomial-looks.ts';
import { BLOCK, blockRuns, type Stretch, waiting } from '../../../tuning/rare/block-runs.ts';

/** Recordings whose windows are over block by block, each block with probability p. */
const stretch = (random: Stream, recordings: number, windows: number, p: number): Stretch =>
  Array.from({ length: recordings }, () => {
    const blocks = Array.from({ length: windows / BLOCK }, () => random.next() < p);
    return Array.from({ length: windows }, (_, t) => blocks[Math.floor(t / BLOCK)]!);
  });

test('block runs cover the exact run length in at least 95 of 100 sets of recordings', () => {
  const random = new Stream('block runs');
  // 60 blocks of two windows, a streak of six: runs of three blocks.
  const exact = runProbability(60, 3, 0.1);
  let covered = 0;
  for (let i = 0; i < 100; i++) {
    const { low, high } = blockRuns([stretch(random, 10, 120, 0.1)], 6, 0.95);
    if (low <= exact && exact <= high) covered++;
  }
  expect(covered).toBeGreaterThanOrEqual(95);
});

test('a streak waits while windows are missing: runs with gaps in them are covered as well', () => {
  const random = new Stream('block runs with gaps');
  // Statistics §4: without the waiting it would be runProbability(60, 3, 0.15), three fifths of it.
  const [p, missing] = [0.15, 0.3];
  const exact = runProbability(60, 3, p, missing);
  expect(exact).toBeGreaterThan(1.6 * runProbability(60, 3, p));
  let covered = 0;
  let sum = 0;
  for (let i = 0; i < 100; i++) {
    const stretches = Array.from({ length: 10 }, () => {
      const blocks = Array.from({ length: 60 }, () => {
        const u = random.next();
        return u < missing ? null : u < missing + p;
      });
      return waiting(
        Array.from({ length: 120 }, (_, t) => blocks[Math.floor(t / BLOCK)]!),
        Infinity,
      );
    });
    const { ratio, low, high } = blockRuns([stretches], 6, 0.95);
    sum += ratio;
    if (low <= exact && exact <= high) covered++;
  }
  expect(covered).toBeGreaterThanOrEqual(95);
  // What waits is taken for over: the estimate is above the truth, never below.
  expect(sum / 100).toBeGreaterThan(exact);
});

test('only what comes after a window over waits, and no longer than a gap may be', () => {
  const [o, u, n] = [true, false, null];
  expect(waiting([n, o, n, n, o, u, n, o, n, n, n, o], 2)).toEqual([u, o, n, n, o, u, u, o, n, n, u, o]);
  expect(waiting([o, n, o], 0)).toEqual([o, u, o]);
});

test('a guard that is over in no window is bounded far below what a few recordings could count', () => {
  const none: Stretch = Array.from({ length: 8 }, () => Array.from({ length: 120 }, () => false));
  const { ratio, low, high } = blockRuns([none], 15, 0.95);
  expect([ratio, low]).toEqual([0, 0]);
  expect(high).toBeGreaterThan(0);
  expect(high).toBeLessThan(1e-6);
});

test('a guard that is over all the time is bounded from below, and a settling time stands for itself', () => {
  const all: Stretch = Array.from({ length: 8 }, () => Array.from({ length: 30 }, () => true));
  expect(blockRuns([all], 15, 0.95).low).toBeGreaterThan(0.8);
  // Over for the first ten minutes of each: no run of 15, and no bound that forgets the ten.
  const settling: Stretch = Array.from({ length: 8 }, () => Array.from({ length: 120 }, (_, t) => t < 10));
  const bound = blockRuns([settling], 15, 0.95);
  expect(bound.ratio).toBe(0);
  expect(bound.high).toBeGreaterThan(
    blockRuns([all.map(() => Array.from({ length: 120 }, () => false))], 15, 0.95).high * 1e3,
  );
});

test('minutes that are over in every recording are bounded by 1, and take no doubt from the others', () => {
  // Ten minutes of brownout in two hours: a streak of 15 is eight blocks of two, six of which are always over.
  const brownout: Stretch = Array.from({ length: 8 }, () => Array.from({ length: 120 }, (_, t) => t >= 44 && t < 56));
  const cold = clopperPearsonUpper(0, 8 * 54, 1 - 0.05 / 2);
  const places = Array.from({ length: 60 }, (_, b) => (b >= 22 && b < 28 ? 1 : cold));
  expect(blockRuns([brownout], 15, 0.95).high).toBeCloseTo(runProbabilityOf(places, 8), 12);
});

test('looks added up are no less than the exact first passage, and equal it for a single look', () => {
  // P(Bin(4167, 0.0005) > 4) and at most 120 times as much (statistics §3).
  expect(looksAbove([4167], 0.0005, 0.001)).toBeCloseTo(0.060454184, 9);
  expect(
    looksAbove(
      Array.from({ length: 120 }, () => 62_505),
      0.0005,
      0.001,
    ),
  ).toBeLessThan(120 * 1e-6);
  // 120 trailing windows of 15 minutes at 5 %: measured 2e-5 (statistics §18.2).
  expect(
    looksAbove(
      Array.from({ length: 106 }, () => 62_505),
      0.0005,
      0.001,
    ),
  ).toBeGreaterThan(2e-5 / 3);
});

test('a drop that is needed on two arms is bounded from above', () => {
  // One minute at 5 %, no difference: 0.3899 exactly (statistics §5).
  expect(looksBelow([{ own: 4167, other: 79_166 }], 0.05, 0.05, 0.02)).toBeGreaterThanOrEqual(0.389852779);
  const far = looksBelow([{ own: 25_000, other: 2_500_000 }], 0.697, 0.67, 0.02);
  expect(far).toBeGreaterThan(0);
  expect(far).toBeLessThan(1e-20);
});

test('counts of independent requests are not inflated by more than their doubt, clumps are, and a changing ratio is no ratio', () => {
  const random = new Stream('inflation');
  const draw = (n: number, p: number): number => {
    let x = 0;
    for (let i = 0; i < n; i++) if (random.next() < p) x++;
    return x;
  };
  const counts = Array.from({ length: 200 }, () => ({ n: 500, x: draw(500, 0.1) }));
  expect(inflationOf(counts)).toBeLessThan(1.5);
  const clumps = counts.map(({ n }) => ({ n, x: 2 * draw(n / 2, 0.1) }));
  expect(inflationOf(clumps)).toBeGreaterThan(1.5);
  expect(inflationOf(counts.map(({ n, x }, i) => ({ n, x: i < 100 ? x : 3 * x })))).toBeNull();
  const { p, least, most } = ratioOf(counts, 0.025);
  expect(least).toBeLessThan(p);
  expect(most).toBeGreaterThan(p);
});
