/**
 * Whether two distributions differ anywhere, at every look (Howard and Ramdas 2022; the radius is in cdf-radius.ts): breach when
 * sup_x |F_c(x) − F_k(x)| > d + r_c(α/2) + r_k(α/2), d the bound; pass when the distance plus both radii at α_pass is within d.
 * `rise`: only where the candidate's values are larger, sup (F_k − F_c); `drop`: only where they are smaller. n is divided by the
 * variance inflation, since latencies of a queue are not independent. Bins can only hide a difference, never make one.
 */
import type { CdfBand } from '../guard-tests.ts';
import { defaultMinSamples } from '../min-samples.ts';
import type { Guard } from '../policy.ts';
import { share } from '../words.ts';
import { cdfConstant, cdfRadius } from './cdf-radius.ts';
import { type Expected, leastSamples } from './least-samples.ts';
import { distances, type Shape, shapesOf } from './shape.ts';
import { BY_ESTIMATE, type Case, inflationFor, type Tested, unknown } from './test-case.ts';
import { NO_TALLY } from '../tally.ts';

export function cdfBand(c: Case<CdfBand>): Tested {
  const { guard, test, memory, evidence } = c;
  const { bound } = guard;
  if (bound?.kind !== 'relative') return unknown('nothing to compare with');
  const [own, reference] = shapesOf(guard, evidence, (arm) => memory.sums[arm] ?? NO_TALLY, bound.to);
  if (own.n === 0 || reference.n === 0) return unknown('no samples in one of the arms');
  const { above, below } = distances(own, reference);
  const distance = { rise: above, drop: below, either: Math.max(above, below) }[bound.direction];
  const inflation = inflationFor(c);
  const radius = (alpha: number): number => radiusOf(own, alpha, inflation) + radiusOf(reference, alpha, inflation);
  const breachRadius = radius(test.alpha);
  const passRadius = radius(test.passAlpha);
  const interval = { low: Math.max(0, distance - breachRadius), high: Math.min(1, distance + breachRadius) };
  const found = (verdict: Tested['verdict'], words: string): Tested => ({
    verdict,
    words: `${words}, bound ${share(bound.by)}`,
    value: { own: distance, reference: null },
    interval,
  });
  const within = (r: number): string => `${share(distance)} ± ${share(r)} at every look`;
  if (distance - breachRadius > bound.by)
    return found('breach', `different by ${within(breachRadius)}, proven at α ${share(test.alpha)}`);
  if (distance + passRadius < bound.by)
    return found('pass', `different by ${within(passRadius)}, proven at α ${share(test.passAlpha)}`);
  const enough = defaultMinSamples(guard.metric, bound, 'pooled') ?? 1;
  if (test.passBy === 'estimate' && distance <= bound.by && Math.min(own.n, reference.n) >= enough)
    return found('pass', `different by ${within(passRadius)}, ${BY_ESTIMATE}`);
  return found('inconclusive', `different by ${within(passRadius)}, not proven either way`);
}

/** Samples of the candidate at which both bands together are narrower than the bound, whatever the values are. */
export function cdfBandSamples(
  { bound }: Guard,
  { passAlpha }: CdfBand,
  { times, inflation }: Expected,
): number | null {
  if (bound?.kind !== 'relative' || bound.by === 0) return null;
  const radius = (n: number): number => cdfRadius(n / inflation, cdfConstant(passAlpha / 2));
  return leastSamples((n) => radius(n) + radius(n * times) < bound.by);
}

const radiusOf = ({ n }: Shape, alpha: number, inflation: number): number =>
  cdfRadius(n / inflation, cdfConstant(alpha / 2));
