import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatCount,
  formatDuration,
  parseDuration,
  parseFraction,
  parsePercent,
  parseRate,
  parseSize,
} from '../../config/units.ts';

describe('durations', () => {
  test.each([
    ['250ms', 250],
    ['10s', 10_000],
    ['30m', 1_800_000],
    ['2h', 7_200_000],
    ['1.5h', 5_400_000],
    ['1h30m', 5_400_000],
    ['1m1.5s', 61_500],
    ['1d', 86_400_000],
    ['200us', 0.2],
    ['.5s', 500],
    ['0s', 0],
    ['1.1m', 66_000],
    [0, 0],
    ['0', 0],
  ])('%s is %d ms', (text, ms) => expect(parseDuration(text)).toBe(ms));

  test.each([10, -1, '10', '', 's', '10 s', '-10s', '1e3s', '30m1h', '1h1h', '1,5h', 'infinite', null, undefined, {}])(
    '%j is refused',
    (value) => expect(parseDuration(value)).toBeNull(),
  );

  test('formatted durations read back as the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), fc.constantFrom(1, 10, 1000, 60_000), (n, divisor) => {
        const ms = n / divisor;
        expect(parseDuration(formatDuration(ms))).toBeCloseTo(ms, 6);
      }),
    );
    fc.assert(
      fc.property(fc.nat(1e9), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms);
      }),
    );
  });

  test.each([
    [0, '0s'],
    [250, '250ms'],
    [61_500, '1m1.5s'],
    [5_400_000, '1h30m'],
    [86_400_000, '24h'],
    [0.2, '0.2ms'],
    [Infinity, 'infinite'],
    [-1500, '-1.5s'],
  ])('%d ms is written %s', (ms, text) => expect(formatDuration(ms)).toBe(text));
});

describe('sizes', () => {
  test.each([
    ['10M', 10_000_000],
    ['500k', 500_000],
    ['1.5M', 1_500_000],
    ['1G', 1_000_000_000],
    ['2e6', 2_000_000],
    ['10_000', 10_000],
    [250, 250],
    [0, 0],
  ])('%s is %d', (text, size) => expect(parseSize(text)).toBe(size));

  test.each(['', 'k', '1.5', '10m', '10 M', '-5', '1,000', 1.5, -1, Number.NaN, Infinity, 1e300, null, '9e99'])(
    '%j is refused',
    (value) => expect(parseSize(value)).toBeNull(),
  );

  test('formatted counts read back as the same', () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(1, 100, 1000, 100_000), (n, unit) => {
        expect(parseSize(formatCount(n * unit))).toBe(n * unit);
      }),
    );
    expect([10_000_000, 1_500_000, 1_389_000, 1_234_567, 999].map(formatCount)).toEqual([
      '10M',
      '1.5M',
      '1389k',
      '1234567',
      '999',
    ]);
  });
});

describe('shares and rates', () => {
  test.each([
    ['1%', 0.01],
    ['0.1%', 0.001],
    ['0.7%', 0.007],
    ['100%', 1],
    ['.5 %', 0.005],
    [0.01, 0.01],
    [1, 1],
    [0, 0],
  ])('%s is the fraction %d', (text, fraction) => expect(parseFraction(text)).toBe(fraction));

  test.each([5, -0.1, '5', '%', '-1%', '1e2%', null])('%j is no fraction', (value) =>
    expect(parseFraction(value)).toBeNull(),
  );

  test('a percentage needs its sign', () => {
    expect([parsePercent('1%'), parsePercent('0.5%'), parsePercent(1), parsePercent('1')]).toEqual([
      1,
      0.5,
      null,
      null,
    ]);
  });

  test.each([
    ['1389/s', 1389],
    ['500/min', 500 / 60],
    ['10k/h', 10_000 / 3600],
    ['0.5/s', 0.5],
    ['0/s', 0],
  ])('%s is %d per second', (text, rps) => expect(parseRate(text)).toBe(rps));

  test.each([1389, '1389', '/s', '5/day', '-5/s', 'x/s'])('%j is no rate', (value) =>
    expect(parseRate(value)).toBeNull(),
  );
});

test('amounts of more digits than a number holds are none', () => {
  const digits = '9'.repeat(400);
  expect([
    parseDuration(`${digits}ms`),
    parseRate(`${digits}/s`),
    parseSize(digits),
    parsePercent(`${digits}%`),
  ]).toEqual([null, null, null, null]);
});
