import { describe, expect, test } from 'vitest';
import { expectSane } from './sane.ts';
import { shippedWith } from './shipped.ts';

describe('every shipped scenario with a healthy candidate ends as it says', () => {
  test.each(shippedWith('healthy'))('$title', { timeout: 180_000 }, async ({ expected, run }) => {
    const outcome = await run();
    expectSane(outcome);
    expect(outcome.expectation?.misses).toEqual([]);
    const { verdict, harm } = outcome;
    if (verdict !== 'promoted') return;
    // A wrong rollback needs a finding that says why the policy errs; a promotion none.
    expect(expected.finding).toBeNull();
    // Thirty seconds of slow hosts are felt, whatever model runs on them.
    if (outcome.retries !== undefined) return;
    // The arms fail alike, so the difference is chance: 6 standard deviations of a Poisson count at 0.02 %.
    const chance = 6 * Math.sqrt(2 * 0.0002 * harm.requestsToCandidate);
    expect(Math.abs(harm.excessErrors!)).toBeLessThan(chance);
  });
});
