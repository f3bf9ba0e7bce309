import type { TimeDistribution } from '../scenarios/scenario.ts';
import { meanOf, tailOf } from './distribution.ts';

/** Probabilities at which the sum is worked out: as fine as the tables of a calibration, and on to where a p99.99 is read. */
const UPPER: readonly number[] = [
  ...Array.from({ length: 500 }, (_, i) => 1 - i / 500),
  ...[1e-3, 1e-4, 1e-5].flatMap((decade) => [1.5, 1.2, 1, 0.8, 0.6, 0.5, 0.4, 0.3, 0.25, 0.2].map((x) => x * decade)),
];
const STEPS = 60;

/**
 * Distribution of X + E for independent X and E, the latter given by [probability, ms] quantiles, linear between. E is cut into its
 * pieces, each with its probability at its midpoint: P(X + E > z) = Σ wᵢ·P(X > z − eᵢ), inverted by bisection. Never below 0.
 */
export function withError(times: TimeDistribution, error: readonly (readonly [number, number])[]): TimeDistribution {
  const pieces = error.slice(1).map(([p, ms], i) => {
    const [p0, ms0] = error[i]!;
    return { weight: p - p0, ms: (ms + ms0) / 2 };
  });
  const least = pieces[0]!.ms;
  const most = pieces.at(-1)!.ms;
  const tail = (z: number): number => pieces.reduce((sum, { weight, ms }) => sum + weight * tailOf(times, z - ms), 0);
  const upper = (v: number): number => {
    let low = Math.min(0, least);
    let high = meanOf(times) + Math.max(0, most) + 1e-6;
    while (tail(high) > v) high *= 2;
    for (let step = 0; step < STEPS; step++) {
      const middle = (low + high) / 2;
      if (tail(middle) > v) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  };
  let before = 0;
  const quantiles = UPPER.map((v): readonly [number, number] => {
    // Where the distribution has no upper quantile of 1, it begins at its least value.
    before = Math.max(before, v === 1 ? 0 : upper(v));
    return [1 - v, before];
  });
  // The minimum is not known better than its neighbour; the maximum of what has no end is where the tables end.
  const [, second] = quantiles;
  return {
    kind: 'empirical',
    quantiles: [[0, second![1]], ...quantiles.slice(1), [1, Math.max(before, upper(2 ** -20))]],
  };
}
