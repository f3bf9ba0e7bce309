/**
 * How many samples of the candidate a guard takes before it can say anything but "inconclusive", at given ratios: its minimum samples, or
 * for a test the samples at which a typical course of events is proof (statistics §2.4, §7.3, §18.7). An estimate, to tell a stage
 * that is too small from one that is not; half of the rollouts take longer.
 */
import type { Guard } from '../policy.ts';
import { logArmEvidence, shareWithMargin } from './arm-evidence.ts';
import { divergence, logEvidence, needed } from './bernoulli-evidence.ts';
import { cdfConstant, cdfRadius } from './cdf-radius.ts';
import { boundShare } from './e-process.ts';
import { logRatio, requestsToShow, sequenceRadius } from './log-ratio.ts';

export interface Expected {
  /** The candidate's ratio of events, and the reference's; null when nobody knows. */
  readonly own: number | null;
  readonly reference: number | null;
  /** Samples of the reference per sample of the candidate. */
  readonly times: number;
  /** Samples of the candidate per ms: when a sequence is to be sharpest is said in time. */
  readonly perMs: number;
  /** What counts are divided by. */
  readonly inflation: number;
}

/** Null: it cannot be told, or no number of samples is enough. */
export function samplesNeeded(guard: Guard, expected: Expected): number | null {
  const proof = toProve(guard, expected);
  return proof === null ? minimum(guard, expected) : Math.max(proof, minimum(guard, expected));
}

/** What the guard asks for before it looks at its bound at all. */
export function minimum(
  { minSamples, minPositives, bound }: Guard,
  { own, reference, times }: Pick<Expected, 'own' | 'reference' | 'times'>,
): number {
  const forPositives = (ratio: number | null, per: number): number =>
    bound?.kind !== 'relative' || ratio === null || ratio <= 0 ? 0 : minPositives / ratio / per;
  return Math.ceil(Math.max(minSamples, minSamples / times, forPositives(own, 1), forPositives(reference, times)));
}

function toProve(guard: Guard, expected: Expected): number | null {
  const { test, bound } = guard;
  if (test === null || bound === null || !('passAlpha' in test)) return null;
  const { inflation } = expected;
  switch (test.method) {
    case 'e-process': {
      const p0 = boundShare(guard);
      const { own: p } = expected;
      if (p0 === null || p === null || p === p0 || bound.kind !== 'absolute') return null;
      const side = p > p0 ? 'up' : 'down';
      const isBad = bound.breachWhen.startsWith('>') === (side === 'up');
      const enough = needed(isBad ? test.alpha : test.passAlpha);
      const onAverage = (enough / divergence(p, p0)) * inflation;
      return first((n) => logEvidence(side, (n * p) / inflation, n / inflation, p0) >= enough, onAverage);
    }
    case 'two-arm': {
      const { own: p, reference: q, times } = expected;
      if (p === null || q === null || bound.kind !== 'relative' || bound.direction === 'either') return null;
      const rises = bound.direction === 'rise';
      const share = shareWithMargin(1 / (1 + times), rises ? 1 + bound.by : 1 - bound.by);
      const isBad = rises ? p > q * (1 + bound.by) : p < q * (1 - bound.by);
      const side = isBad === rises ? 'up' : 'down';
      const enough = needed(isBad ? test.alpha : test.passAlpha);
      return first((n) => logArmEvidence(side, (n * p) / inflation, (n * times * q) / inflation, share) >= enough);
    }
    case 'ratio-sequence': {
      const { own: p, reference: q, times, perMs } = expected;
      // How much users differ nobody knows before.
      if (p === null || q === null || bound.kind !== 'relative' || test.clusterBy !== undefined) return null;
      const edge = bound.direction === 'drop' ? Math.log1p(-bound.by) : Math.log1p(bound.by);
      const isBad = bound.direction === 'drop' ? Math.log(p / q) < edge : Math.log(p / q) > edge;
      const sharpestAt = Math.max(1, perMs * (1 + times) * test.sharpestMs);
      const sides = bound.direction === 'either' ? 'two' : 'one';
      const alpha = isBad ? test.alpha : test.passAlpha;
      const oneLook = bound.by === 0 ? 1 : requestsToShow(q, bound.by, alpha, POWER_MISSED, times);
      return first((n) => {
        const change = logRatio({ events: n * p, samples: n }, { events: n * times * q, samples: n * times });
        if (change === null) return false;
        const error = change.standardError * Math.sqrt(inflation);
        return sequenceRadius(sides, error, n * (1 + times), sharpestAt, alpha) < Math.abs(change.value - edge);
      }, oneLook);
    }
    case 'betting':
      // Its evidence comes from windows, not from samples.
      return null;
    case 'mean-sequence':
      // It depends on how much the values scatter, which nobody knows before.
      return null;
    case 'cdf-band':
    case 'quantile-sequence': {
      // Whatever the values are, both bands must fit beside the quantile, or under the bound.
      const constant = cdfConstant(test.passAlpha / 2);
      const radius = (n: number): number => cdfRadius(n / inflation, constant);
      if (bound.kind !== 'relative') return null;
      if (test.method === 'cdf-band')
        return bound.by === 0 ? null : first((n) => radius(n) + radius(n * expected.times) < bound.by);
      const { metric } = guard;
      if (!('quantile' in metric)) return null;
      const room = Math.min(metric.quantile, 1 - metric.quantile);
      return first((n) => Math.max(radius(n), radius(n * expected.times)) < room);
    }
  }
}

/** More than any service sees in a year. */
const MOST = 1e12;

/** The β of the estimate a search begins at. */
const POWER_MISSED = 0.1;

/** The least number of samples, to a thousandth, from which on it is enough; null when none is. The search begins at `guess`. */
function first(isEnough: (n: number) => boolean, guess = 1): number | null {
  let high = Math.max(1, guess);
  while (!isEnough(high)) {
    high *= 2;
    if (high > MOST) return null;
  }
  let low = high / 2;
  while (low > 1 && isEnough(low)) [high, low] = [low, low / 2];
  while (high - low > Math.max(1, high / 1000)) {
    const middle = (low + high) / 2;
    if (isEnough(middle)) high = middle;
    else low = middle;
  }
  return Math.ceil(high);
}
