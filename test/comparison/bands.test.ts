/** When a difference counts as agreement, as difference, or as nothing that can be told. */
import seedrandom from 'seedrandom';
import { expect, test } from 'vitest';
import { halfWidthOf, statusOf, widening } from '../../comparison/bands.ts';

test.each([
  [0.02, 0.01, 'agrees'],
  [-0.049, 0.04, 'agrees'],
  [0.2, 0.05, 'differs'],
  [-0.2, 0.14, 'differs'],
  // Inside or outside: the interval holds both.
  [0.06, 0.02, 'too few samples'],
  // Inside, but so would nearly anything have been.
  [0.0, 0.3, 'too few samples'],
  [null, 0.01, 'too few samples'],
  [0.01, null, 'too few samples'],
] as const)('a difference of %s ± %s in a band of 5 %% %s', (difference, half, status) => {
  expect(statusOf(difference, half, 0.05)).toBe(status);
});

test('bands hold to a utilisation of 60 % and are twice as wide at 80 %', () => {
  expect([0, 0.6, 0.8, 0.9].map((each) => Number(widening(each).toFixed(10)))).toEqual([1, 1, 2, 4]);
  expect(widening(1)).toBe(widening(0.95));
});

test('the interval of a mean of ten differences covers it in 95 of 100 cases', () => {
  const draw = seedrandom.alea('bands/intervals');
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
  const repetitions = 2000;
  let covered = 0;
  for (let i = 0; i < repetitions; i++) {
    const values = Array.from({ length: 10 }, normal);
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    if (Math.abs(mean) <= halfWidthOf(values)!) covered++;
  }
  // 1900 expected, standard deviation 9.7.
  expect(Math.abs(covered - 1900)).toBeLessThan(45);
});

test('three differences have no interval', () => {
  expect(halfWidthOf([1, 2, 3])).toBeNull();
});
