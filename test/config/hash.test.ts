import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson, hashOf } from '../../config/hash.ts';

describe('canonicalJson', () => {
  test('keys are sorted by code unit, at every depth', () => {
    expect(canonicalJson({ b: 1, a: { ä: 1, z: 2, Z: [3, null, true] } })).toBe(
      '{"a":{"Z":[3,null,true],"z":2,"ä":1},"b":1}',
    );
  });

  test('is JSON that reads back as the value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test('infinities read back as such; -0 is 0; undefined keys do not exist', () => {
    expect(JSON.parse(canonicalJson([Infinity, -Infinity]))).toEqual([Infinity, -Infinity]);
    expect(canonicalJson({ a: -0, b: undefined })).toBe('{"a":0}');
    expect(canonicalJson(Float64Array.of(1, 2))).toBe('[1,2]');
  });

  test.each([[Number.NaN], [1n], [() => 1], [[undefined]]])('%s has no JSON form', (value) => {
    expect(() => canonicalJson(value)).toThrow(TypeError);
  });
});

describe('hashOf', () => {
  test('does not depend on the order of keys', () => {
    expect(hashOf({ a: 1, b: [1, 2] })).toBe(hashOf({ b: [1, 2], a: 1 }));
    expect(hashOf([1, 2])).not.toBe(hashOf([2, 1]));
  });

  test('is pinned', () => {
    expect(hashOf({ a: Infinity })).toBe('sha256:7fc8940a305ac930b84cdf1ab55fe88136c436e8dbe696f535e4b578d4dc3cb1');
  });
});
