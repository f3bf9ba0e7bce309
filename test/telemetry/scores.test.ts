import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeScores, encodeScores, NO_SCORES, ScoreRecorder, ScoreTotal, sumScores } from '../../telemetry/scores.ts';
import type { ScoreHistogram } from '../../telemetry/window.ts';

const grid = { low: -10, high: 40, bins: 200 };
const recorded = (scores: readonly number[]): ScoreHistogram => {
  const recorder = new ScoreRecorder(grid);
  for (const score of scores) recorder.record(score);
  return recorder.close();
};
/** Multiples of 1/8, whose sums are exact. */
const scores = fc.array(
  fc.integer({ min: -160, max: 400 }).map((n) => n / 8),
  { maxLength: 200 },
);

describe('a histogram of scores', () => {
  test('encoded and decoded is itself', () => {
    fc.assert(
      fc.property(scores, (values) => {
        const histogram = recorded(values);
        expect(decodeScores(encodeScores(histogram), histogram.sum)).toEqual(histogram);
      }),
    );
  });

  test('survives the encoding with large counts and far bins', () => {
    const histogram = {
      count: 2 ** 31 + 130,
      sum: 1.5,
      bins: Uint32Array.of(0, 127, 128, 65_536),
      counts: Uint32Array.of(1, 128, 2 ** 31, 1),
    };
    expect(decodeScores(encodeScores(histogram), 1.5)).toEqual(histogram);
  });

  test('of two windows is the histogram of all their scores', () => {
    fc.assert(
      fc.property(scores, scores, (a, b) => {
        expect(sumScores([recorded(a), recorded(b)])).toEqual(recorded([...a, ...b]));
      }),
    );
    expect(sumScores([])).toEqual(NO_SCORES);
  });

  test('counts scores outside the grid in the bins at its edge, and keeps their sum', () => {
    const { bins, counts, sum } = recorded([-1000, -10, 39.99, 40, 1000]);
    expect([[...bins], [...counts], sum]).toEqual([[0, 199], [2, 3], expect.closeTo(69.99, 9)]);
  });
});

describe('the median of many windows', () => {
  test('is that of all scores together, to the width of a bin', () => {
    fc.assert(
      fc.property(scores, scores, (a, b) => {
        fc.pre(a.length + b.length > 0);
        const total = new ScoreTotal(grid);
        for (const window of [a, b]) total.add(recorded(window));
        const sorted = [...a, ...b].map((s) => Math.min(40, Math.max(-10, s))).toSorted((x, y) => x - y);
        const exact = sorted[Math.ceil(sorted.length / 2) - 1]!;
        expect(Math.abs(total.quantile(0.5)! - exact)).toBeLessThanOrEqual(0.25 + 1e-9);
      }),
    );
  });

  test('is linear inside a bin', () => {
    const total = new ScoreTotal({ low: 0, high: 10, bins: 10 });
    total.add({ count: 4, sum: 0, bins: Uint32Array.of(3, 7), counts: Uint32Array.of(3, 1) });
    // The second of three scores that share [3, 4).
    expect(total.quantile(0.5)).toBeCloseTo(3 + 2 / 3, 9);
    expect(total.quantile(1)).toBe(8);
  });

  test('of no scores is absent', () => expect(new ScoreTotal(grid).quantile(0.5)).toBeNull());
});
