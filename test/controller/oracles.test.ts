import { describe, expect, it } from 'vitest';
import { runProbability, runProbabilityByRecursion } from './oracles.ts';

const close = (got: number, expected: number): void =>
  expect(Math.abs(got / expected - 1), `${got} for ${expected}`).toBeLessThan(1e-6);

describe('the run-length oracle (statistics §4)', () => {
  it.each([
    [120, 15, 0.386, 4.11950826e-5],
    [120, 15, 0.5, 0.00163171629],
    [120, 15, 0.7, 0.145782233],
    [120, 15, 0.9, 0.980775541],
    [120, 30, 0.5, 4.2840838e-8],
    [120, 30, 0.9, 0.38196309],
    [8, 2, 0.05, 0.0166924204],
    [120, 30, 0.95, 0.854216886],
    [120, 3, 0.05, 0.0139266107],
    [120, 5, 0.1, 0.00104450465],
    [24, 3, 0.05, 0.00261632622],
    [24, 3, 0.26, 0.262001152],
    [24, 6, 0.26, 0.00441937803],
  ])('n %i, k %i, p %f by both routes', (n, k, p, expected) => {
    close(runProbability(n, k, p), expected);
    close(runProbabilityByRecursion(n, k, p), expected);
  });

  it.each([
    [120, 15, 0.6, 0.2, 0.257952854],
    [120, 15, 0.45, 0.1, 0.00144884835],
    [120, 3, 0.05, 0.3, 0.0274226892],
  ])('n %i, k %i, p %f with missing windows %f', (n, k, p, missing, expected) => {
    close(runProbability(n, k, p, missing), expected);
  });
});
