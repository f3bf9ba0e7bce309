import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { betaCdf, betaQuantile, logBetaTails } from '../../statistics/beta.ts';
import {
  binomialMasses,
  clopperPearson,
  clopperPearsonLower,
  clopperPearsonUpper,
  trialsFor,
  logChoose,
  lowerTail,
  upperTail,
} from '../../statistics/binomial.ts';
import { chiSquareCdf, chiSquareQuantile } from '../../statistics/chi-square.ts';
import { logBeta, logGamma } from '../../statistics/gamma.ts';
import { kolmogorovTail } from '../../statistics/kolmogorov.ts';
import { normalTail, normalUpperQuantile } from '../../statistics/normal.ts';
import { wilson } from '../../reports/wilson.ts';
import { binomial, tail } from '../controller/oracles.ts';
import { within } from './within.ts';

describe('the gamma function', () => {
  it('is the factorial at whole numbers and √π at ½, to 14 digits', () => {
    let factorial = 1;
    for (let n = 1; n <= 18; n++) {
      within(logGamma(n), Math.log(factorial), 1e-14, 1e-14);
      factorial *= n;
    }
    within(logGamma(0.5), Math.log(Math.PI) / 2, 1e-14);
    within(logGamma(1e-5), 11.512919692895824, 1e-14);
    within(logGamma(123.456), 469.6055471299295, 1e-14);
    within(logGamma(1e6), 12815504.569147611, 1e-14);
  });

  it('ln B agrees with its definition wherever that keeps its digits', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 500, noNaN: true }),
        fc.double({ min: 0.01, max: 500, noNaN: true }),
        (a, b) => {
          expect(Math.abs(logBeta(a, b) - (logGamma(a) + logGamma(b) - logGamma(a + b)))).toBeLessThan(1e-11);
          expect(logBeta(a, b)).toBe(logBeta(b, a));
        },
      ),
    );
    // B(a, 1) = 1/a: with the definition nothing would be left of it at a = 1e9.
    within(logBeta(1e9, 1), -Math.log(1e9), 1e-12);
    within(logBeta(1e9, 2), -Math.log(1e9) - Math.log(1e9 + 1), 1e-12);
  });
});

describe('the incomplete beta function', () => {
  it('agrees with the closed forms I_x(1, b) and I_x(a, 1), far into both tails', () => {
    for (const x of [1e-9, 0.001, 0.3, 0.9, 1 - 1e-9])
      for (const b of [0.3, 1, 17, 1e4]) {
        const tails = logBetaTails(x, 1, b);
        within(tails.upper, b * Math.log1p(-x), 1e-11, 1e-15);
        within(logBetaTails(x, b, 1).lower, b * Math.log(x), 1e-11, 1e-15);
      }
    expect(logBetaTails(0, 2, 3)).toEqual({ lower: -Infinity, upper: 0 });
    expect(logBetaTails(1, 2, 3)).toEqual({ lower: 0, upper: -Infinity });
  });

  it('mirrors, and both tails make one', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true }),
        fc.double({ min: 0.05, max: 5000, noNaN: true }),
        fc.double({ min: 0.05, max: 5000, noNaN: true }),
        (x, a, b) => {
          const { lower, upper } = logBetaTails(x, a, b);
          expect(Math.abs(Math.exp(lower) + Math.exp(upper) - 1)).toBeLessThan(1e-12);
          const mirrored = logBetaTails(1 - x, b, a);
          expect(Math.abs(Math.exp(mirrored.upper) - Math.exp(lower))).toBeLessThan(1e-9);
        },
      ),
    );
  });

  it('is inverted by its quantile', () => {
    for (const [a, b] of [
      [1, 1000],
      [3, 9998],
      [2, 1.5],
      [5000, 20],
    ] as const)
      for (const p of [1e-6, 0.025, 0.5, 0.975, 1 - 1e-9]) within(betaCdf(betaQuantile(p, a, b), a, b), p, 1e-10);
  });
});

describe('the binomial distribution', () => {
  it('its tails are the sums of its masses, by another algorithm', () => {
    for (const [n, p] of [
      [100, 0.05],
      [4167, 0.001],
      [4167, 0.05],
      [833, 0.5],
    ] as const) {
      const masses = binomial(n, p);
      for (const k of [0, 1, 7, 60, 230]) {
        within(upperTail(k, n, p), tail(n, p, k), 1e-9, 1e-15);
        within(
          lowerTail(k, n, p),
          masses.subarray(0, k + 1).reduce((sum, each) => sum + each, 0),
          1e-9,
          1e-15,
        );
      }
      binomialMasses(n, p).forEach((mass, k) => within(mass, masses[k]!, 1e-9, 1e-290));
    }
    within(Math.exp(logChoose(10, 3)), 120, 1e-12);
    expect([upperTail(11, 10, 0.5), lowerTail(-1, 10, 0.5), lowerTail(10, 10, 0.5)]).toEqual([0, 0, 1]);
  });

  // statistics §3: one window over its threshold.
  it.each([
    [4167, 0.0005, 4, 0.060454184],
    [4167, 0.0009, 4, 0.322488695],
    [4167, 0.0012, 4, 0.559682283],
    [4167, 0.002, 4, 0.918168558],
    [62_505, 0.0009, 62, 0.200402267],
    [20_835, 0.0005, 20, 0.0025424738],
    [4167, 0.045, 208, 0.0602542833],
    [120, 0.001, 0, 0.113132812],
    [120, 0.01, 3, 0.0329849122],
    [120, 0.05, 10, 0.0384499595],
  ])('P(Bin(%i, %f) > %i)', (n, p, k, expected) => within(upperTail(k + 1, n, p), expected));

  // statistics §17.1.
  it.each([
    [0, 1000, 0, 0.0036820839],
    [1, 1000, 2.53174875e-5, 0.00555892428],
    [3, 10_000, 6.18714857e-5, 0.000876474523],
    [10, 10_000, 0.000479639724, 0.00183826413],
    [100, 100_000, 0.000813711682, 0.0012161364],
    [5, 50, 0.0332750936, 0.218135366],
  ])('the 95 %% interval of %i of %i by Clopper and Pearson', (k, n, low, high) => {
    const interval = clopperPearson(k, n);
    within(interval[0], low, 1e-6, 1e-12);
    within(interval[1], high);
  });

  it.each([
    [0, 1000, 0, 0.00382675849],
    [1, 1000, 0.000176546371, 0.0056425586],
    [3, 10_000, 0.000102032199, 0.000881735772],
    [10, 10_000, 0.000543285986, 0.00183994439],
    [100, 100_000, 0.00082233797, 0.00121599832],
    [5, 50, 0.0434757649, 0.213602314],
  ])('the 95 %% interval of %i of %i by Wilson', (k, n, low, high) => {
    const interval = wilson(k, n)!;
    within(interval[0], low, 1e-6, 1e-12);
    within(interval[1], high);
  });

  it.each([
    [0, 1000, 0.00299124955],
    [0, 3000, 0.000998079012],
    [0, 10_000, 0.00029952836],
    [0, 300_000, 9.98572439e-6],
    [3, 10_000, 0.000775181379],
  ])('the one-sided bound of %i of %i', (k, n, upper) => {
    within(clopperPearsonUpper(k, n), upper);
    within(clopperPearsonLower(n - k, n), 1 - upper);
    expect(clopperPearsonLower(0, n)).toBe(0);
    expect(clopperPearsonUpper(n, n)).toBe(1);
  });
});

describe('the other distributions', () => {
  it('chi-square: the exponential and the squared normal, and the inverse', () => {
    for (const x of [0.01, 1, 7, 40]) {
      within(chiSquareCdf(x, 2), -Math.expm1(-x / 2), 1e-12);
      within(1 - chiSquareCdf(x, 1), 2 * normalTail(Math.sqrt(x)), 1e-9, 1e-15);
    }
    // PSI's null quantile at 9 degrees of freedom, 4,167 scores each (statistics §14).
    within(chiSquareQuantile(0.999, 9) * (2 / 4167), 0.0133799687);
    within(chiSquareCdf(chiSquareQuantile(0.05, 9), 9), 0.05, 1e-10);
  });

  it('Kolmogorov: published critical factors', () => {
    // The factors keep the first term of the series only.
    for (const [lambda, p] of [
      [1.35810152, 0.05],
      [1.62762363, 0.01],
      [1.9494746, 0.001],
    ] as const)
      within(kolmogorovTail(lambda), p, 2e-3);
    expect(kolmogorovTail(0)).toBe(1);
  });

  it('the normal quantile inverts the tail', () => {
    for (const p of [1e-9, 0.001, 0.025, 0.4, 0.975]) within(normalTail(normalUpperQuantile(p)), p, 1e-9);
  });
});

test.each([
  [1e-2, [1522, 9508, 38_031]],
  [1e-3, [15_351, 95_941, 383_762]],
  [1e-4, [153_643, 960_269, 3_841_075]],
  [1e-5, [1_536_569, 9_603_552, 38_414_205]],
] as const)('knowing a rate of %f to ± 50, 20 and 10 % takes %j trials', (p, expected) => {
  expect([0.5, 0.2, 0.1].map((relative) => trialsFor(p, relative))).toEqual(expected);
  // Wilson's interval at p itself is about as wide.
  for (const relative of [0.2, 0.1]) {
    const n = trialsFor(p, relative);
    const [low, high] = wilson(n * p, n)!;
    within((high - low) / 2, relative * p, 0.01);
  }
});
