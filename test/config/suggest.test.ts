import { expect, test } from 'vitest';
import { didYouMean, editDistance, nearest } from '../../config/suggest.ts';

test.each([
  ['', '', 0],
  ['abc', '', 3],
  ['kitten', 'sitting', 3],
  ['ab', 'ba', 1],
  ['weigth', 'weight', 1],
])('%s → %s takes %d edits', (a, b, edits) => {
  expect(editDistance(a, b)).toBe(edits);
  expect(editDistance(b, a)).toBe(edits);
});

test('the nearest word is suggested, however it is spelled', () => {
  expect(nearest('lognormall', ['constant', 'lognormal'])).toBe('lognormal');
  expect(nearest('Queue_limit', ['queueTimeout', 'queueLimit'])).toBe('queueLimit');
  expect(nearest('x', ['a', 'b'])).toBeNull();
  expect(nearest('durations', ['seed', 'traffic'])).toBeNull();
  expect(didYouMean('polcy', ['policy'])).toBe("; did you mean 'policy'?");
  expect(didYouMean('zzz', ['policy'])).toBe('');
});
