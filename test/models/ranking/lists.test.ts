/** What a list is worth, against brute force on lists drawn at random and on lists that anybody can check. */
import { describe, expect, test } from 'vitest';
import { diversityOf, hitsOf, LIST, noveltyOf, playChance } from '../../../models/ranking/lists.ts';
import { Stream } from '../../../sim/random.ts';
import { within } from '../../statistics/within.ts';

const ITEMS = 60;
const stream = new Stream('ranking/lists');
const drawnList = (): number[] => {
  const list = new Set<number>();
  while (list.size < LIST) list.add(Math.floor(stream.next() * ITEMS));
  return [...list];
};
const first = Array.from({ length: LIST }, (_, i) => i);

describe('against brute force', () => {
  test.each(Array.from({ length: 20 }, (_, i) => i))('list %i', () => {
    const list = drawnList();
    const preferred = new Set(Array.from({ length: 15 }, () => Math.floor(stream.next() * ITEMS)));
    const isPreferred = (item: number): boolean => preferred.has(item);
    expect(hitsOf(list, isPreferred)).toBe(list.filter(isPreferred).length);

    const distances = Array.from({ length: ITEMS * ITEMS }, () => stream.next());
    const distance = (i: number, j: number): number => distances[Math.min(i, j) * ITEMS + Math.max(i, j)]!;
    const pairs = list.flatMap((a, i) => list.slice(i + 1).map((b) => distance(a, b)));
    expect(pairs).toHaveLength(45);
    within(diversityOf(list, distance), pairs.reduce((x, y) => x + y, 0) / 45, 1e-12);

    const shares = Array.from({ length: ITEMS }, () => stream.next());
    const bits = shares.map((share) => -Math.log2(share));
    const novelty = list.map((item) => -Math.log2(shares[item]!)).reduce((x, y) => x + y, 0) / LIST;
    within(noveltyOf(list, bits), novelty, 1e-12);

    // Every way in which the preferred titles of the list are played or not.
    const chances = list.map((item, k) => (isPreferred(item) ? 0.12 / Math.log2(k + 2) : 0));
    let nothing = 0;
    for (let mask = 0; mask < 2 ** LIST; mask++) {
      const chance = chances.reduce((product, p, k) => product * (mask & (1 << k) ? p : 1 - p), 1);
      if (mask === 0) nothing = chance;
    }
    within(playChance(list, isPreferred), 1 - nothing, 1e-12);
  });
});

test('a list of preferred titles is hit ten times; one of none is never played', () => {
  expect(hitsOf(first, () => true)).toBe(10);
  expect(playChance(first, () => false)).toBe(0);
  within(
    playChance(first, (item) => item === 0),
    0.12,
  );
  expect(playChance(first, (item) => item === 0)).toBeGreaterThan(playChance(first, (item) => item === 9));
});

test('ten titles of one genre have no diversity, ten of as many genres all of it', () => {
  expect(diversityOf(first, () => 0)).toBe(0);
  expect(diversityOf(first, () => 1)).toBe(1);
});

test('a title with one play in a thousand is worth ten bits', () => {
  within(noveltyOf(first, Array(ITEMS).fill(-Math.log2(1 / 1024))), 10);
});
