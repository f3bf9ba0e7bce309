import { expect, test } from 'vitest';
import { parseReference, referenceOf } from '../../models/reference.ts';

test('a model without skew is its name, with it another reference, whatever the order it was written in', () => {
  expect(referenceOf({ model: 'eta' })).toBe('eta');
  expect(referenceOf({ model: null })).toBeNull();
  const one = referenceOf({ model: 'eta', servingSkew: { b: 2, a: 3 } })!;
  expect(one).toBe('eta?{"a":3,"b":2}');
  expect(referenceOf({ model: 'eta', servingSkew: { a: 3, b: 2 } })).toBe(one);
  expect(parseReference(one)).toEqual({ name: 'eta', skew: { a: 3, b: 2 } });
  expect(parseReference('eta')).toEqual({ name: 'eta', skew: {} });
});
