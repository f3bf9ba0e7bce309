import { describe, expect, it } from 'vitest';
import { countOf } from '../../../controller/guards/ratios.ts';
import { NO_TALLY } from '../../../controller/tally.ts';
import { compareRatio, rational } from '../../../controller/guards/rational.ts';
import { changeBreaks, changeOf, ratioChangeBreaks } from '../../../controller/guards/relative.ts';
import { runProbability } from '../../../statistics/run-length.ts';
import { binomial } from '../oracles.ts';

const bound = (direction: 'rise' | 'drop' | 'either', by: number) =>
  ({ kind: 'relative', to: 'baseline', direction, by }) as const;
const count = (events: number, samples: number) => ({ events, samples });

describe('decimals as exact ratios', () => {
  it.each([
    [0.001, 1, 1000],
    [0.007, 7, 1000],
    [0.05, 1, 20],
    [0.3, 3, 10],
    [1, 1, 1],
    [0, 0, 1],
    [1e-9, 1, 1_000_000_000],
  ])('%f is %i/%i', (value, a, b) => {
    const ratio = rational(value);
    expect(ratio.a * BigInt(b)).toBe(ratio.b * BigInt(a));
  });

  it('compares without rounding where floating point fails', () => {
    expect(compareRatio(7, 7000, rational(0.001))).toBe(0);
    expect(compareRatio(3, 10, rational(0.1 + 0.2))).toBe(0);
    expect(compareRatio(4_503_599_627_371, 4_503_599_627_370_496, rational(0.001))).toBe(1);
    // 1000·x is 999·n + 1: as doubles the ratio and 0.999 are the same.
    expect(8_998_192_055_485_261 / 9_007_199_254_740_001).toBe(0.999);
    expect(compareRatio(8_998_192_055_485_261, 9_007_199_254_740_001, rational(0.999))).toBe(1);
    for (let permille = 1; permille < 1000; permille++)
      for (const k of [1, 3, 7, 4167]) expect(compareRatio(permille * k, 1000 * k, rational(permille / 1000))).toBe(0);
    expect(() => rational(Number.NaN)).toThrow(/finite/);
  });
});

describe('bounds relative to another arm (statistics §5)', () => {
  it.each([
    [0.05, 4167, 0.05, 79_166, 0.02, 15, 0.389852779, 4.75173784e-5],
    [0.05, 833, 0.05, 82_500, 0.02, 15, 0.456785604, 0.000456375668],
    [0.05, 41_667, 0.05, 41_666, 0.02, 15, 0.251784375, 8.24405383e-8],
    [0.0475, 4167, 0.05, 79_166, 0.02, 15, 0.674294767, 0.0920603084],
    [0.0475, 4167, 0.05, 79_166, 0.02, 30, 0.674294767, 0.000222386058],
  ])('p_c %f of %i against %f of %i, drop > %f', (pc, nc, pk, nk, d, k, oneWindow, run) => {
    const candidate = binomial(nc, pc);
    const reference = binomial(nk, pk);
    let largest = -1;
    let below = 0;
    let p = 0;
    for (const [xk, mass] of reference.entries()) {
      if (mass < 1e-18) continue;
      while (ratioChangeBreaks(count(largest + 1, nc), count(xk, nk), bound('drop', d)) === true)
        below += candidate[++largest]!;
      p += mass * below;
    }
    expect(Math.abs(p / oneWindow - 1)).toBeLessThan(1e-6);
    expect(Math.abs(runProbability(120, k, p) / run - 1)).toBeLessThan(1e-6);
  });

  it('is strict: exactly 2 % down is no breach', () => {
    expect(ratioChangeBreaks(count(98, 1000), count(1000, 10_000), bound('drop', 0.02))).toBe(false);
    expect(ratioChangeBreaks(count(979, 10_000), count(1000, 10_000), bound('drop', 0.02))).toBe(true);
    expect(ratioChangeBreaks(count(102, 1000), count(1000, 10_000), bound('either', 0.02))).toBe(false);
    expect(ratioChangeBreaks(count(1021, 10_000), count(1000, 10_000), bound('either', 0.02))).toBe(true);
  });

  it('minds its direction', () => {
    const [low, high] = [count(90, 1000), count(110, 1000)];
    const reference = count(100, 1000);
    expect(ratioChangeBreaks(low, reference, bound('rise', 0.02))).toBe(false);
    expect(ratioChangeBreaks(high, reference, bound('drop', 0.02))).toBe(false);
    expect(ratioChangeBreaks(high, reference, bound('rise', 0.02))).toBe(true);
    expect(ratioChangeBreaks(low, reference, bound('either', 0.02))).toBe(true);
    expect(changeBreaks(-0.03, bound('drop', 0.02))).toBe(true);
    expect(changeBreaks(-0.03, bound('rise', 0.02))).toBe(false);
  });

  it('knows nothing without a reference', () => {
    expect(ratioChangeBreaks(count(5, 10), count(0, 10), bound('either', 0.02))).toBeNull();
    expect(changeOf(1, 0)).toBeNull();
    expect(changeOf(1, null)).toBeNull();
    expect(changeOf(1, Infinity)).toBeNull();
  });

  it('a value beyond every answer is a rise without limit', () => {
    expect(changeBreaks(changeOf(Infinity, 20)!, bound('rise', 0.5))).toBe(true);
  });
});

describe('outcomes, ripe or not (statistics §9.4)', () => {
  it('young ones are counted against every request of a user, ripe ones against those whose label is due', () => {
    const tally = { ...NO_TALLY, arrived: 1100, arrivedMirrored: 100, requests: 1090, impressions: 800, outcomes: 40 };
    expect(countOf({ kind: 'young-outcome-ratio' }, tally)).toEqual({ events: 40, samples: 1000 });
    expect(countOf({ kind: 'outcome-ratio' }, tally)).toEqual({ events: 40, samples: 800 });
  });
});
