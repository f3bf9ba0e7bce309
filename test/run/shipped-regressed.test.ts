import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../outcome.ts';
import { expectSane } from './sane.ts';
import { shippedWith } from './shipped.ts';

/** What each regression costs the users who meet it; the others are found before anybody does. */
const harms: Readonly<Record<string, (harm: Outcome['harm']) => number | null>> = {
  'error-creep': (harm) => harm.excessErrors,
  'slow-tail': (harm) => harm.excessSlow,
  'live-slow-tail': (harm) => harm.excessSlow,
  'diurnal-slow': (harm) => harm.requestsToCandidate,
  'restart-slow-tail': (harm) => harm.excessSlow,
  'ctr-drop': (harm) => harm.lostOutcomes,
  'heavy-users-drop': (harm) => harm.lostOutcomes,
  'google-success-drop-2': (harm) => harm.lostOutcomes,
  'google-success-drop-5': (harm) => harm.lostOutcomes,
  'rollback-cold': (harm) => harm.requestsToCandidate,
  'rollback-unloaded': (harm) => harm.requestsToCandidate,
  'rollback-warm': (harm) => harm.requestsToCandidate,
  'uber-eta-dfw': (harm) => harm.excessSlow,
  // Most of them in cities where it is right, and better than what was there.
  'uber-eta-phx': (harm) => harm.requestsToCandidate,
  'uber-eta-skewed': (harm) => harm.requestsToCandidate,
  // Nobody failed; they all took longer.
  'google-slower-success': (harm) => harm.requestsToCandidate,
};

describe('every shipped scenario with a regressed candidate is stopped, unless its finding is that it is not', () => {
  test.each(shippedWith('regressed'))('$title', { timeout: 180_000 }, async ({ name, expected, run }) => {
    const outcome = await run();
    expect(outcome.expectation?.misses).toEqual([]);
    expectSane(outcome, expected.rollback);
    if (expected.finding !== null || expected.verdict === 'paused') {
      expect(outcome.classification).toBe(expected.verdict === 'paused' ? 'inconclusive' : 'missed-regression');
      return;
    }
    expect(outcome.classification).toBe('true-rollback');
    const { harm, requests, verdict, detectionDelayMs } = outcome;
    const harmed = harms[name];
    if (harmed !== undefined) expect(harmed(harm)).toBeGreaterThan(0);
    else expect(requests.byArm.candidate, 'no user met it').toBe(0);
    if (verdict === 'refused') expect(requests.total).toBe(0);
    else expect(detectionDelayMs).toBeGreaterThan(0);
  });
});
