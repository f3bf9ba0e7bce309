import { expect, test } from 'vitest';
import {
  markovRunProbability,
  meanWindowsToRun,
  runProbability,
  runProbabilityOf,
} from '../../statistics/run-length.ts';

const close = (value: number, expected: number): void => expect(Math.abs(value / expected - 1)).toBeLessThan(1e-8);

test.each([
  [120, 15, 0.386, 4.11950826e-5],
  [120, 15, 0.5, 0.00163171629],
  [120, 15, 0.7, 0.145782233],
  [120, 15, 0.9, 0.980775541],
  [120, 30, 0.5, 4.2840838e-8],
  [120, 30, 0.9, 0.38196309],
  [120, 30, 0.95, 0.854216886],
  [120, 3, 0.05, 0.0139266107],
  [120, 5, 0.1, 0.00104450465],
  [24, 3, 0.05, 0.00261632622],
  [24, 3, 0.26, 0.262001152],
  [24, 6, 0.26, 0.00441937803],
  [8, 2, 0.05, 0.0166924204],
])('a run among %i windows of at least %i, each over with %f, has probability %f', (n, k, p, expected) => {
  close(runProbability(n, k, p), expected);
  // By another way: Q_m = Q_{m−1} − (1−p)p^k Q_{m−k−1}.
  const q: number[] = [];
  for (let m = 0; m <= n; m++) q.push(m < k ? 1 : m === k ? 1 - p ** k : q[m - 1]! - (1 - p) * p ** k * q[m - k - 1]!);
  expect(Math.abs(1 - q[n]! - runProbability(n, k, p))).toBeLessThan(1e-14);
  close(
    runProbabilityOf(
      Array.from({ length: n }, () => p),
      k,
    ),
    expected,
  );
});

test.each([
  [15, 0.2, 0.8, 0.406296704],
  [15, 0.05, 0.9, 0.649611828],
  [5, 0.02, 0.5, 0.132112741],
])(
  'a run of %i among 120 Markov windows (%f after under, %f after over) has probability %f',
  (k, p01, p11, expected) => {
    close(markovRunProbability(120, k, [p01, p11]), expected);
  },
);

test.each([
  [15, 0.6, 0.2, 0.257952854],
  [15, 0.45, 0.1, 0.00144884835],
  [3, 0.05, 0.3, 0.0274226892],
])('missing windows freeze a streak: k %i, p %f, missing %f → %f', (k, p, missing, expected) => {
  close(runProbability(120, k, p, missing), expected);
});

test.each([
  [15, 0.95, 23.1693904],
  [15, 0.99, 16.2711803],
  [15, 0.9, 38.5693575],
  [30, 0.95, 73.1798135],
])('the first run of %i takes a mean of windows at %f: %f', (k, p, expected) => {
  close(meanWindowsToRun(k, p), expected);
  // By another way: the sum of P(no such run within n).
  let mean = 0;
  for (let n = 0; n < 1500; n++) mean += 1 - runProbability(n, k, p);
  close(mean, expected);
});
