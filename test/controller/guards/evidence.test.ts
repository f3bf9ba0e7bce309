/** The check values of statistics §7, §8: Bernoulli evidence and two-arm counts. */
import { describe, expect, it } from 'vitest';
import { logArmEvidence, logShareEvidence, shareWithMargin } from '../../../controller/guards/arm-evidence.ts';
import {
  countBoundary,
  divergence,
  logEvidence,
  logRestartSum,
} from '../../../controller/guards/bernoulli-evidence.ts';
import { clopperPearsonUpper } from '../../../statistics/binomial.ts';
import { within } from '../../statistics/within.ts';
import { alarmWithin, boundaries, quantileOfAlarms } from './alarm-oracle.ts';

const LOG = 1e-6;

describe('Bernoulli evidence (statistics §7)', () => {
  it.each([
    ['up', 10, 4167, 0.001, 2.19235151],
    ['up', 98, 62_505, 0.001, 7.09346934],
    ['up', 3373, 62_505, 0.05, 6.96535805],
    ['up', 3, 4167, 0.001, -1.02757553],
    ['down', 2, 8334, 0.001, 2.78227066],
    ['down', 20, 41_670, 0.001, 5.64625608],
    ['down', 2700, 62_505, 0.05, 28.2652077],
    // Counts divided by a variance inflation (§11).
    ['up', 3373 / 3, 62_505 / 3, 0.05, 0.784211316],
    ['up', 3373 / 12, 62_505 / 12, 0.05, -1.14789105],
    ['up', 500 / 12, 4167 / 12, 0.05, 11.5690814],
  ] as const)('ln E %s of %f in %f against %f', (side, x, n, p0, expected) =>
    within(logEvidence(side, x, n, p0), expected, 0, LOG),
  );

  it.each([
    [0.002, 0.001, 0.000386795029],
    [0.06, 0.05, 0.000992110637],
    [0.0005, 0.001, 0.000153551514],
  ])('a request of rate %f weighs against %f', (p, p0, expected) => within(divergence(p, p0), expected));

  it('starts at 1, grows with what is against the null, and never falls far when there is nothing', () => {
    expect(Math.abs(logEvidence('up', 0, 0, 0.01))).toBeLessThan(1e-12);
    expect(Math.abs(logEvidence('down', 0, 0, 0.01))).toBeLessThan(1e-12);
    for (let x = 11; x < 100; x++) {
      expect(logEvidence('up', x, 1000, 0.01)).toBeGreaterThan(logEvidence('up', x - 1, 1000, 0.01));
      expect(logEvidence('down', x, 1000, 0.01)).toBeLessThan(logEvidence('down', x - 1, 1000, 0.01));
    }
    expect(logEvidence('up', 0, 1e9, 0.05)).toBeGreaterThan(-20);
  });

  it.each([
    [4167, 0.001, { 1: 16, 2: 23, 3: 30, 15: 98, 30: 175, 120: 599 }],
    [4167, 0.05, { 1: 270, 2: 505, 3: 733, 15: 3373, 30: 6605, 120: 25_730 }],
    [833, 0.001, { 1: 8, 15: 30, 120: 145 }],
  ] as const)('count boundaries at %i per window, p0 %f', (n, p0, expected) => {
    for (const [t, count] of Object.entries(expected))
      expect(countBoundary('up', n * Number(t), p0, 0.001)).toBe(count);
  });

  it('no count of too few requests is evidence enough', () => {
    expect(countBoundary('down', 10, 0.001, 0.001)).toBeNull();
    expect(countBoundary('up', 1, 0.5, 0.001)).toBeNull();
  });

  it('zero events prove "less than θ" only from some number of requests on, never sooner than ln α/ln(1−θ) (§2.3)', () => {
    for (const [theta, alpha, n] of [
      [0.001, 0.05, 2995],
      [0.001, 0.001, 6905],
      [0.05, 0.05, 59],
      [0.05, 0.001, 135],
    ] as const) {
      expect(clopperPearsonUpper(0, n, 1 - alpha)).toBeLessThanOrEqual(theta);
      expect(clopperPearsonUpper(0, n - 1, 1 - alpha)).toBeGreaterThan(theta);
      expect(countBoundary('down', n - 1, theta, alpha)).toBeNull();
      expect(countBoundary('down', n * 20, theta, alpha)).toBeGreaterThanOrEqual(0);
    }
  });

  // The probability of an alarm, exactly: the distribution of the cumulative count is carried from look to look (§7.3).
  it.each([
    ['up', 4167, 0.001, 0.001, 0.001, 0.000317807781, 15, 74],
    ['up', 4167, 0.001, 0.001, 0.0009, 1.58025e-5, null, null],
    ['up', 4167, 0.001, 0.001, 0.0012, 0.600452882, 78, 111],
    ['up', 4167, 0.001, 0.001, 0.002, 1, 5, 10],
    ['up', 4167, 0.05, 0.001, 0.05, 9.0894284e-5, 7, 57],
    ['up', 4167, 0.05, 0.001, 0.055, 1, 9, 16],
    ['down', 833, 0.001, 0.05, 0.0005, 0.998665501, 23, 57],
    ['down', 4167, 0.001, 0.05, 0.0005, 1, 6, 12],
    ['down', 4167, 0.001, 0.001, 0.0005, 1, 12, 21],
    ['down', 4167, 0.001, 0.05, 0.0009, 0.265472428, 59, 109],
    ['down', 4167, 0.001, 0.05, 0.001, 0.0201218446, null, null],
  ] as const)(
    '%s, %i per window, p0 %f, α %f, truth %f: alarm within 120 looks',
    (side, n, p0, alpha, p, expected, median, ninety) => {
      const alarms = alarmWithin(side, n, p, boundaries(side, n, p0, alpha, 120));
      within(
        alarms.reduce((sum, each) => sum + each, 0),
        expected,
        expected < 2e-5 ? 1e-5 : 1e-6,
      );
      if (median !== null) expect(quantileOfAlarms(alarms, 0.5)).toBe(median);
      if (ninety !== null) expect(quantileOfAlarms(alarms, 0.9)).toBe(ninety);
    },
  );

  it.each([
    [[2, 3, 1, 12, 15], 4167, 0.001, [0.282969331, 0.556793414, 0.52604083, 47.8187079, 87_760.9985]],
    [[40, 55, 90], 833, 0.05, [0.156617106, 3.01551645, 1.09546532e9]],
    [[0, 0, 9, 11], 833, 0.001, [0.545553737, 0.92064751, 5721.15928, 4.2697139e10]],
  ])('restart sums of %j', (events, n, p0, expected) => {
    const windows = events.map((x) => [x, n] as const);
    for (const [t, sum] of expected.entries()) within(Math.exp(logRestartSum('up', windows.slice(0, t + 1), p0)), sum);
  });
});

describe('two arms (statistics §8)', () => {
  it.each([
    [10, 40, 0.05, 2.56478821, 3.36648825],
    [3, 39, 0.05, -0.180114098, 0.10384203],
    [60, 40, 0.5, 0.658891818, 1.27078259],
  ])('%i against %i at a share of %f', (x, y, rho, two, one) => {
    within(logShareEvidence([x, y], [rho, 1 - rho]), two, 0, LOG);
    within(logArmEvidence('up', x, y, rho), one, 0, LOG);
  });

  it.each([
    [[12, 30, 58], [0.05, 0.3, 0.65], 1.26851235],
    [[5, 5, 90], [0.05, 0.05, 0.9], -0.709821731],
    // The same on requests: this router is broken.
    [[4500, 79_000], [0.05, 0.95], 9.5687975],
  ])('counts %j at shares %j', (counts, shares, expected) =>
    within(logShareEvidence(counts, shares), expected, 0, LOG),
  );

  it('"too few" of one arm is "too many" of the other', () => {
    within(logArmEvidence('down', 10, 40, 0.3), logArmEvidence('up', 40, 10, 0.7), 1e-12);
  });

  it('a margin moves the share at which both arms are equal', () => {
    within(shareWithMargin(0.5, 1.5), 0.6, 1e-12);
    within(shareWithMargin(0.05, 1), 0.05, 1e-12);
  });
});
