/**
 * Confidence sequence for the change of a ratio with a non-inferiority margin (the formulas are in log-ratio.ts and
 * change-sequence.ts). ℓ̂ is the log ratio of both arms' ratios since the stage began; the standard error is multiplied by the root of the
 * variance inflation, or comes from the scatter between users (by-user.ts).
 */
import type { RatioSequence } from '../guard-tests.ts';
import type { Guard } from '../policy.ts';
import { byUser } from './by-user.ts';
import { changeSequence } from './change-sequence.ts';
import { type Expected, leastSamples } from './least-samples.ts';
import { logRatio, requestsToShow, sequenceRadius } from './log-ratio.ts';
import { type Case, inflationFor, type Tested, unknown } from './test-case.ts';

/** The β of the estimate that the search for the samples needed begins at. */
const POWER_MISSED = 0.1;

export function ratioSequence(c: Case<RatioSequence>): Tested {
  const { own, reference, test } = c;
  if (own === null || reference === null) return unknown('no counts to compare');
  const change = logRatio(own, reference);
  if (change === null) return unknown('no event in one of the arms');
  if (test.clusterBy !== undefined) return byUser(c, change.value, own.samples + reference.samples);
  const standardError = change.standardError * Math.sqrt(inflationFor(c));
  return changeSequence(c, { ...change, standardError }, own.samples + reference.samples);
}

/** Samples of the candidate at which the sequence lies on one side of the bound if both ratios are as expected. */
export function ratioSequenceSamples(
  { bound }: Guard,
  test: RatioSequence,
  { own: p, reference: q, times, perMs, inflation }: Expected,
): number | null {
  // How much users differ nobody knows before.
  if (p === null || q === null || bound?.kind !== 'relative' || test.clusterBy !== undefined) return null;
  const edge = bound.direction === 'drop' ? Math.log1p(-bound.by) : Math.log1p(bound.by);
  const isBad = bound.direction === 'drop' ? Math.log(p / q) < edge : Math.log(p / q) > edge;
  const sharpestAt = Math.max(1, perMs * (1 + times) * test.sharpestMs);
  const sides = bound.direction === 'either' ? 'two' : 'one';
  const alpha = isBad ? test.alpha : test.passAlpha;
  const oneLook = bound.by === 0 ? 1 : requestsToShow(q, bound.by, alpha, POWER_MISSED, times);
  return leastSamples((n) => {
    const change = logRatio({ events: n * p, samples: n }, { events: n * times * q, samples: n * times });
    if (change === null) return false;
    const error = change.standardError * Math.sqrt(inflation);
    return sequenceRadius(sides, error, n * (1 + times), sharpestAt, alpha) < Math.abs(change.value - edge);
  }, oneLook);
}
