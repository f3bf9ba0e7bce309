import { expect, test } from 'vitest';
import { seedParts } from '../../../tuning/search/seed-parts.ts';

const seeds = (n: number): number[] => Array.from({ length: n }, (_, i) => 43 + i);

test.each([4, 20, 41])('%i seeds are parted in half, a quarter and a quarter, each seed once', (n) => {
  const { search, choice, heldOut } = seedParts(seeds(n));
  expect([...search, ...choice, ...heldOut].toSorted((a, b) => a - b)).toEqual(seeds(n));
  expect(choice).toHaveLength(Math.floor(n / 4));
  expect(heldOut).toHaveLength(Math.floor(n / 4));
});

test('which part a seed is in follows from its hash: early and late seeds are in every part', () => {
  const parts = seedParts(seeds(100));
  for (const part of Object.values(parts) as number[][]) {
    expect(part.some((seed) => seed < 68)).toBe(true);
    expect(part.some((seed) => seed > 117)).toBe(true);
  }
});

test('too few seeds are refused', () => {
  expect(() => seedParts(seeds(3))).toThrow('got 3 seeds, expected at least 4');
});
