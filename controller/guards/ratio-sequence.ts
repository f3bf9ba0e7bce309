/**
 * Confidence sequence for the change of a ratio with a non-inferiority margin (statistics §9.2; the formulas are in log-ratio.ts and
 * change-sequence.ts). ℓ̂ is the log ratio of both arms' ratios since the stage began; the standard error is multiplied by the root of the
 * variance inflation, or comes from the scatter between users (by-user.ts).
 */
import type { RatioSequence } from '../guard-tests.ts';
import { byUser } from './by-user.ts';
import { changeSequence } from './change-sequence.ts';
import { logRatio } from './log-ratio.ts';
import { type Case, inflationFor, type Tested, unknown } from './test-case.ts';

export function ratioSequence(c: Case<RatioSequence>): Tested {
  const { own, reference, test } = c;
  if (own === null || reference === null) return unknown('no counts to compare');
  const change = logRatio(own, reference);
  if (change === null) return unknown('no event in one of the arms');
  if (test.clusterBy !== undefined) return byUser(c, change.value, own.samples + reference.samples);
  const standardError = change.standardError * Math.sqrt(inflationFor(c));
  return changeSequence(c, { ...change, standardError }, own.samples + reference.samples);
}
