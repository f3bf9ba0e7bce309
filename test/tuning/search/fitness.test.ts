import { expect, test } from 'vitest';
import { fitnessOf } from '../../../tuning/search/fitness.ts';
import type { Objectives } from '../../../tuning/search/search-result.ts';

const at = (falseRollback: number, harm: number): Objectives => ({
  falseRollback,
  undecidedHealthy: 0,
  notCaught: 0,
  detectionDelayMs: 0,
  harm,
  timeToPromoteMs: null,
});

test('fronts come in their order, what is apart from others first on each, then twins, and what is refused last', () => {
  const all = [null, at(0, 4), at(1, 3.9), at(2, 2), at(4, 0), at(3, 3), at(5, 5), at(2, 2)];
  const fitness = fitnessOf(all);
  const order = all.map((_, i) => i).toSorted((a, b) => fitness[b]! - fitness[a]!);
  // The ends of the front, then the lonelier of its middle, then what one beats, what many beat, the twin, and what is refused.
  expect(order).toEqual([1, 4, 3, 2, 5, 6, 7, 0]);
});

test('of policies on a front that reach as far apart in every objective, none is fitter than another', () => {
  const fitness = fitnessOf([at(0, 3), at(1, 2), at(2, 1), at(3, 0)]);
  expect(fitness[0]).toBe(fitness[3]);
  expect(fitness[1]).toBe(fitness[2]);
  expect(fitness[0]).toBeGreaterThan(fitness[1]!);
});

test('an objective that is the same for all, or that nothing is known of, tells nobody apart', () => {
  const all = [at(0, 4), at(1, 3.9), at(2, 2), at(4, 0)];
  expect(fitnessOf(all.map((each) => ({ ...each, notCaught: null })))).toEqual(fitnessOf(all));
  expect(fitnessOf([])).toEqual([]);
});
