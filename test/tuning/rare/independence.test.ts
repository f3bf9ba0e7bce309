import { expect, test } from 'vitest';
import { Stream } from '../../../sim/random.ts';
import { type Blocks, mayBeIndependent, together } from '../../../tuning/rare/independence.ts';

const RECORDINGS = 20;
const BLOCKS = 60;
const drawn = (of: (recording: number, block: number) => boolean): Blocks =>
  Array.from({ length: RECORDINGS }, (_, r) => Array.from({ length: BLOCKS }, (__, b) => of(r, b)));

test('blocks that are independent of each other are hardly ever taken for clumps, though places differ', () => {
  const random = new Stream('independent');
  let given = 0;
  for (let i = 0; i < 100; i++)
    // The first ten minutes are over far more often than the rest.
    if (!mayBeIndependent([drawn((_, b) => random.next() < (b < 5 ? 0.6 : 0.03))])) given++;
  // 5 % of 100; more than 12 of them have a probability of 1e-3.
  expect(given).toBeLessThanOrEqual(12);
});

test('one rollout of many that is over to its end is no chance', () => {
  const persistent = drawn((r, b) => r === 3 && b >= 20);
  expect(mayBeIndependent([persistent])).toBe(false);
  expect(together([persistent])).toEqual({ neighbours: 1 / 1000, unequal: 1 / 1000 });
});

test('clumps are found although every recording has as many, each at a place of its own', () => {
  const clumps = drawn((r, b) => b >= 3 * r && b < 3 * r + 3);
  const found = together([clumps])!;
  expect(found.neighbours).toBe(1 / 1000);
  expect(found.unequal).toBeGreaterThan(0.5);
  expect(mayBeIndependent([clumps])).toBe(false);
});

test('rollouts that are worse as a whole are found although no two neighbours are over', () => {
  const uneven = drawn((r, b) => r < 4 && b % 5 === 0 && b > 0);
  expect(together([uneven])!.unequal).toBe(1 / 1000);
});

test('a cause that lasts from one stage into the next counts, and what ends with one does not touch the next', () => {
  const one = drawn((r, b) => r === 3 && b === BLOCKS - 1);
  const next = drawn((r, b) => r === 3 && b === 0);
  expect(together([one, next])).toMatchObject({ neighbours: 1 });
});

test('where no block is over, or all are, nobody can tell', () => {
  expect(together([drawn(() => false)])).toBeNull();
  expect(together([drawn((_, b) => b < 5)])).toBeNull();
  expect(mayBeIndependent([drawn(() => false)])).toBe(true);
});
