/** The ratio of totals over clusters (statistics §9.5). */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { clusteredRatio } from '../../statistics/clustered.ts';
import { within } from './within.ts';

test.each([
  [[2, 0, 1, 3, 0, 1], [20, 15, 18, 40, 9, 22], 0.0564516129, 0.0135224466],
  [[1, 1, 0, 0, 2], [10, 12, 8, 11, 30], 0.0563380282, 0.0155789392],
  [[0, 4, 1, 0, 0, 2, 1, 5], [6, 41, 19, 7, 12, 25, 11, 60], 0.0718232044, 0.0102140664],
])('clicks %j of impressions %j', (events, samples, ratio, standardError) => {
  const found = clusteredRatio({ events, samples })!;
  expect(found.clusters).toBe(events.length);
  within(found.ratio, ratio);
  within(found.standardError, standardError);
});

const user = fc.integer({ min: 0, max: 40 }).chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n)));

test('is its definition, worked out user by user; users without impressions do not count', () => {
  fc.assert(
    fc.property(fc.array(user, { maxLength: 30 }), (all) => {
      const found = clusteredRatio({ events: all.map(([y]) => y), samples: all.map(([, z]) => z) });
      const users = all.filter(([, z]) => z > 0);
      if (users.length < 2) {
        expect(found).toBeNull();
        return;
      }
      const sum = (of: (y: number, z: number) => number): number =>
        users.reduce((total, [y, z]) => total + of(y, z), 0);
      const [u, mean] = [users.length, sum((_, z) => z) / users.length];
      const ratio = sum((y) => y) / sum((_, z) => z);
      const scatter = sum((y, z) => (y - ratio * z) ** 2);
      within(found!.ratio, ratio, 1e-12);
      within(found!.standardError ** 2, scatter / ((u - 1) * u * mean ** 2), 1e-9, 1e-12);
    }),
  );
});

test('users with one impression each are as good as independent impressions', () => {
  const [users, clicks] = [10_000, 500];
  const events = Array.from({ length: users }, (_, i) => (i < clicks ? 1 : 0));
  const { standardError } = clusteredRatio({ events, samples: events.map(() => 1) })!;
  within(standardError, Math.sqrt((0.05 * 0.95) / users), 1e-4);
});

/** Of a hundred users, thirty of whom always click. */
function errorOf(impressions: number): number {
  const samples = Array.from({ length: 100 }, () => impressions);
  return clusteredRatio({ events: samples.map((n, i) => (i < 30 ? n : 0)), samples })!.standardError;
}

test('users who always do the same are one observation each, however many impressions they have', () => {
  within(errorOf(1000), errorOf(1), 1e-12);
});
