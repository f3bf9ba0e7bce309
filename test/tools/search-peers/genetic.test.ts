import { expect, test } from 'vitest';
import { rankedFitness } from '../../../tools/search-peers/genetic.ts';
import type { Objectives } from '../../../tuning/search/search-result.ts';

const at = (falseRollback: number, harm: number): Objectives => ({
  falseRollback,
  undecidedHealthy: 0,
  notCaught: 0,
  detectionDelayMs: 0,
  harm,
  timeToPromoteMs: null,
});

test('fronts come in their order, what is apart from others first on each, and twins last', () => {
  const all = [at(0, 4), at(1, 3.9), at(2, 2), at(4, 0), at(3, 3), at(5, 5), at(2, 2)];
  const fitness = rankedFitness(all);
  const order = all.map((_, i) => i).toSorted((a, b) => fitness[b]! - fitness[a]!);
  // The ends of the front, then the lonelier of its middle, then what one beats, what many beat, and the twin.
  expect(order).toEqual([0, 3, 2, 1, 4, 5, 6]);
});
