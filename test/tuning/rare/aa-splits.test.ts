import { describe, expect, test } from 'vitest';
import { Stream } from '../../../sim/random.ts';
import { hypergeometricAt } from '../../../statistics/hypergeometric.ts';
import { areAlike, MOST_EFFECTIVE, type SplitRecording, splitRate } from '../../../tuning/rare/aa-splits.ts';
import type { RunGuard } from '../../../tuning/rare/pooled-progress.ts';

const RPM = 83_000;
const WINDOWS = 120;

/** A binomial count, as a draw from so large an urn that putting back makes no difference. */
const draw = (n: number, random: Stream): number =>
  hypergeometricAt(random.next(), { population: 2e9, marked: 1e8, drawn: n });

/** Two hours of windows of a minute, outcomes at 5 %, of which a share goes to the candidate. */
function recording(share: number, random: Stream): SplitRecording {
  const own = Math.round(RPM * share);
  return [
    Array.from({ length: WINDOWS }, () => ({
      own: { x: draw(own, random), n: own },
      other: { x: draw(RPM - own, random), n: RPM - own },
      isOff: false,
    })),
  ];
}

/** The ratio drops by more than `drop` below the other arm's, over the trailing half hour. */
const dropOf = (drop: number): RunGuard => ({
  width: 30,
  needed: 30,
  run: 1,
  maxGap: 5,
  progress: ([x = 0, n = 0, y = 0, m = 0]) => (1 - drop) / (x / n / (y / m)),
});

describe('false rollbacks of a rule that watches outcomes, worked out from two recordings', () => {
  // Measured with 1,000 splits of 60 recordings (statistics §17.4); a recording is worth some 700 rollouts.
  test.each([
    { share: 0.05, drop: 0.02, known: 0.49 },
    { share: 0.05, drop: 0.04, known: 0.016 },
    { share: 0.25, drop: 0.02, known: 0.017 },
  ])('a share of $share and a drop of more than $drop: $known', ({ share, drop, known }) => {
    const random = new Stream(`splits/${share}/${drop}`);
    const recordings = [recording(share, random), recording(share, random)];
    const splits = 700;
    const { ratio, low, high } = splitRate(recordings, dropOf(drop), { splits, confidence: 0.999, random });
    const variance = known * (1 - known) * (1 / (2 * splits) + 1 / (2 * MOST_EFFECTIVE));
    expect(Math.abs(ratio - known)).toBeLessThan(4 * Math.sqrt(variance));
    expect(low).toBeLessThan(known);
    expect(high).toBeGreaterThan(known);
  });
});

test('an interval is for no more rollouts than a recording is worth, however many splits there are', () => {
  const random = new Stream('splits/worth');
  const recordings = [recording(0.05, random)];
  const never: RunGuard = { width: 1, needed: 1, run: 1, maxGap: 5, progress: () => 0 };
  const at = (splits: number): number => splitRate(recordings, never, { splits, confidence: 0.95, random }).high;
  // No event in n: 1 − 0.025^(1/n), n the 87.5 of 1/100 + 1/700, and so on.
  expect(at(100)).toBeCloseTo(1 - 0.025 ** (1 / 87.5), 9);
  expect(at(700)).toBeCloseTo(1 - 0.025 ** (1 / 350), 9);
  expect(at(4900)).toBeGreaterThan(1 - 0.025 ** (1 / MOST_EFFECTIVE));
});

test('two arms whose ratios differ are no A/A split', () => {
  expect(areAlike({ x: 500, n: 10_000 }, { x: 9900, n: 200_000 })).toBe(true);
  expect(areAlike({ x: 600, n: 10_000 }, { x: 9900, n: 200_000 })).toBe(false);
  expect(areAlike({ x: 0, n: 0 }, { x: 9900, n: 200_000 })).toBe(false);
  expect(areAlike({ x: 0, n: 100 }, { x: 0, n: 200 })).toBe(false);
});
