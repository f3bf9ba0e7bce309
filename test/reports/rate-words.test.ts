import { expect, test } from 'vitest';
import { incompleteRollbacks, rareRate } from '../../reports/rate-words.ts';
import { boundOf, type Characteristics } from '../../tuning/characteristics.ts';
import type { FalseRollbackRate } from '../../tuning/rare/false-rollback.ts';

const rate: FalseRollbackRate = {
  scenario: 's',
  recordings: 8,
  events: 0,
  ratio: 1e-5,
  low: 0,
  high: 4.6e-5,
  estimator: 'guard by guard',
  assumes: ['independent minutes'],
  counted: { low: 0, high: 0.36941665 },
  guards: [],
};

test('a rate that was never seen is a bound, with what it rests on and what counting says', () => {
  expect(rareRate(rate)).toBe(
    'at most 4.6e-5 if minutes are independent (0 of 8 recordings: at most 36.9 % by counting alone)',
  );
  expect(rareRate({ ...rate, assumes: ['independent minutes', 'independent requests'] })).toContain(
    'if minutes and requests are independent',
  );
});

test('a rate that was seen has its interval, and one that was counted rests on nothing', () => {
  expect(rareRate({ ...rate, events: 8, ratio: 1, low: 0.9, high: 1, counted: { low: 0.63058335, high: 1 } })).toBe(
    '100 %, 90 % to 100 % if minutes are independent (8 of 8 recordings: 63.1 % to 100 % by counting alone)',
  );
  expect(rareRate({ ...rate, estimator: 'counted', assumes: [], high: 0.422 })).toBe(
    'at most 42.2 % (0 of 8 recordings, counted)',
  );
});

const of = (...rollbacksMs: readonly (number | null)[]): Characteristics =>
  ({ rollbackBound: boundOf(rollbacksMs) }) as Characteristics;

test('rollbacks that never completed are told, and nothing is said where all did', () => {
  expect(incompleteRollbacks([of(1, 2), of()])).toEqual([]);
  expect(incompleteRollbacks([of(1, null), of(), of(null, 3, 4)])).toEqual([
    '2 of 5 rollbacks had not finished when the rehearsal ended: times are of the others, and none of them bounds how long a rollback takes.',
  ]);
});
