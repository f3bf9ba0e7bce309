/** Published values that belong to no single file of ours, held against our distributions and formulas. */
import { describe, expect, it } from 'vitest';
import { logShareEvidence } from '../../controller/guards/arm-evidence.ts';
import { requestsToShow, sequenceRadius, tuning } from '../../controller/guards/log-ratio.ts';
import { changeOf } from '../../controller/guards/relative.ts';
import { scoreQuantile } from '../../controller/guards/scores.ts';
import { Stream } from '../../sim/random.ts';
import { betaQuantile } from '../../statistics/beta.ts';
import { clopperPearsonLower, clopperPearsonUpper, lowerTail, upperTail } from '../../statistics/binomial.ts';
import { normalTail, normalUpperQuantile } from '../../statistics/normal.ts';
import { markovRunProbability, runProbability } from '../../statistics/run-length.ts';
import { ScoreRecorder } from '../../telemetry/scores.ts';
import { normalDraw } from '../../tools/readings/draw-moments.ts';
import { within } from '../statistics/within.ts';
import { mmc } from '../theory/formulas.ts';
import { peeking } from './guards/peeking-oracle.ts';
import { markovRunByRenewal } from './oracles.ts';

describe('can a stage decide at all (§2.4)', () => {
  it.each([
    [0.05, 0.02, 0.001, 0.1, 1, 1_779_434, 428],
    [0.05, 0.02, 0.001, 0.1, 19, 936_544, 225],
    [0.2, 0.02, 0.001, 0.1, 1, 374_618, 90],
  ])('p %f, d %f, α %f, β %f, r %i: %i requests', (p, d, alpha, beta, r, requests, minutes) => {
    const needed = requestsToShow(p, d, alpha, beta, r);
    expect(Math.round(needed)).toBe(requests);
    expect(Math.ceil(needed / 4167)).toBe(minutes);
  });
});

describe('thresholds and streaks (§3, §4)', () => {
  it.each([
    [4167, 0.0005, 0.001, 0.999437457],
    [4167, 0.045, 0.05, 0.999422911],
  ])('any of 120 disjoint windows of %i, p %f, θ %f', (n, p, theta, expected) =>
    // A run of one.
    within(runProbability(120, 1, upperTail(Math.floor(theta * n + 1e-9) + 1, n, p)), expected),
  );

  it.each([
    [15, 0.2, 0.8, 0.406296704],
    [15, 0.05, 0.9, 0.649611828],
    [5, 0.02, 0.5, 0.132112741],
  ])('Markov windows: k %i, p01 %f, p11 %f, by both routes', (k, p01, p11, expected) => {
    within(markovRunProbability(120, k, [p01, p11]), expected);
    within(markovRunByRenewal(120, k, p01, p11), expected);
  });

  it('dependence matters more than the threshold: the same share of windows over, 249 times as likely', () => {
    expect(markovRunProbability(120, 15, [0.2, 0.8]) / runProbability(120, 15, 0.5)).toBeCloseTo(249, 0);
    within(markovRunProbability(120, 15, [0.5, 0.5]), runProbability(120, 15, 0.5));
  });

  it.each([
    [0, 0.001, 0.113132812],
    [3, 0.01, 0.0329849122],
    [10, 0.05, 0.0384499595],
  ])('more than %i failures in all of 120, p %f', (most, p, expected) => within(upperTail(most + 1, 120, p), expected));
});

describe('the small-fleet penalty (§5.3), p95 of M/M/c with a service of 20 ms', () => {
  it.each([
    [0.5, [119.829, 76.3292, 66.409, 62.9941, 60.3044, 59.9404, 59.915, 59.9146]],
    [0.6, [149.787, 88.6681, 72.9453, 66.8431, 61.1432, 60.0691, 59.9232, 59.9147]],
    [0.7, [199.715, 110.911, 85.7256, 75.0499, 63.4106, 60.5858, 60.0029, 59.9195]],
    [0.8, [299.573, 158.214, 114.584, 94.7604, 70.1689, 62.5078, 60.5009, 60.0094]],
  ])('utilisation %f', (rho, row) => {
    for (const [i, expected] of row.entries()) {
      const c = [1, 2, 3, 4, 8, 16, 32, 64][i]!;
      within(mmc((rho * c) / 20, 1 / 20, c).responseQuantile(0.05), expected, 5e-6);
    }
  });
});

describe('order statistics (§6)', () => {
  it.each([
    [100, 0.95, 0.9, 91, 99, 0.934730497],
    [4167, 0.95, 0.99, 3922, 3995, 0.99058264],
    [62_505, 0.95, 0.999, 59_199, 59_559, 0.999045848],
    [4167, 0.5, 0.95, 2020, 2148, 0.952633068],
  ])('n %i, p %f, confidence %f: ranks %i and %i', (n, p, confidence, low, high, coverage) => {
    const half = (1 - confidence) / 2 + 1e-12;
    // The largest l with P(B < l) ≤ α/2, the smallest u with P(B ≥ u) ≤ α/2.
    expect(lowerTail(low - 1, n, p)).toBeLessThanOrEqual(half);
    expect(lowerTail(low, n, p)).toBeGreaterThan(half);
    expect(upperTail(high, n, p)).toBeLessThanOrEqual(half);
    expect(upperTail(high - 1, n, p)).toBeGreaterThan(half);
    within(lowerTail(high - 1, n, p) - lowerTail(low - 1, n, p), coverage);
  });
});

describe('the sequence of a ratio is two well-known mixtures (§9.3)', () => {
  it.each([
    [100, 10, 0.05, 30.3781102],
    [1000, 100, 0.001, 133.546795],
    [50, 50, 0.01, 31.469807],
  ])('Robbins: a sum of variance v %f, ρ %f, α %f', (v, rho, alpha, expected) => {
    // With se² = v/N² the sum's bound over N is the radius, when ρ² N* has this ρ.
    const n = 1000;
    const star = (tuning(alpha, 1) * rho) / (v / n);
    within(n * sequenceRadius('two', Math.sqrt(v) / n, n, star, alpha), expected);
  });

  it.each([
    [1e-4, 4e-4, 0.05, 3.08238999],
    [1e-4, 1e-4, 0.001, 5.38677227],
    [3.2e-4, 1e-3, 0.05, 3.12718089],
  ])('mSPRT: critical |z| at V %f, τ %f, α %f', (v, tau, alpha, expected) => {
    // V = se², τ = ρ² N se².
    const n = 5000;
    const star = (tuning(alpha, 1) * n * v) / tau;
    within(sequenceRadius('two', Math.sqrt(v), n, star, alpha) / Math.sqrt(v), expected);
  });
});

/** x with f(x) = target; f grows. */
function solved(f: (x: number) => number, target: number, low: number, high: number): number {
  let [below, above] = [low, high];
  for (let i = 0; i < 100; i++) {
    const middle = (below + above) / 2;
    if (f(middle) <= target) below = middle;
    else above = middle;
  }
  return below;
}

describe('the mSPRT of a difference (§9.3): its ln Λ is ln 1/α at the α whose radius the difference just reaches', () => {
  it.each([
    [-0.05, 1e-4, 4e-4, 9.19528104],
    [0.01, 1e-4, 1e-4, -0.0965735903],
    [-0.02, 3.2e-4, 1e-3, -0.235048161],
  ])('d %f, V %f, τ %f: ln Λ %f', (d, v, tau, expected) => {
    const n = 5000;
    const radius = (evidence: number): number => {
      const alpha = Math.exp(-evidence);
      return sequenceRadius('two', Math.sqrt(v), n, (tuning(alpha, 1) * n * v) / tau, alpha);
    };
    within(solved(radius, Math.abs(d), -0.45, 30), expected, 0, 1e-6);
  });
});

describe('one ratio against a value, both ways (§7.5): two arms whose prior sits at that share', () => {
  it.each([
    [10, 4167, 0.001, 62.44, 0.813575326, 7.87466594, 7866.79128],
    [3373, 62_505, 0.05, 2969, 7.85560171, null, null],
    [60, 1000, 0.05, 47.5, -0.300425011, null, null],
  ])('%i of %i against %f, sharpest at a variance of %f: ln M %f', (x, n, p0, sharpest, expected, a, b) => {
    // Beta(A, B) with mean p0 is Dirichlet(κρ) of two arms, κ = A + B; κ as the mixture of Howard and others is tuned.
    const spread = p0 * (1 - p0);
    const kappa = Math.max(sharpest / tuning(0.05, 1) - spread, 1e-3 * spread) / spread;
    if (a !== null) within(kappa * p0, a);
    if (b !== null) within(kappa * (1 - p0), b);
    within(logShareEvidence([x, n - x], [p0, 1 - p0], kappa), expected, 0, 1e-6);
  });
});

describe('noise of the log median of lognormal scores (§14)', () => {
  // The p-quantile of a median of N values is the beta quantile's normal one; for large N that is σ √(π/2) √(1/N) per standard error.
  const N = 4_000_001;
  const ofOne = normalUpperQuantile(1 - betaQuantile(normalTail(-1), (N + 1) / 2, (N + 1) / 2)) * Math.sqrt(N);
  it.each([
    [1, 4167, 4167, 0.0274576387],
    [1, 62_505, 62_505, 0.00708953183],
    [0.5, 4167, 79_166, 0.0099599544],
  ])('σ %f, %i and %i scores: %f, by order statistics', (sigma, n, m, expected) =>
    within(sigma * ofOne * Math.sqrt(1 / n + 1 / m), expected),
  );

  it('and what a guard reads of two arms without a difference scatters by that', () => {
    const stream = new Stream('check-values/median');
    const grid = { low: 0, high: 20, bins: 20_000 };
    const n = 1001;
    const median = (): number => {
      const recorder = new ScoreRecorder(grid);
      for (let i = 0; i < n; i++) recorder.record(Math.exp(normalDraw(stream)));
      const { bins, counts } = recorder.close();
      return scoreQuantile({ at: [...bins], counts: [...counts] }, 0.5, grid)!;
    };
    const runs = 500;
    let squares = 0;
    for (let i = 0; i < runs; i++) squares += Math.log1p(changeOf(median(), median())!) ** 2;
    // Of an estimated standard deviation the standard error is 1/√(2 runs) of it.
    within(Math.sqrt(squares / runs), ofOne * Math.sqrt(2 / n), 4 / Math.sqrt(2 * runs));
  });
});

describe('rollback times over many rehearsals (§15)', () => {
  it.each([
    [59, 0.95, 0.951505475],
    [299, 0.99, 0.950463743],
    [1000, 0.997, 0.950436917],
  ])(
    'none of %i is late: at most as many are late as a quantile of %f leaves, with confidence %f',
    (n, q, expected) => {
      // The largest of n bounds the q-quantile just when a ratio above 1 − q would have shown itself.
      const bound = (confidence: number): number => clopperPearsonUpper(0, n, confidence);
      within(solved(bound, 1 - q, 0.5, 1), expected);
    },
  );
});

describe('choosing among many policies (§17.6)', () => {
  it.each([
    [0.05, 3.31],
    [0.01, 2.61],
    [0.001, 2.12],
  ])('a bound over all of 5,000 at once, both ways, at %f takes %f times the rollouts', (delta, expected) => {
    const theta = 1e-4;
    const rollouts = (share: number): number =>
      solved((n) => -clopperPearsonUpper(0, n, 1 - share / 2), -theta, 1, 1e7);
    expect((rollouts(delta / 5000) / rollouts(delta)).toFixed(2)).toBe(expected.toFixed(2));
  });
});

describe('peeking (§18.1)', () => {
  it('a two-sided test at 5 % repeated at equally spaced looks, by quadrature', () => {
    const found = peeking(1440, normalUpperQuantile(0.025));
    const table = {
      1: 0.05,
      2: 0.083118,
      3: 0.107256,
      4: 0.126169,
      5: 0.141689,
      10: 0.193357,
      20: 0.247911,
      50: 0.32045,
      100: 0.373619,
      120: 0.387212,
      1440: 0.551404,
    };
    for (const [looks, expected] of Object.entries(table))
      expect(found[Number(looks) - 1]!.toFixed(6), `${looks} looks`).toBe(expected.toFixed(6));
  });
});

describe('the gate of anytime-valid guards (§19.2)', () => {
  it.each([
    [0.001, 30_000, 48, 0.935176078],
    [0.001, 50_000, 73, 0.997173843],
    [0.001, 100_000, 132, 0.999999811],
    [0.01, 5000, 73, 0.997371173],
  ])('α %f, %i rollouts: at most %i alarms, and a guard of twice α hardly passes', (alpha, n, most, power) => {
    expect(clopperPearsonLower(most, n, 0.999)).toBeLessThanOrEqual(alpha);
    expect(clopperPearsonLower(most + 1, n, 0.999)).toBeGreaterThan(alpha);
    within(upperTail(most + 1, n, 2 * alpha), power);
  });
});
