/** Check values of means and their changes, worked out with 40 digits by another route (influence values for pairs). */
import { describe, expect, it } from 'vitest';
import { sequenceRadius } from '../../controller/guards/log-ratio.ts';
import { logMeanChange, meanOf, pairedMeanChange, sideOf, varianceOf } from '../../statistics/means.ts';
import { within } from './within.ts';

const moments = (count: number, sum: number, squares: number) => ({ count, sum, squares });

const sum = (values: readonly number[]): number => values.reduce((x, y) => x + y, 0);

describe('the change of a mean against another arm', () => {
  it.each([
    [
      [54_148, 33_448, 33_448],
      [1_039_793, 644_469, 644_469],
      [-0.00337883232683, 0.0034668697895, 0.0124883989292],
    ],
    [
      [25_559, 80_223_460, 540_031_928_122],
      [498_832, 1_565_841_300, 10_400_000_000_000],
      [-8.26790144594e-5, 0.00685728830355, 0.0244976254827],
    ],
  ] as const)('%j against %j', (own, reference, [value, se, radius]) => {
    const [a, b] = [moments(own[0], own[1], own[2]), moments(reference[0], reference[1], reference[2])];
    const change = logMeanChange(a, b)!;
    within(change.value, value, 1e-6, 1e-12);
    within(change.standardError, se);
    within(sequenceRadius('one', change.standardError, a.count + b.count, 500_000, 0.005), radius);
  });

  it('of zeros and ones is the log ratio with its binomial standard error', () => {
    const change = logMeanChange(moments(1000, 50, 50), moments(9000, 500, 500))!;
    within(change.value, Math.log(0.05 / (500 / 9000)));
    within(change.standardError, Math.sqrt(1 / 50 - 1 / 1000 + 1 / 500 - 1 / 9000));
  });

  it('is unknown without values, or with a mean that is not above 0', () => {
    const some = moments(10, 5, 5);
    expect(logMeanChange(moments(0, 0, 0), some)).toBeNull();
    expect(logMeanChange(some, moments(10, 0, 0))).toBeNull();
    expect(logMeanChange(moments(10, -5, 5), some)).toBeNull();
    expect(meanOf(moments(0, 0, 0))).toBeNull();
  });
});

describe('the change of a mean on the same requests', () => {
  const b = [5, 4, 7, 6, 0, 3, 8, 5, 2, 10, 6, 1];
  const c = [6, 4, 7, 5, 1, 3, 9, 4, 2, 10, 7, 1];
  const pairs = {
    count: 12,
    baselineSum: sum(b),
    candidateSum: sum(c),
    baselineSquares: sum(b.map((x) => x * x)),
    candidateSquares: sum(c.map((x) => x * x)),
    products: sum(b.map((x, i) => x * c[i]!)),
  };

  it('twelve pairs', () => {
    const change = pairedMeanChange(pairs)!;
    within(change.value, 0.0344861760712);
    within(change.standardError, 0.041127339642);
    within(sequenceRadius('one', change.standardError, 12, 12, 0.05), 0.114296752513);
  });

  it('knows far more than the same values taken for independent', () => {
    const apart = logMeanChange(sideOf(pairs, 'candidate'), sideOf(pairs, 'baseline'))!;
    within(apart.value, pairedMeanChange(pairs)!.value);
    expect(apart.standardError).toBeGreaterThan(5 * pairedMeanChange(pairs)!.standardError);
  });

  it('of equal answers is 0, without an error', () => {
    const same = {
      ...pairs,
      candidateSum: sum(b),
      candidateSquares: pairs.baselineSquares,
      products: pairs.baselineSquares,
    };
    expect(pairedMeanChange(same)!.value).toBe(0);
    expect(pairedMeanChange(same)!.standardError).toBeLessThan(1e-8);
  });
});

it('the variance of one value is the empirical one', () => {
  within(varianceOf(moments(4, 10, 30)), 30 / 4 - 2.5 ** 2);
  expect(varianceOf(moments(3, 3, 3))).toBe(0);
});
