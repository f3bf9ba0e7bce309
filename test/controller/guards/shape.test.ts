/** Distributions as the guards see them: ranks, edges and distances (statistics §10, §14). */
import { describe, expect, it } from 'vitest';
import { cdfRadius, closedConstant } from '../../../controller/guards/cdf-radius.ts';
import { quantileInterval } from '../../../controller/guards/quantile-sequence.ts';
import { valuesOf } from '../../../controller/guards/rank-test.ts';
import { atRank, distances, type Shape } from '../../../controller/guards/shape.ts';
import { within } from '../../statistics/within.ts';

/** Values that are their own positions; `n` counts those without a value too. */
function shapeOf(values: readonly number[], n: number = values.length): Shape {
  return { counts: valuesOf(values), n, low: (at) => at, high: (at) => at };
}
/** 1 … n, one of each: the value at a rank is the rank. */
const ranks = (n: number): Shape => shapeOf(Array.from({ length: n }, (_, i) => i + 1));

describe('ranks of a quantile interval', () => {
  it.each([
    [62_505, 0.95, 58_664, 60_096],
    [1_187_490, 0.95, 1_124_966, 1_131_266],
    [4167, 0.5, 1901, 2267],
  ])('%i values, p %f: %i to %i', (n, p, low, high) =>
    expect(quantileInterval(ranks(n), p, cdfRadius(n, closedConstant(0.025)))).toEqual({ low, high }),
  );

  it('leave the values at the ends, and fall among what has no value', () => {
    expect(quantileInterval(ranks(20), 0.95, 0.2)).toEqual({ low: 15, high: Infinity });
    expect(quantileInterval(ranks(20), 0.05, 0.2)).toEqual({ low: -Infinity, high: 5 });
    expect(atRank(shapeOf([1, 2, 3], 5), 3)).toEqual([3, 3]);
    expect(atRank(shapeOf([1, 2, 3], 5), 4)).toEqual([Infinity, Infinity]);
  });
});

describe('distances', () => {
  it.each([
    [[0.31, 0.52, 0.44, 0.61, 0.29, 0.48], [0.3, 0.41, 0.36, 0.55, 0.27, 0.43], 0.5],
    [[1, 1.2, 1.1, 1.4, 1.3], [1, 1.1, 0.9, 1.2, 1], 0.4],
    [[3, 1, 4, 1, 5, 9, 2, 6], [2, 7, 1, 8, 2, 8], 0.375],
  ])('of %j and %j', (x, y, expected) => {
    const { above, below } = distances(shapeOf(x), shapeOf(y));
    within(Math.max(above, below), expected, 1e-12);
    const mirrored = distances(shapeOf(y), shapeOf(x));
    expect([mirrored.above, mirrored.below]).toEqual([below, above]);
  });

  it('what has no value is larger than any', () => {
    expect(distances(shapeOf([1, 2], 4), shapeOf([1, 2])).above).toBe(0.5);
    expect(distances(shapeOf([1, 2], 4), shapeOf([1, 2], 4))).toEqual({ above: 0, below: 0 });
  });
});
