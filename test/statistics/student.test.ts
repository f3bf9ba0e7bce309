import { expect, test } from 'vitest';
import { normalUpperQuantile } from '../../statistics/normal.ts';
import { studentUpperQuantile } from '../../statistics/student.ts';
import { within } from './within.ts';

/** Closed forms: one degree of freedom is Cauchy's, tan(π(1/2 − v)); two have (1 − 2v)·√(1/(2v(1 − v))). */
test.each([0.4, 0.1, 0.025, 1e-3, 1e-6])(
  'the tail of %f has its closed forms for one and two degrees of freedom',
  (v) => {
    within(studentUpperQuantile(v, 1), 1 / Math.tan(Math.PI * v), 1e-9);
    within(studentUpperQuantile(v, 2), (1 - 2 * v) / Math.sqrt(2 * v * (1 - v)), 1e-9);
  },
);

test('printed tables: 39 degrees at 99.9 %, 4 and 9 at 95 %; and the normal distribution in the end', () => {
  expect(studentUpperQuantile(0.0005, 39)).toBeCloseTo(3.5581, 4);
  expect(studentUpperQuantile(0.025, 4)).toBeCloseTo(2.7764, 4);
  expect(studentUpperQuantile(0.025, 9)).toBeCloseTo(2.2622, 4);
  expect(studentUpperQuantile(0.025, 1e7)).toBeCloseTo(normalUpperQuantile(0.025), 5);
});
