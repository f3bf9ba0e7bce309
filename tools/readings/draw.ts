/** Draws window counts: binomial, or clumped as a queue's are. */
import { betaQuantile } from '../../statistics/beta.ts';
import { binomialMasses } from '../../statistics/binomial.ts';
import type { Stream } from '../../sim/random.ts';

/** A source of counts out of a fixed number of requests. */
export interface Counts {
  readonly n: number;
  draw(stream: Stream): number;
}

/** Binomial(n, p) by its exact distribution function. */
export function binomialCounts(n: number, p: number): Counts {
  if (p <= 0 || n === 0) return { n, draw: () => 0 };
  const cumulative = binomialMasses(n, p);
  for (let k = 1; k <= n; k++) cumulative[k]! += cumulative[k - 1]!;
  return {
    n,
    draw(stream) {
      const u = stream.next();
      let [low, high] = [0, n];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (cumulative[middle]! > u) high = middle;
        else low = middle + 1;
      }
      return low;
    },
  };
}

/** Steps into which the beta distribution of a window's own probability is cut. */
const STEPS = 64;

/**
 * Counts whose variance is about `vif` times the binomial one: each window has its own probability, drawn from a Beta distribution
 * (beta-binomial). VIF = 1 + (n − 1)/(a + b + 1).
 */
export function clumpedCounts(n: number, p: number, vif: number): Counts {
  if (vif <= 1) return binomialCounts(n, p);
  const sum = (n - 1) / (vif - 1) - 1;
  const tables = Array.from({ length: STEPS }, (_, i) =>
    binomialCounts(n, betaQuantile((i + 0.5) / STEPS, sum * p, sum * (1 - p))),
  );
  return { n, draw: (stream) => tables[Math.floor(stream.next() * STEPS)]!.draw(stream) };
}
