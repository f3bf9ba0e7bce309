/** The constants of the rows are what the formulas give: a typo in either is caught. */
import { describe, expect, test } from 'vitest';
import { chiSquareCdf, chiSquareQuantile } from '../../statistics/chi-square.ts';
import { estimate, fairRange, ksTest } from './stats.ts';
import {
  daley,
  dispersion,
  erlangB,
  fifoHits,
  gm1,
  lruHits,
  md1WaitCdf,
  mdc,
  mg1,
  mmc,
  mmcd,
  mmck,
  mmpp2m1,
  powerOfD,
  ttlHits,
  zipf,
} from './formulas.ts';
import { CACHE_VALUES } from './rows-cache.ts';
import { GENERAL_VALUES as V } from './rows-general.ts';
import { INFINITE_VALUES } from './rows-infinite.ts';
import { LEFT, LOST, MMC } from './rows-markov.ts';

/** Constants are given to nine digits. */
const same = (got: number, formula: number): void => expect(got / formula).toBeCloseTo(1, 7);

describe('the constants follow from the formulas', () => {
  test.each(Object.entries(MMC))('%s: M/M/c, by Erlang C', (_, v) => {
    const exact = mmc(v.lambda, v.mu, v.c);
    same(v.pWait[0], exact.pWait);
    same(v.wq[0], exact.wq);
    same(v.wq2?.[0] ?? v.wqVariance! + v.wq[0] ** 2, exact.wqVariance + exact.wq ** 2);
    same(v.l - (v.wq2 === undefined ? 0 : v.lambda / v.mu), exact.l - (v.wq2 === undefined ? 0 : v.lambda / v.mu));
    same(v.wq95[0], exact.waitQuantile(0.05));
    if (v.r50 !== undefined) same(v.r50, exact.responseQuantile(0.5));
    same(v.r95[0], exact.responseQuantile(0.05));
    same(v.r99[0], exact.responseQuantile(0.01));
  });

  test('Q8–Q11: M/G/1, by Pollaczek and Khinchine', () => {
    const check = (v: { wq: number; wq2: number; l: number }, e: { wq: number; wq2: number; l: number }): void => {
      same(v.wq, e.wq);
      same(v.wq2, e.wq2);
      same(v.l, e.l);
    };
    check(V.Q8, mg1(0.8, 1, 1, 1));
    same(V.Q8.wqVariance, V.Q8.wq2 - V.Q8.wq ** 2);
    same(V.Q8.below1, md1WaitCdf(0.8, 1));
    expect(md1WaitCdf(0.8, V.Q8.wq95)).toBeCloseTo(0.95, 7);
    expect(md1WaitCdf(0.8, V.Q8.wq99)).toBeCloseTo(0.99, 7);
    // Erlang of k stages: E[S²] = (k + 1)/k, E[S³] = (k + 1)(k + 2)/k².
    check(V.Q9, mg1(0.8, 1, 5 / 4, 30 / 16));
    // Balanced means: p/2 of each phase's second and third moments.
    const p = (1 + Math.sqrt(3 / 5)) / 2;
    const m = [1 / (2 * p), 1 / (2 * (1 - p))] as const;
    check(V.Q10, mg1(0.8, 1, 2 * (p * m[0] ** 2 + (1 - p) * m[1] ** 2), 6 * (p * m[0] ** 3 + (1 - p) * m[1] ** 3)));
    check(V.Q11, mg1(0.7, 1, 3.25, 3.25 ** 3));
  });

  test('Q12: M/D/16, by the chain of one service time', () => {
    const exact = mdc(12.8, 16);
    same(V.Q12.pWait, exact.pWait);
    same(V.Q12.wq, exact.wq);
  });

  test('Q13, Q25: G/M/1', () => {
    const regular = gm1((s) => Math.exp(-s / 0.8));
    same(V.Q13.pWait, regular.sigma);
    same(V.Q13.wq, regular.wq);
    same(V.Q13.r95, -Math.log(0.05) / (1 - regular.sigma));
    same(V.Q13.r99, -Math.log(0.01) / (1 - regular.sigma));
    const turn = gm1((s) => (12.8 / (12.8 + s)) ** 16);
    same(V.Q25.pWait, turn.sigma);
    same(V.Q25.wq, turn.wq);
    same(V.Q25.r95, -Math.log(0.05) / (1 - turn.sigma));
  });

  test('Q14–Q17: loss systems', () => {
    const [q14, q15] = [mmck(0.9, 1, 1, 10), mmck(3, 4, 2, 3)];
    same(LOST.Q14.pLost, q14.pLost);
    same(LOST.Q14.l, q14.l);
    same(LOST.Q14.w, q14.w);
    same(LOST.Q15.pLost, q15.pLost);
    same(LOST.Q15.l, q15.l);
    same(LOST.Q15.w, q15.w);
    same(LOST.Q16.pLost, erlangB(10, 10));
    same(LOST.Q17.pLost, erlangB(100, 117));
  });

  test('Q20, Q21: M/M/16+D', () => {
    for (const [v, lambda, tau] of [
      [LEFT.Q20, 12.8, 0.25],
      [LEFT.Q21, 20, 0.5],
    ] as const) {
      const exact = mmcd(lambda, 16, tau);
      same(v.pWait, exact.pWait);
      same(v.pLeave, exact.pLeave);
      same(v.wqServed, exact.wqServed);
      same(v.utilisation, exact.utilisation);
    }
  });

  test('Q22–Q24: infinitely many slots', () => {
    const a = 1389 * 0.02;
    same(INFINITE_VALUES.Q22.mean, a);
    let term = Math.exp(-a);
    let below = term;
    for (let n = 1; n <= 43; n++) below += term *= a / n;
    same(INFINITE_VALUES.Q22.over43, 1 - below);
    const x = (2 * Math.PI * 300) / 3600;
    same(INFINITE_VALUES.Q23.factor, 1 / Math.sqrt(1 + x * x));
    same(INFINITE_VALUES.Q23.amplitude, 1500 / Math.sqrt(1 + x * x));
    same(INFINITE_VALUES.Q23.lagSeconds, (Math.atan(x) * 3600) / (2 * Math.PI));
    for (const [t, n] of INFINITE_VALUES.Q24) same(n, a * (1 - Math.exp(-t / 0.02)));
  });

  test('Q26–Q29, Q31: several replicas, networks, batches', () => {
    same(V.Q26.wq, mmc(0.8, 1, 1).wq);
    same(V.Q26.r95, mmc(0.8, 1, 1).responseQuantile(0.05));
    same(V.Q27.r, powerOfD(0.8, 2));
    same(V.Q28.r, 1 / (1 - 0.8) + 1 / (1.25 - 0.8));
    same(V.Q29.r, (12 - 0.5) / 8 / (1 - 0.5));
    const l = (0.8 * (1 + 16 / 4)) / (2 * 0.2);
    same(V.Q31.l, l);
    same(V.Q31.wq, l / 0.8 - 1);
  });

  test('Q37–Q39: caches', () => {
    const p = zipf(8, 0.8);
    same(CACHE_VALUES.ttl, ttlHits(p, 10, 0.6, false));
    same(CACHE_VALUES.ttlRenewed, ttlHits(p, 10, 0.6, true));
    same(CACHE_VALUES.lru, lruHits(p, 3));
    same(CACHE_VALUES.fifo, fifoHits(p, 3));
    for (const [t, misses] of CACHE_VALUES.misses)
      same(
        misses,
        p.reduce((sum, q) => sum + 1 - Math.exp(-10 * q * t), 0),
      );
  });

  test('Q40: MMPP-2/M/1, by the matrix-geometric method', () => {
    const exact = mmpp2m1([1.2, 0.2], [0.05, 0.05]);
    same(V.Q40.wq, exact.wq);
    same(V.Q40.busySeen, exact.busySeen);
    same(V.Q40.busy, exact.busy);
    same(V.Q40.i10, dispersion([1.2, 0.2], [0.05, 0.05], 10));
    same(V.Q40.i60, dispersion([1.2, 0.2], [0.05, 0.05], 60));
    same(V.Q40.limit, dispersion([1.2, 0.2], [0.05, 0.05], Number.POSITIVE_INFINITY));
  });

  test("Daley's variances are 29, 1,976, 35,901 and 607,601 at ρ = 0.5, 0.8, 0.9 and 0.95", () => {
    expect([0.5, 0.8, 0.9, 0.95].map((rho) => Math.round(daley(rho)))).toEqual([29, 1976, 35_901, 607_601]);
  });
});

describe('the statistics of the gate', () => {
  test('χ²: quantiles as in the tables', () => {
    expect(chiSquareQuantile(0.999, 32)).toBeCloseTo(62.487, 3);
    expect(chiSquareQuantile(0.95, 1)).toBeCloseTo(3.8415, 4);
    expect(chiSquareCdf(10, 10)).toBeCloseTo(0.559507, 6);
  });

  test('the 99.9 % range of 32 fair coins is 7 to 25', () => {
    expect(fairRange(32, 0.999)).toEqual([7, 25]);
  });

  test("Kolmogorov and Smirnov's test accepts a regular grid and refuses a squeezed one", () => {
    const grid = Float64Array.from({ length: 1000 }, (_, i) => (i + 0.5) / 1000);
    expect(ksTest(grid, (x) => x)).toBeGreaterThan(0.99);
    expect(ksTest(grid, (x) => x * 0.9)).toBeLessThan(1e-3);
  });

  test('a ratio of sums has the standard error of its residuals, and neighbours that alternate correlate negatively', () => {
    const { mean, standardError, lag1 } = estimate([
      [1, 1],
      [3, 1],
      [1, 1],
      [3, 1],
    ]);
    expect(mean).toBe(2);
    expect(standardError).toBeCloseTo(Math.sqrt(4 / 3 / 4), 12);
    expect(lag1).toBe(-0.75);
  });
});
