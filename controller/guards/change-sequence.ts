/**
 * The verdict on a change ℓ̂ = ln(candidate) − ln(reference) by a confidence sequence (log-ratio.ts), δ the bound. For a drop:
 * breach when ℓ̂ + radius(α) < ln(1 − δ), worse than the margin and proven; pass when ℓ̂ − radius(α_pass) > ln(1 − δ), not worse
 * and proven; else inconclusive.
 */
import type { MeanSequence, RatioSequence } from '../guard-tests.ts';
import { type Estimate, sequenceRadius } from './log-ratio.ts';
import { answered, type Case, intervalWords, type Tested, unknown } from './test-case.ts';

/** `n`: observations behind the change, of both arms; of pairs each counts once. */
export function changeSequence(c: Case<RatioSequence | MeanSequence>, change: Estimate, n: number): Tested {
  const { guard, test } = c;
  const { bound } = guard;
  if (bound?.kind !== 'relative') return unknown('nothing to compare with');
  const sides = bound.direction === 'either' ? 'two' : 'one';
  const radius = (alpha: number): number => sequenceRadius(sides, change.standardError, n, sharpestAt(c, n), alpha);
  // What is bad lies beyond these ends; with one-sided bounds only one of them is finite.
  const floor = bound.direction === 'rise' ? -Infinity : Math.log1p(-bound.by);
  const ceiling = bound.direction === 'drop' ? Infinity : Math.log1p(bound.by);
  const [breachRadius, passRadius] = [radius(test.alpha), radius(test.passAlpha)];
  const interval = { low: Math.expm1(change.value - breachRadius), high: Math.expm1(change.value + breachRadius) };
  const low = Math.expm1(change.value - passRadius);
  const high = Math.expm1(change.value + passRadius);
  return answered(c, {
    isBad: change.value + breachRadius < floor || change.value - breachRadius > ceiling,
    isGood: change.value - passRadius > floor && change.value + passRadius < ceiling,
    atAlpha: `${said(interval)} at every look`,
    atPassAlpha: `${said({ low, high })} at every look`,
    interval,
  });
}

/** Observations at which the sequence is to be sharpest, as far as the first window tells how fast they come. */
export const sharpestAt = ({ test, memory, evidence }: Case<RatioSequence | MeanSequence>, n: number): number =>
  Math.max(1, ((memory.pace ?? n) * test.sharpestMs) / evidence.policy.evaluateEveryMs);

const said = ({ low, high }: { readonly low: number; readonly high: number }): string => intervalWords(low, high);
