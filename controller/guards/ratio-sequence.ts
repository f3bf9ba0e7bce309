/**
 * Confidence sequence for the change of a ratio with a non-inferiority margin (statistics §9.2; the formulas are in log-ratio.ts).
 * Symbols: ℓ̂ the log ratio of both arms' ratios since the stage began, δ the bound. For a drop: breach when ℓ̂ + radius(α) <
 * ln(1 − δ), worse than the margin and proven; pass when ℓ̂ − radius(α_pass) > ln(1 − δ), not worse and proven; else inconclusive. The
 * standard error is multiplied by the root of the variance inflation.
 */
import type { RatioSequence } from '../guard-tests.ts';
import { share } from '../words.ts';
import { logRatio, sequenceRadius } from './log-ratio.ts';
import {
  BY_ESTIMATE,
  type Case,
  inflationFor,
  intervalWords,
  passesByEstimate,
  type Tested,
  unknown,
} from './test-case.ts';

export function ratioSequence(c: Case<RatioSequence>): Tested {
  const { guard, test, evidence, memory, own, reference } = c;
  const { bound } = guard;
  if (own === null || reference === null || bound?.kind !== 'relative') return unknown('no counts to compare');
  const change = logRatio(own, reference);
  if (change === null) return unknown('no event in one of the arms');
  const n = own.samples + reference.samples;
  const sharpestAt = Math.max(1, ((memory.pace ?? n) * test.sharpestMs) / evidence.policy.evaluateEveryMs);
  const error = change.standardError * Math.sqrt(inflationFor(c));
  const sides = bound.direction === 'either' ? 'two' : 'one';
  const radius = (alpha: number): number => sequenceRadius(sides, error, n, sharpestAt, alpha);
  // What is bad lies beyond these ends; with one-sided bounds only one of them is finite.
  const floor = bound.direction === 'rise' ? -Infinity : Math.log1p(-bound.by);
  const ceiling = bound.direction === 'drop' ? Infinity : Math.log1p(bound.by);
  const [breachRadius, passRadius] = [radius(test.alpha), radius(test.passAlpha)];
  const interval = { low: Math.expm1(change.value - breachRadius), high: Math.expm1(change.value + breachRadius) };
  const found = (verdict: Tested['verdict'], words: string): Tested => ({ verdict, words, interval });
  if (change.value + breachRadius < floor || change.value - breachRadius > ceiling)
    return found('breach', `proven at α ${share(test.alpha)} (${said(interval)} at every look)`);
  const low = Math.expm1(change.value - passRadius);
  const high = Math.expm1(change.value + passRadius);
  if (change.value - passRadius > floor && change.value + passRadius < ceiling)
    return found('pass', `proven at α ${share(test.passAlpha)} (${said({ low, high })} at every look)`);
  if (passesByEstimate(c)) return found('pass', `${BY_ESTIMATE} (${said({ low, high })} at every look)`);
  return found('inconclusive', `not proven either way (${said({ low, high })} at every look)`);
}

const said = ({ low, high }: { readonly low: number; readonly high: number }): string => intervalWords(low, high);
