/**
 * Confidence sequence for the change of a quantile p against another arm (Howard and Ramdas, Sequential estimation of quantiles, Bernoulli 2022): with probability at least 1 − α, at all
 * times, Q_c lies in [Q_c(p − r_c), Q_c(p + r_c)] and Q_k in the like (nearest ranks ⌈n(p ∓ r)⌉, r the radius of cdf-radius.ts at α/2).
 * Breach of "more than d above": Q_c(p − r_c) − Q_k(p + r_k) > d·(end of Q_k's interval that is farthest from zero). Pass: the
 * largest difference is within d of the nearest end. Ends are bin edges, taken on the side that proves less.
 */
import type { QuantileSequence } from '../guard-tests.ts';
import type { Guard } from '../policy.ts';
import { NO_TALLY } from '../tally.ts';
import { valueWords } from '../words.ts';
import { cdfConstant, cdfRadius } from './cdf-radius.ts';
import { type Expected, leastSamples } from './least-samples.ts';
import { atRank, type Shape, shapesOf } from './shape.ts';
import { answered, type Case, inflationFor, intervalWords, type Tested, unknown } from './test-case.ts';

interface Interval {
  readonly low: number;
  readonly high: number;
}

export function quantileSequence(c: Case<QuantileSequence>): Tested {
  const { guard, test, memory, evidence } = c;
  const { bound, metric } = guard;
  if (bound?.kind !== 'relative' || !('quantile' in metric)) return unknown('nothing to compare with');
  const [own, reference] = shapesOf(guard, evidence, (arm) => memory.sums[arm] ?? NO_TALLY, bound.to);
  if (own.n === 0 || reference.n === 0) return unknown('no samples in one of the arms');
  const inflation = inflationFor(c);
  const interval = (shape: Shape, alpha: number): Interval =>
    quantileInterval(shape, metric.quantile, cdfRadius(shape.n / inflation, cdfConstant(alpha / 2)));
  const breach = [interval(own, test.alpha), interval(reference, test.alpha)] as const;
  const words = ([mine, other]: readonly [Interval, Interval]): string =>
    `${intervalWords(mine.low, mine.high, (v) => valueWords(metric, v))} against ${intervalWords(other.low, other.high, (v) => valueWords(metric, v))} at every look`;
  const { rise, drop } = extremes(...breach);
  const margin = bound.by * Math.max(Math.abs(breach[1].low), Math.abs(breach[1].high));
  const pass = [interval(own, test.passAlpha), interval(reference, test.passAlpha)] as const;
  return answered(c, {
    isBad: (bound.direction !== 'drop' && rise.least > margin) || (bound.direction !== 'rise' && drop.least > margin),
    isGood: isWithin(bound.direction, bound.by, pass),
    atAlpha: words(breach),
    atPassAlpha: words(pass),
    interval: changeInterval(...breach),
  });
}

/** Samples of the candidate at which both bands leave the quantile two ends, whatever the values are. */
export function quantileSequenceSamples(
  { metric, bound }: Guard,
  { passAlpha }: QuantileSequence,
  { times, inflation }: Expected,
): number | null {
  if (bound?.kind !== 'relative' || !('quantile' in metric)) return null;
  const radius = (n: number): number => cdfRadius(n / inflation, cdfConstant(passAlpha / 2));
  const room = Math.min(metric.quantile, 1 - metric.quantile);
  return leastSamples((n) => Math.max(radius(n), radius(n * times)) < room);
}

/** Ranks ⌈n(p − r)⌉ and ⌈n(p + r)⌉. */
export function quantileInterval(shape: Shape, p: number, radius: number): Interval {
  const rank = (at: number): number => Math.ceil(shape.n * at - 1e-9);
  return { low: atRank(shape, rank(p - radius))[0], high: atRank(shape, rank(p + radius))[1] };
}

/** The least and the most that `own` may be above the reference (rise), and below it (drop). */
const extremes = (own: Interval, reference: Interval) => ({
  rise: { least: own.low - reference.high, most: own.high - reference.low },
  drop: { least: reference.low - own.high, most: reference.high - own.low },
});

function isWithin(
  direction: 'rise' | 'drop' | 'either',
  by: number,
  [own, reference]: readonly [Interval, Interval],
): boolean {
  const { rise, drop } = extremes(own, reference);
  const nearest = reference.low * reference.high <= 0 ? 0 : Math.min(Math.abs(reference.low), Math.abs(reference.high));
  const margin = by * nearest;
  return (direction === 'drop' || rise.most < margin) && (direction === 'rise' || drop.most < margin);
}

/** The change as a fraction of the reference; null ends where the reference may be 0 or is unknown. */
function changeInterval(own: Interval, reference: Interval): Interval {
  if (!(reference.low > 0)) return { low: -Infinity, high: Infinity };
  return { low: own.low / reference.high - 1, high: own.high / reference.low - 1 };
}
