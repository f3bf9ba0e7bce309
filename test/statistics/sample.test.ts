import { expect, test } from 'vitest';
import { deviation, mean, median } from '../../statistics/sample.ts';

test('mean, deviation with n − 1, and the median of an odd and an even number of values in any order', () => {
  expect(mean([2, 4, 4, 4, 5, 5, 7, 9])).toBe(5);
  expect(deviation([2, 4, 4, 4, 5, 5, 7, 9])).toBeCloseTo(Math.sqrt(32 / 7), 12);
  expect(deviation([1])).toBeNaN();
  expect(median([10, 9, 100])).toBe(10);
  expect(median([100, 9, 10, 11])).toBe(10.5);
});
