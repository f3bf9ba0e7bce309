import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Stream } from '../../sim/random.ts';
import { fewestToTellBelow, robbinsInterval, robbinsLogEvidence, sideOf } from '../../statistics/stop-rule.ts';

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

/** P(the rule tells `below`, and `above`, within so many trials) at a rate: every path added up, those ended that are told. */
function tellsOf(rate: number, p0: number, epsilon: number, trials: number): { below: number; above: number } {
  let alive = Float64Array.of(1);
  const found = { below: 0, above: 0 };
  for (let n = 1; n <= trials; n++) {
    const next = new Float64Array(n + 1);
    for (let s = 0; s < n; s++) {
      next[s]! += alive[s]! * (1 - rate);
      next[s + 1]! += alive[s]! * rate;
    }
    for (let s = 0; s <= n; s++) {
      if (next[s] === 0) continue;
      const side = sideOf(s, n, p0, epsilon);
      if (side === null) continue;
      found[side] += next[s]!;
      next[s] = 0;
    }
    alive = next;
  }
  return found;
}

test.each([
  { p0: 0.05, epsilon: 0.1, trials: 600 },
  { p0: 0.01, epsilon: 0.05, trials: 1500 },
  { p0: 0.5, epsilon: 0.01, trials: 300 },
])('exactly, it errs with at most ε at the edge $p0 and beside it, whenever one looks', ({ p0, epsilon, trials }) => {
  const edge = tellsOf(p0, p0, epsilon, trials);
  expect(edge.below + edge.above).toBeGreaterThan(epsilon / 20);
  expect(edge.below + edge.above).toBeLessThanOrEqual(epsilon);
  expect(tellsOf(p0 * 1.05, p0, epsilon, trials).below).toBeLessThanOrEqual(epsilon);
  expect(tellsOf(p0 * 0.95, p0, epsilon, trials).above).toBeLessThanOrEqual(epsilon);
  // Far from the edge it tells, and on the right side.
  expect(tellsOf(Math.min(0.95, p0 * 4), p0, epsilon, trials).above).toBeGreaterThan(0.99);
});

test('sweeps simulated one by one are told as often as all paths added up say', () => {
  const [rate, p0, epsilon, trials, runs] = [0.08, 0.05, 0.1, 300, 4000];
  const exact = tellsOf(rate, p0, epsilon, trials).above;
  const random = new Stream('stop/exact');
  let found = 0;
  for (let r = 0; r < runs; r++) {
    let s = 0;
    for (let n = 1; n <= trials; n++) {
      if (random.next() < rate) s++;
      const side = sideOf(s, n, p0, epsilon);
      if (side === null) continue;
      if (side === 'above') found++;
      break;
    }
  }
  expect(Math.abs(found / runs - exact)).toBeLessThan(4 * Math.sqrt((exact * (1 - exact)) / runs));
});

test.each([
  [0.01, 0.05],
  [0.1, 0.05],
  [0.001, 0.01],
])('no fewer trials than are said can tell that a rate is below %f with an error of %f', (p0, epsilon) => {
  const fewest = fewestToTellBelow(p0, epsilon);
  expect(sideOf(0, fewest, p0, epsilon)).toBe('below');
  expect(sideOf(0, fewest - 1, p0, epsilon)).toBeNull();
});

test('the interval that is valid whenever one stops has the closed form of no event, and of nothing but events', () => {
  // (n+1)(1 − p)^n = ε
  const high = 1 - (0.05 / 101) ** (1 / 100);
  expect(robbinsInterval(0, 100, 0.05)).toEqual([0, expect.closeTo(high, 12)]);
  expect(robbinsInterval(100, 100, 0.05)).toEqual([expect.closeTo(1 - high, 12), 1]);
});

test('it holds exactly the rates that the rule does not tell from what was seen', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 3000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0.001, max: 0.999, noNaN: true }),
      (n, share, rate) => {
        const s = Math.round(share * n);
        const [low, high] = robbinsInterval(s, n, 0.05);
        // At the edge itself either is right.
        fc.pre(Math.abs(rate - low) > 1e-9 && Math.abs(rate - high) > 1e-9);
        expect(rate > low && rate < high).toBe(sideOf(s, n, rate, 0.05) === null);
      },
    ),
  );
});
