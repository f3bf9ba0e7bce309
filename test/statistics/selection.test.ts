import { expect, test } from 'vitest';
import { Stream } from '../../sim/random.ts';
import { expectedSmallest } from '../../statistics/selection.ts';

test.each([
  [5000, 10_000, 0.01, 0.0065562029],
  [5000, 1000, 0.01, 0.000896857904],
  [1000, 10_000, 0.001, 0.0001626952],
])('the best of %i policies on %i rollouts, all with a rate of %f, looks like %f', (policies, n, p, expected) => {
  expect(expectedSmallest(policies, n, p)).toBeCloseTo(expected, 10);
});

test('one policy alone is what it is, and drawn ones agree', () => {
  expect(expectedSmallest(1, 200, 0.1)).toBeCloseTo(0.1, 12);
  const random = new Stream('selection');
  let sum = 0;
  const times = 400;
  for (let i = 0; i < times; i++) {
    let least = Infinity;
    for (let policy = 0; policy < 20; policy++) {
      let events = 0;
      for (let r = 0; r < 100; r++) if (random.next() < 0.1) events++;
      least = Math.min(least, events / 100);
    }
    sum += least;
  }
  // The smallest of 20 scatters by 0.012; four standard errors of 400 of them.
  expect(Math.abs(sum / times - expectedSmallest(20, 100, 0.1))).toBeLessThan((4 * 0.012) / 20);
});
