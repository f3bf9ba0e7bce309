/** What published values are computed by, by other algorithms: evidence, boundaries and their alarms, ranks, and the distance of two distributions. */
import { describe, expect, it } from 'vitest';
import {
  countBoundary,
  divergence,
  logEvidence,
  needed,
  type Side,
} from '../../../controller/guards/bernoulli-evidence.ts';
import { distanceP } from '../../../controller/guards/divergence.ts';
import { rankTest, shiftInterval, valuesOf } from '../../../controller/guards/rank-test.ts';
import { kolmogorovTail } from '../../../statistics/kolmogorov.ts';
import { normalTail, normalUpperQuantile } from '../../../statistics/normal.ts';
import { within } from '../../statistics/within.ts';
import { binomial } from '../oracles.ts';
import { alarmWithin, boundaries, quantileOfAlarms } from './alarm-oracle.ts';

/** ln of ∫ exp f over (low, high), by Simpson's rule; f has one peak, at `peak`, and is negligible twenty of its `widths` away. */
function logIntegral(f: (p: number) => number, low: number, high: number, peak: number, width: number): number {
  const [from, to] = [Math.max(low, peak - 20 * width), Math.min(high, peak + 20 * width)];
  const steps = 20_000;
  const values = Array.from({ length: steps + 1 }, (_, i) => f(from + ((to - from) * i) / steps));
  const most = values.reduce((a, b) => Math.max(a, b), -Infinity);
  const sum = values.reduce(
    (total, v, i) => total + (i % 2 === 1 ? 4 : i === 0 || i === steps ? 1 : 2) * Math.exp(v - most),
    0,
  );
  return most + Math.log((sum * (to - from)) / (3 * steps));
}

/** ln E as what it is: the likelihood ratio against p0, averaged over the prior Beta(1, 1/p0) cut at p0. */
function evidenceByQuadrature(side: Side, x: number, n: number, p0: number): number {
  const b = 1 / p0;
  const likelihood = (p: number): number =>
    x * Math.log(p / p0) + (n - x) * (Math.log1p(-p) - Math.log1p(-p0)) + (b - 1) * Math.log1p(-p);
  const [low, high] = side === 'up' ? [p0, 1 - 1e-12] : [1e-12, p0];
  const mode = Math.min(high, Math.max(low, x / (n + b - 1)));
  const width = Math.sqrt((Math.max(x, 1) / n) * (1 / (n + b))) + 1 / (n + b);
  const mass = side === 'up' ? Math.exp(b * Math.log1p(-p0)) : -Math.expm1(b * Math.log1p(-p0));
  return logIntegral(likelihood, low, high, mode, width) - Math.log(mass / b);
}

describe('evidence by quadrature', () => {
  it.each([
    ['up', 10, 4167, 0.001],
    ['up', 98, 62_505, 0.001],
    ['up', 3373, 62_505, 0.05],
    ['up', 3, 4167, 0.001],
    ['up', 500 / 12, 4167 / 12, 0.05],
    ['down', 2, 8334, 0.001],
    ['down', 20, 41_670, 0.001],
    ['down', 2700, 62_505, 0.05],
  ] as const)('%s, %f of %f against %f', (side, x, n, p0) =>
    within(logEvidence(side, x, n, p0), evidenceByQuadrature(side, x, n, p0), 0, 1e-6),
  );

  it.each([
    [4167, 0.001, [1, 2, 3, 15, 30, 120]],
    [4167, 0.05, [1, 2, 3, 15, 30, 120]],
    [833, 0.001, [1, 15, 120]],
  ] as const)('boundaries at %i per window against %f are the first counts that are enough', (n, p0, looks) => {
    for (const t of looks) {
      const least = countBoundary('up', n * t, p0, 0.001)!;
      expect(evidenceByQuadrature('up', least, n * t, p0)).toBeGreaterThanOrEqual(needed(0.001));
      expect(evidenceByQuadrature('up', least - 1, n * t, p0)).toBeLessThan(needed(0.001));
    }
  });

  it.each([
    [0.002, 4.29, 5],
    [0.06, 1.67, 3],
  ])(
    'what ln(1/α) over the divergence says of the delay at %f, %f windows, is near the median of %i',
    (p, windows, median) => {
      const p0 = p === 0.06 ? 0.05 : 0.001;
      expect(Number((needed(0.001) / (4167 * divergence(p, p0))).toFixed(2))).toBe(windows);
      expect(quantileOfAlarms(alarmWithin('up', 4167, p, boundaries('up', 4167, p0, 0.001, 40)), 0.5)).toBe(median);
    },
  );
});

describe('alarms by every path there is', () => {
  it.each([
    ['up', 4, 0.3, 0.2, 0.2],
    ['down', 5, 0.1, 0.4, 0.3],
  ] as const)('%s, %i a window of truly %f, against %f at α %f', (side, n, p, p0, alpha) => {
    const looks = 5;
    const bounds = boundaries(side, n, p0, alpha, looks);
    const masses = binomial(n, p);
    const byLook = new Float64Array(looks);
    const walk = (t: number, count: number, mass: number): void => {
      if (t === looks) return;
      for (const [x, each] of masses.entries()) {
        const [sum, bound] = [count + x, bounds[t]!];
        if (bound !== null && (side === 'up' ? sum >= bound : sum <= bound)) byLook[t]! += mass * each;
        else walk(t + 1, sum, mass * each);
      }
    };
    walk(0, 0, 1);
    expect(byLook.some((each) => each > 0.01)).toBe(true);
    for (const [t, alarm] of alarmWithin(side, n, p, bounds).entries()) within(alarm, byLook[t]!, 1e-12, 1e-14);
  });
});

/** z of the ranks, ties sharing theirs: the sum of x's ranks against its mean, in standard deviations of a draw without replacement. */
function zOfRanks(x: readonly number[], y: readonly number[]): number {
  const all = [...x, ...y];
  const rank = (value: number): number =>
    all.filter((each) => each < value).length + (all.filter((each) => each === value).length + 1) / 2;
  const middle = (all.length + 1) / 2;
  const excess = x.reduce((sum, value) => sum + rank(value) - middle, 0);
  const scatter = all.reduce((sum, value) => sum + (rank(value) - middle) ** 2, 0);
  const variance = (x.length * y.length * scatter) / (all.length * (all.length - 1));
  return (excess - Math.sign(excess) / 2) / Math.sqrt(variance);
}

describe('ranks', () => {
  it.each([
    [
      [51.2, 49.8, 53.1, 55.0, 50.7, 54.4, 52.9, 56.3, 51.9, 53.8],
      [48.9, 50.1, 47.6, 49.3, 51.0, 48.2, 50.6, 47.9, 49.7, 50.4],
    ],
    [
      [0, 1, 2, 1, 0, 0],
      [0, 0, 0, 0, 0, 0],
    ],
    [
      [100, 100, 100, 100, 100, 100, 100, 100, 1, 1],
      [1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
    ],
  ])('of %j against %j', (x, y) => {
    const { z, p } = rankTest(valuesOf(x), valuesOf(y));
    within(z!, zOfRanks(x, y), 1e-9);
    within(p!, 2 * normalTail(Math.abs(zOfRanks(x, y))), 1e-9);
    const differences = x.flatMap((a) => y.map((b) => a - b)).toSorted((a, b) => a - b);
    const found = shiftInterval(x, y, 0.98)!;
    within(
      found.estimate,
      (differences[Math.floor((differences.length - 1) / 2)]! + differences[Math.floor(differences.length / 2)]!) / 2,
      1e-9,
    );
    // Of the shifts between two neighbouring differences, those at which z is within its bounds are what the interval holds.
    const bound = normalUpperQuantile(0.01);
    const distinct = [...new Set(differences)];
    for (const [i, low] of distinct.slice(0, -1).entries()) {
      const [high, shift] = [distinct[i + 1]!, (low + distinct[i + 1]!) / 2];
      if (high - low < 1e-9) continue;
      const isInside =
        Math.abs(
          zOfRanks(
            x.map((each) => each - shift),
            y,
          ),
        ) <= bound;
      expect(low >= found.low - 1e-9 && high <= found.high + 1e-9, `shift ${shift}`).toBe(isInside);
    }
  });
});

/** P(K > λ) by the other series, Jacobi's: it settles where Kolmogorov's does not. */
const jacobi = (lambda: number): number => {
  let sum = 0;
  for (let k = 1; k <= 60; k++) sum += Math.exp(-(((2 * k - 1) * Math.PI) ** 2) / (8 * lambda * lambda));
  return 1 - (Math.sqrt(2 * Math.PI) / lambda) * sum;
};

describe('the distance of two distributions', () => {
  it.each([
    [0.05, 4167],
    [0.02, 62_505],
    [0.1, 833],
    [0.02, 833],
  ])('%f of %i values each', (distance, n) =>
    within(distanceP(distance, n, n), jacobi(distance * Math.sqrt(n / 2)), 1e-6, 1e-14),
  );

  it.each([
    [1.35810152, 0.05],
    [1.62762363, 0.01],
    [1.9494746, 0.001],
  ])(
    'the factor %f, which keeps the first term alone, is exceeded with %f less what the others take',
    (lambda, alpha) => within(kolmogorovTail(lambda), alpha - 2 * (alpha / 2) ** 4 + 2 * (alpha / 2) ** 9, 4e-7),
  );
});
