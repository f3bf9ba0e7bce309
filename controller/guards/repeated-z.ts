/**
 * The z-test of one look, repeated at every look over everything since the stage began, for comparison: it breaches when
 * ℓ̂ + z_{1−α} se < ln(1 − δ) for a drop (mirrored for a rise; z_{1−α/2} both ways). α is its chance of a false alarm at one look;
 * k equally spaced looks at a two-sided 5 % make that 14 % (k = 5), 37 % (100), and 1 in the end (Armitage,
 * McPherson and Rowe 1969). It passes what is not significant, which proves nothing.
 */
import { logMeanChange, pairedMeanChange } from '../../statistics/means.ts';
import { normalUpperQuantile } from '../../statistics/normal.ts';
import type { RepeatedZ } from '../guard-tests.ts';
import { NO_TALLY } from '../tally.ts';
import { share } from '../words.ts';
import { type Estimate, logRatio } from './log-ratio.ts';
import { momentsOf, pairsOf } from './measure-sums.ts';
import { comparesPairs } from './measure.ts';
import { type Case, intervalWords, type Tested, unknown } from './test-case.ts';

export function repeatedZ(c: Case<RepeatedZ>): Tested {
  const { guard, test } = c;
  const { bound } = guard;
  const change = changeOf(c);
  if (change === null || bound?.kind !== 'relative') return unknown('nothing to compare');
  const z = normalUpperQuantile(bound.direction === 'either' ? test.alpha / 2 : test.alpha) * change.standardError;
  const interval = { low: Math.expm1(change.value - z), high: Math.expm1(change.value + z) };
  const drops = bound.direction !== 'rise' && change.value + z < Math.log1p(-bound.by);
  const rises = bound.direction !== 'drop' && change.value - z > Math.log1p(bound.by);
  const words = `significant at ${share(test.alpha)} at this one look (${intervalWords(interval.low, interval.high)})`;
  return drops || rises ? { verdict: 'breach', words, interval } : { verdict: 'pass', words: `not ${words}`, interval };
}

function changeOf({ guard, memory, evidence, own, reference }: Case<RepeatedZ>): Estimate | null {
  const { metric, bound } = guard;
  if (own !== null && reference !== null) return logRatio(own, reference);
  if (metric.kind !== 'measure' || bound?.kind !== 'relative') return null;
  const candidate = memory.sums.candidate ?? NO_TALLY;
  return comparesPairs(guard, evidence.stage)
    ? pairedMeanChange(pairsOf(metric, candidate))
    : logMeanChange(momentsOf(metric, candidate), momentsOf(metric, memory.sums[bound.to] ?? NO_TALLY));
}
