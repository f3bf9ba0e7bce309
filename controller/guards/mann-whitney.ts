/**
 * Mann and Whitney's rank test against another arm (the formulas are in rank-test.ts), as other controllers use it. On a
 * quantile or ratio: the values of single evaluation windows, breach when the interval of their shift excludes the bound, which is a
 * share of the reference's median; "significant" alone is not harm. On a distribution: all requests, breach when the chance that
 * the candidate's value is the larger one is proven to be more than the bound away from ½. α is per look.
 */
import { normalUpperQuantile } from '../../statistics/normal.ts';
import type { MannWhitney } from '../guard-tests.ts';
import { share, valueWords } from '../words.ts';
import { judgeOver, sumsOver, trailing } from './evidence.ts';
import { rankTest, shiftInterval, type Values, valuesOf } from './rank-test.ts';
import { type Shape, shapesOf } from './shape.ts';
import { type Case, intervalWords, type Tested, unknown } from './test-case.ts';

export const mannWhitney = (c: Case<MannWhitney>): Tested =>
  c.guard.metric.kind === 'distribution' ? ofRequests(c) : ofWindows(c);

type Direction = 'rise' | 'drop' | 'either';

const verdictOf = (direction: Direction, low: number, high: number, margin: number): Tested['verdict'] => {
  if ((direction !== 'drop' && low > margin) || (direction !== 'rise' && high < -margin)) return 'breach';
  return (direction === 'drop' || high <= margin) && (direction === 'rise' || low >= -margin) ? 'pass' : 'inconclusive';
};

/** Where the interval lies. */
const AGAINST = { breach: 'beyond the bound of', pass: 'within the bound of', inconclusive: 'bound' } as const;

function ofWindows({ guard, test, evidence }: Case<MannWhitney>): Tested {
  const { bound, metric } = guard;
  if (bound?.kind !== 'relative') return unknown('nothing to compare with');
  const judged = trailing(guard, evidence, test.overMs).map((bucket) => judgeOver(guard, evidence, [bucket]));
  const known = judged.filter(({ value, reference }) => value !== null && reference !== null);
  if (known.length < test.minWindows) return unknown(`${known.length} of ${test.minWindows} windows with a value`);
  const x = known.map(({ value }) => value!);
  const y = known.map(({ reference }) => reference!);
  if (rankTest(valuesOf(x), valuesOf(y)).sigma === 0) return unknown('all windows alike (σ = 0)');
  const shift = shiftInterval(x, y, 1 - test.alpha);
  if (shift === null) return unknown(`too few windows for α ${share(test.alpha)}`);
  const sorted = y.toSorted((a, b) => a - b);
  const margin = bound.by * Math.abs((sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2);
  const verdict = verdictOf(bound.direction, shift.low, shift.high, margin);
  const words = `shifted by ${intervalWords(shift.low, shift.high, (value) => valueWords(metric, value))} at α ${share(test.alpha)} in ${known.length} windows, ${AGAINST[verdict]} ${valueWords(metric, margin)}`;
  return { verdict, words, interval: shift };
}

function ofRequests({ guard, test, evidence }: Case<MannWhitney>): Tested {
  const { bound } = guard;
  if (bound?.kind !== 'relative') return unknown('nothing to compare with');
  const sums = sumsOver(guard, evidence, trailing(guard, evidence, test.overMs));
  const [x, y] = shapesOf(guard, evidence, sums, bound.to).map(valuesIn) as [Values, Values];
  const { u, sigma, m, n } = rankTest(x, y);
  if (m === 0 || n === 0) return unknown('no samples in one of the arms');
  if (sigma === 0) return unknown('all values alike (σ = 0)');
  const larger = u / (m * n);
  const half = (normalUpperQuantile(test.alpha / 2) * sigma) / (m * n);
  const [low, high] = [larger - half, larger + half];
  const verdict = verdictOf(bound.direction, low - 0.5, high - 0.5, bound.by);
  const words = `larger than the ${bound.to}'s with a chance of ${intervalWords(low, high)} at α ${share(test.alpha)}, ${AGAINST[verdict]} 50 % ± ${share(bound.by)}`;
  return { verdict, words, value: { own: larger, reference: null }, interval: { low, high } };
}

/** What has no value, a request without an answer, is larger than any. */
function valuesIn({ counts, n }: Shape): Values {
  const known = counts.counts.reduce((sum, each) => sum + each, 0);
  return n > known ? { at: [...counts.at, Number.MAX_VALUE], counts: [...counts.counts, n - known] } : counts;
}
