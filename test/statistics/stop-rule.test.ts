import { expect, test } from 'vitest';
import { Stream } from '../../sim/random.ts';
import { robbinsLogEvidence, sideOf } from '../../statistics/stop-rule.ts';

test.each([
  [0, 0.794562969],
  [25, 1.23855289],
  [40, 19.0498819],
])('the evidence of %i events in 10,000 against a rate of 0.001 is %f', (s, expected) => {
  expect(robbinsLogEvidence(s, 10_000, 0.001)).toBeCloseTo(expected, 6);
});

test('a clear rate is told on its side, a rate near the bound is not told for long', () => {
  expect(sideOf(0, 100_000, 0.001, 0.05)).toBe('below');
  expect(sideOf(40, 10_000, 0.001, 0.05)).toBe('above');
  expect(sideOf(10, 10_000, 0.001, 0.05)).toBeNull();
  expect(sideOf(0, 0, 0.001, 0.05)).toBeNull();
});

test('looking after every trial, 2,000 times, it errs in at most ε = 10 % of the runs at the edge', () => {
  const random = new Stream('stop');
  let told = 0;
  const runs = 400;
  for (let r = 0; r < runs; r++) {
    let s = 0;
    for (let n = 1; n <= 2000; n++) {
      if (random.next() < 0.05) s++;
      if (sideOf(s, n, 0.05, 0.1) === null) continue;
      told++;
      break;
    }
  }
  // P(more than 64 of 400) is below 1e-4 when each errs with 10 %; without the sum over looks about half of the runs err.
  expect(told).toBeLessThanOrEqual(64);
});
