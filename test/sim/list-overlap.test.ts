/** How alike two lists are, against sets, and check values of rank-biased overlap worked out elsewhere. */
import { describe, expect, test } from 'vitest';
import { LIST, rankBiasedOverlap, sharedItems } from '../../sim/list-overlap.ts';
import { Stream } from '../../sim/random.ts';
import { within } from '../statistics/within.ts';

const first = Array.from({ length: LIST }, (_, i) => i);

describe('check values', () => {
  test.each([
    ['the first two exchanged', [1, 0, 2, 3, 4, 5, 6, 7, 8, 9], 0.9],
    ['turned round', first.toReversed(), 0.511607565643],
    ['the better half kept', [0, 1, 2, 3, 4, 20, 21, 22, 23, 24], 0.744196217179],
    ['the better half moved down', [20, 21, 22, 23, 24, 0, 1, 2, 3, 4], 0.255803782821],
    ['equal', first, 1],
    ['disjoint', first.map((item) => item + 10), 0],
  ])('%s', (_, other, expected) => within(rankBiasedOverlap(first, 0, other, 0), expected, 1e-9, 1e-12));
});

test('lists within longer arrays are found at their place; overlap is the size of the intersection', () => {
  const stream = new Stream('sim/overlap');
  const draw = (): number[] => {
    const list = new Set<number>();
    while (list.size < LIST) list.add(Math.floor(stream.next() * 25));
    return [...list];
  };
  for (let run = 0; run < 200; run++) {
    const [a, b] = [draw(), draw()];
    const both = a.filter((item) => b.includes(item)).length;
    expect(sharedItems(Uint16Array.from([...first, ...a]), LIST, b, 0)).toBe(both);
    const depths = Array.from({ length: LIST }, (_, i) => i + 1);
    const agreement = (d: number): number => a.slice(0, d).filter((item) => b.slice(0, d).includes(item)).length / d;
    const sum = depths.reduce((total, d) => total + agreement(d) * 0.9 ** d, 0);
    within(rankBiasedOverlap(a, 0, b, 0), agreement(LIST) * 0.9 ** LIST + (0.1 / 0.9) * sum, 1e-12, 1e-12);
  }
});
