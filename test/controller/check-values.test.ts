/** Check values of the specification that belong to no single file: formulas of its text, held against our distributions and oracles. */
import { describe, expect, it } from 'vitest';
import { requestsToShow, sequenceRadius, tuning } from '../../controller/guards/log-ratio.ts';
import { Stream } from '../../sim/random.ts';
import { clopperPearsonLower, logChoose, lowerTail, upperTail } from '../../statistics/binomial.ts';
import { logBeta } from '../../statistics/gamma.ts';
import { normalUpperQuantile } from '../../statistics/normal.ts';
import { within } from '../statistics/within.ts';
import { mmc } from '../theory/formulas.ts';
import { markovRunByRenewal, markovRunProbability, runProbability, someOfLast } from './oracles.ts';

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
    within(1 - (1 - upperTail(Math.floor(theta * n + 1e-9) + 1, n, p)) ** 120, expected),
  );

  it.each([
    [15, 0.2, 0.8, 0.406296704],
    [15, 0.05, 0.9, 0.649611828],
    [5, 0.02, 0.5, 0.132112741],
  ])('Markov windows: k %i, p01 %f, p11 %f, by both routes', (k, p01, p11, expected) => {
    within(markovRunProbability(120, k, p01, p11), expected);
    within(markovRunByRenewal(120, k, p01, p11), expected);
  });

  it('dependence matters more than the threshold: the same share of windows over, 249 times as likely', () => {
    expect(markovRunProbability(120, 15, 0.2, 0.8) / runProbability(120, 15, 0.5)).toBeCloseTo(249, 0);
    within(markovRunProbability(120, 15, 0.5, 0.5), runProbability(120, 15, 0.5));
  });

  it.each([
    [15, 0.95, 23.1693904],
    [15, 0.99, 16.2711803],
    [15, 0.9, 38.5693575],
    [30, 0.95, 73.1798135],
  ])('windows until the first run: k %i, p %f', (k, p, expected) => {
    within((p ** -k - 1) / (1 - p), expected);
    // Second route: the sum of P(no run within n).
    let mean = 0;
    for (let n = 0; n < 3000; n++) mean += 1 - runProbabilities(k, p)[n]!;
    within(mean, expected);
  });

  it.each([
    [0, 0.001, 0.113132812],
    [3, 0.01, 0.0329849122],
    [10, 0.05, 0.0384499595],
  ])('more than %i failures in all of 120, p %f', (most, p, expected) => within(upperTail(most + 1, 120, p), expected));

  it.each([
    [120, 4, 5, 0.1, 0.0360972827],
    [120, 3, 5, 0.05, 0.0702526387],
    [60, 8, 10, 0.3, 0.0374758623],
  ])('%i windows, %i of the last %i, p %f', (n, m, k, p, expected) => within(someOfLast(n, m, k, p), expected));

  it('all of the last k is a run of k', () => within(someOfLast(120, 5, 5, 0.1), runProbability(120, 5, 0.1)));
});

const known = new Map<string, Float64Array>();
/** P(run within n), n = 0 … 3000. */
function runProbabilities(k: number, p: number): Float64Array {
  const key = `${k}/${p}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const hits = new Float64Array(3001);
  let states = [1, ...Array.from({ length: k - 1 }, () => 0)];
  for (let n = 1; n <= 3000; n++) {
    hits[n] = hits[n - 1]! + states[k - 1]! * p;
    const alive = states.reduce((sum, each) => sum + each, 0);
    states = [(1 - p) * alive, ...states.slice(0, k - 1).map((each) => each * p)];
  }
  known.set(key, hits);
  return hits;
}

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

describe('mixtures (§7.5, §9.3)', () => {
  it.each([
    [10, 4167, 0.001, 62.44, 0.813575326],
    [3373, 62_505, 0.05, 2969, 7.85560171],
    [60, 1000, 0.05, 47.5, -0.300425011],
  ])('two-sided Bernoulli: x %i, n %i, p0 %f, sharpest at %f', (x, n, p0, optimum, expected) => {
    const alpha = 0.05;
    const spread = p0 * (1 - p0);
    const rho = optimum / (2 * Math.log(1 / alpha) + Math.log(1 + 2 * Math.log(1 / alpha)));
    const left = Math.max(rho - spread, 1e-3 * spread);
    const [a, b] = [left / (1 - p0), left / p0];
    if (x === 10) {
      within(a, 7.87466594);
      within(b, 7866.79128);
    }
    within(logBeta(a + x, b + n - x) - logBeta(a, b) - x * Math.log(p0) - (n - x) * Math.log1p(-p0), expected, 0, 1e-6);
  });

  it.each([
    [100, 10, 0.05, 30.3781102],
    [1000, 100, 0.001, 133.546795],
    [50, 50, 0.01, 31.469807],
  ])('normal mixture: v %f, ρ %f, α %f; the sequence of a ratio is one', (v, rho, alpha, expected) => {
    within(Math.sqrt((v + rho) * (Math.log1p(v / rho) + 2 * Math.log(1 / alpha))), expected);
    // With se² = v/N² the sum's bound over N is the radius of 9.1, when ρ² N* has this ρ.
    const n = 1000;
    const star = (tuning(alpha, 1) * rho) / (v / n);
    within(n * sequenceRadius('two', Math.sqrt(v) / n, n, star, alpha), expected);
  });

  it.each([
    [-0.05, 1e-4, 4e-4, 9.19528104],
    [0.01, 1e-4, 1e-4, -0.0965735903],
    [-0.02, 3.2e-4, 1e-3, -0.235048161],
  ])('mSPRT: d %f, V %f, τ %f', (d, v, tau, expected) =>
    within(0.5 * Math.log(v / (v + tau)) + (tau * d * d) / (2 * v * (v + tau)), expected),
  );
});

describe('labels arrive late (§9.4)', () => {
  it.each([
    [15, 0.866740411],
    [30, 0.933333354],
    [120, 0.983333333],
  ])(
    'counting young impressions for %i minutes shows this part of the truth, labels taking 2 minutes',
    (a, expected) => {
      const m = 2;
      within(1 - (m / a) * (1 - Math.exp(-a / m)), expected);
      const stream = new Stream(`young/${a}`);
      const runs = 200_000;
      let seen = 0;
      for (let i = 0; i < runs; i++) seen += a * stream.next() - m * Math.log(1 - stream.next()) <= a ? 1 : 0;
      within(seen / runs, expected, 0, 4 * Math.sqrt((expected * (1 - expected)) / runs));
    },
  );
});

describe('shifts of predictions (§14)', () => {
  it.each([
    [1, 4167, 4167, 0.0274576387],
    [1, 62_505, 62_505, 0.00708953183],
    [0.5, 4167, 79_166, 0.0099599544],
  ])('noise of the log median: σ %f, n %i and %i', (sigma, n, m, expected) =>
    within(sigma * Math.sqrt(Math.PI / 2) * Math.sqrt(1 / n + 1 / m), expected),
  );
});

describe('rollback time over many rehearsals (§15)', () => {
  it.each([
    [59, 0.95, 0.951505475],
    [299, 0.99, 0.950463743],
    [1000, 0.997, 0.950436917],
  ])('the largest of %i bounds the %f quantile', (n, q, expected) => within(1 - q ** n, expected));
});

describe('estimating rates (§17)', () => {
  it.each([
    [1e-2, [1522, 9508, 38_031]],
    [1e-3, [15_351, 95_941, 383_762]],
    [1e-4, [153_643, 960_269, 3_841_075]],
    [1e-5, [1_536_569, 9_603_552, 38_414_205]],
  ])('runs for an interval of ± r·p at p %f', (p, expected) => {
    const z = normalUpperQuantile(0.025);
    const runs = [0.5, 0.2, 0.1].map((r) => Math.ceil((z / r) ** 2 * ((1 - p) / p)));
    expect(runs).toEqual(expected);
  });

  it.each([
    [0, 0.794562969],
    [25, 1.23855289],
    [40, 19.0498819],
  ])('stopping early: s %i of 10,000 against 0.001', (s, expected) => {
    const n = 10_000;
    const p0 = 0.001;
    within(-(Math.log(n + 1) + logChoose(n, s) + s * Math.log(p0) + (n - s) * Math.log1p(-p0)), expected);
  });

  it.each([
    [0.1514, 0.0777, 0.0777, 2.9316787],
    [0.057, 0.0346, 0.0346, 3.97994725],
    [0.3, 0.3, 0.27, 7],
  ])('common random numbers: p %f and %f, both %f', (p1, p2, both, expected) =>
    within((p1 * (1 - p1) + p2 * (1 - p2)) / (p1 + p2 - 2 * both - (p1 - p2) ** 2), expected),
  );

  it.each([
    [0.01, 10_000, 5000, 0.0065562029],
    [0.01, 1000, 5000, 0.000896857904],
    [0.001, 10_000, 1000, 0.0001626952],
  ])('the best of many policies: p %f, %i rollouts, %i policies', (p, n, policies, expected) => {
    let mean = 0;
    for (let k = 0; k < n; k++) {
      const more = upperTail(k + 1, n, p);
      if (more < 1e-12) break;
      mean += more ** policies;
    }
    within(mean / n, expected);
  });

  it('a bound over all policies costs a factor in n', () => {
    const factors = [0.05, 0.01, 0.001].map((delta) => Math.log((2 * 5000) / delta) / Math.log(2 / delta));
    expect(factors.map((each) => each.toFixed(2))).toEqual(['3.31', '2.61', '2.12']);
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
