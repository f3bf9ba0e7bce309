/** Tables of measured times: quantiles are those of the values, and the interval of the mean covers it as often as it says. */
import seedrandom from 'seedrandom';
import { expect, test } from 'vitest';
import { measuredTimes, PROBABILITIES, quantileOf } from '../../../live/calibrate/tables.ts';

test('probabilities ascend strictly from 0 to 1 and hold what reports ask for', () => {
  expect(PROBABILITIES[0]).toBe(0);
  expect(PROBABILITIES.at(-1)).toBe(1);
  expect(PROBABILITIES.every((p, i) => i === 0 || p > PROBABILITIES[i - 1]!)).toBe(true);
  expect(PROBABILITIES).toEqual(expect.arrayContaining([0.5, 0.95, 0.99, 0.999]));
});

test('quantiles are linear between the values in order', () => {
  const sorted = Float64Array.of(1, 2, 4, 8);
  expect([0, 1 / 3, 0.5, 5 / 6, 1].map((p) => quantileOf(sorted, p))).toEqual([1, 2, 3, 6, 8]);
  const { samples, mean, quantiles } = measuredTimes([8, 2, 1, 4])!;
  expect([samples, mean, quantiles[0], quantiles[50], quantiles.at(-1)]).toEqual([4, 3.75, 1, 3, 8]);
});

test('nothing measured is no table, and too little has no interval', () => {
  expect(measuredTimes([])).toBeNull();
  expect(measuredTimes([1, 2, 3])!.interval).toBeNull();
});

test('the interval of the mean covers it in 95 of 100 cases, also when neighbours are alike', () => {
  const draw = seedrandom.alea('tables/intervals');
  const repetitions = 400;
  let covered = 0;
  for (let i = 0; i < repetitions; i++) {
    let last = 0;
    // Correlation 0.8 from one to the next: an interval that took them for independent would cover half as often.
    const values = Array.from({ length: 2000 }, () => (last = 0.8 * last + draw() - 0.5));
    const [low, high] = measuredTimes(values)!.interval!;
    if (low <= 0 && 0 <= high) covered++;
  }
  // 380 expected, standard deviation 4.4; batch means of correlated values cover a little less.
  expect(covered).toBeGreaterThan(360);
  expect(covered).toBeLessThan(396);
});
