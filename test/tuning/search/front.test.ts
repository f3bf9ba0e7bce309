import { array, assert, integer, property, tuple } from 'fast-check';
import { expect, test } from 'vitest';
import { dominates, frontsOf, paretoFront } from '../../../tuning/search/front.ts';
import type { Objectives } from '../../../tuning/search/search-result.ts';

const at = (falseRollback: number, detectionDelayMs: number, timeToPromoteMs = 1): Objectives => ({
  falseRollback,
  undecidedHealthy: 0,
  notCaught: 0,
  detectionDelayMs,
  harm: 0,
  timeToPromoteMs,
});

test('the front holds every trade-off and nothing that is worse in one thing and better in none', () => {
  const all = [at(0.2, 5), at(0.1, 9), at(0.1, 10), at(0.3, 5), at(0, 20)];
  expect(paretoFront(all)).toEqual([0, 1, 4]);
});

test('of policies that are equal otherwise the one that promotes sooner stays, and of equal ones the first', () => {
  expect(paretoFront([at(0.1, 9, 3), at(0.1, 9, 2), at(0.1, 9, 2)])).toEqual([1]);
});

const objectives = tuple(integer({ min: 0, max: 3 }), integer({ min: 0, max: 3 }), integer({ min: 0, max: 2 })).map(
  ([a, b, c]) => at(a, b, c),
);

test('the front is what comparing everybody with everybody leaves', () => {
  assert(
    property(array(objectives, { minLength: 1, maxLength: 30 }), (all) => {
      const front = new Set(paretoFront(all));
      for (const [i, one] of all.entries()) {
        const beaten = all.some((other) => dominates(other, one));
        const twin = all.findIndex((other) => JSON.stringify(other) === JSON.stringify(one)) < i;
        expect(front.has(i)).toBe(!beaten && !twin);
      }
    }),
    { seed: 6 },
  );
});

test('fronts part all there is, and each is what nobody in it or after it beats', () => {
  assert(
    property(array(objectives, { maxLength: 30 }), (all) => {
      const fronts = frontsOf(all);
      expect(fronts.flat().toSorted((a, b) => a - b)).toEqual(all.map((_, i) => i));
      for (const [rank, front] of fronts.entries()) {
        const left = fronts.slice(rank).flat();
        for (const i of front) expect(left.some((j) => dominates(all[j]!, all[i]!))).toBe(false);
        // Beaten by somebody of the front before, or equal to one of it: otherwise it would have been on that one.
        for (const i of rank === 0 ? [] : front)
          expect(
            fronts[rank - 1]!.some(
              (j) => dominates(all[j]!, all[i]!) || JSON.stringify(all[j]) === JSON.stringify(all[i]),
            ),
          ).toBe(true);
      }
    }),
    { seed: 7 },
  );
});
