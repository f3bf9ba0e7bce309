import { expect, test } from 'vitest';
import { rateWords } from '../../tools/tune-seed.ts';

const rate = { scenario: 's', recordings: 8, guards: [], estimator: 'guard by guard' as const };

test('a rate that was never seen is a bound, and one that was has its interval', () => {
  expect(rateWords({ ...rate, events: 0, ratio: 1e-5, low: 0, high: 4.6e-5 })).toBe(
    'at most 4.6e-5 (guard by guard, 0 of 8 recordings)',
  );
  expect(rateWords({ ...rate, events: 8, ratio: 1, low: 0.9, high: 1 })).toBe(
    '100 %, 90 % to 100 % (guard by guard, 8 of 8 recordings)',
  );
});
