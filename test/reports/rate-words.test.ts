import { expect, test } from 'vitest';
import { gainText, incompleteRollbacks, moreNeeded, rareRate } from '../../reports/rate-words.ts';
import { boundOf, type Characteristics } from '../../tuning/characteristics.ts';
import { rateOf } from '../../tuning/distribution.ts';
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

const rolledBack = (scenario: string, events: number, n: number): Characteristics =>
  ({ scenario, policy: 'p', falseRollback: rateOf(events, n), missedRegression: null }) as Characteristics;
const missed = (events: number, n: number): Characteristics => ({
  ...rolledBack('bad', 0, n),
  missedRegression: rateOf(events, n),
});

test('says how many replications the rarest error that was seen takes to be known', () => {
  expect(moreNeeded([rolledBack('a', 50, 500), rolledBack('b', 5, 500), missed(20, 500)])).toEqual([
    'The rarest error seen, false rollbacks of b under p (5 = 1 %), would be known to ± 50 % of itself after about 1,522 replications, to ± 20 % of itself after about 9,508 replications.',
  ]);
  expect(moreNeeded([missed(20, 500)])).toEqual([
    'The rarest error seen, missed regressions of bad under p (20 = 4 %), would be known to ± 20 % of itself after about 2,305 replications.',
  ]);
});

test('and nothing where they have been done, or too little was seen to say', () => {
  expect(moreNeeded([rolledBack('a', 100, 10_000)])).toEqual([]);
  expect(
    moreNeeded([rolledBack('a', 2, 500), rolledBack('b', 0, 500), rolledBack('c', 500, 500), missed(0, 9)]),
  ).toEqual([]);
  expect(moreNeeded([])).toEqual([]);
});

test('tells what sharing rollouts was worth', () => {
  expect([gainText(7), gainText(2.9316787), gainText(null)]).toEqual(['× 7', '× 2.9', '–']);
});
