/**
 * Confidence sequence for the mean of a measure: its change against another arm (statistics/means.ts, change-sequence.ts), on the same
 * requests while both arms answer mirrored ones, or its value against a bound. It has the form of log-ratio.ts with the
 * empirical variance, and is asymptotic in the same way: a guard wants a thousand values of every arm first.
 */
import { logMeanChange, pairedMeanChange, varianceOf } from '../../statistics/means.ts';
import type { MeanSequence } from '../guard-tests.ts';
import { valueWords } from '../words.ts';
import { changeSequence, sharpestAt } from './change-sequence.ts';
import { sequenceRadius } from './log-ratio.ts';
import { momentsOf, pairsOf } from './measure-sums.ts';
import { comparesPairs, stepOf } from './measure.ts';
import { answered, type Case, intervalWords, type Tested, unknown } from './test-case.ts';
import { NO_TALLY } from '../tally.ts';

export function meanSequence(c: Case<MeanSequence>): Tested {
  const { guard, evidence, memory } = c;
  const { metric, bound } = guard;
  if (metric.kind !== 'measure' || bound === null) return unknown('nothing to compare');
  if (bound.kind === 'absolute') return againstBound(c, bound.breachWhen, bound.value);
  const candidate = memory.sums.candidate ?? NO_TALLY;
  const pairs = comparesPairs(guard, evidence.stage) ? pairsOf(metric, candidate) : null;
  const [own, reference] = [momentsOf(metric, candidate), momentsOf(metric, memory.sums[bound.to] ?? NO_TALLY)];
  const change = pairs === null ? logMeanChange(own, reference) : pairedMeanChange(pairs);
  if (change === null) return unknown('a mean that is not above 0 in one of the arms');
  return changeSequence(c, change, pairs === null ? own.count + reference.count : pairs.count);
}

/** x̄ ± radius, in the measure's unit, against a bound: beyond it proven, on the right side proven, or neither. */
function againstBound(c: Case<MeanSequence>, operator: '>' | '>=' | '<' | '<=', limit: number): Tested {
  const { guard, test, memory, judgement, evidence } = c;
  const { metric } = guard;
  if (metric.kind !== 'measure' || judgement.value === null) return unknown('no values');
  const moments = momentsOf(metric, memory.sums.candidate ?? NO_TALLY);
  const error = stepOf(metric, evidence.header) * Math.sqrt(varianceOf(moments) / moments.count);
  const { value } = judgement;
  const around = (alpha: number) => {
    const radius = sequenceRadius('one', error, moments.count, sharpestAt(c, moments.count), alpha);
    return { low: value - radius, high: value + radius };
  };
  const rises = operator === '>' || operator === '>=';
  const interval = around(test.alpha);
  const words = ({ low, high }: { low: number; high: number }): string =>
    intervalWords(low, high, (each) => valueWords(metric, each));
  const passes = around(test.passAlpha);
  return answered(c, {
    isBad: rises ? interval.low > limit : interval.high < limit,
    isGood: rises ? passes.high < limit : passes.low > limit,
    atAlpha: `${words(interval)} at every look`,
    atPassAlpha: `${words(passes)} at every look`,
    interval,
  });
}
