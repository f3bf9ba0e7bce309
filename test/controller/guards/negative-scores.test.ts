/** Changes of scores that may be negative, or that are 0: told in interquartile ranges of the other arm, since their value is no measure of them. */
import { describe, expect, it } from 'vitest';
import type { Bound, Guard } from '../../../controller/policy.ts';
import { scaleOf } from '../../../controller/guards/scores.ts';
import { changeOf } from '../../../controller/guards/relative.ts';
import { within } from '../../statistics/within.ts';
import { guardOf, headerOf, MINUTE, rehearse } from '../support.ts';
import { oneStage, predicting, scores, verdictsOf } from './tested.ts';

const bound = (by: number): Bound => ({ kind: 'relative', to: 'control', direction: 'either', by });
const median = (by: number): Guard =>
  guardOf({
    metric: { kind: 'score', quantile: 0.5 },
    bound: bound(by),
    sustained: { forMs: MINUTE, reading: 'pooled' },
    minSamples: 1000,
  });
/** A quarter below, half around and a quarter above the bin: a median at the middle of it, 20.0 bins between the quartiles. */
const around = (bin: number) => scores([bin - 20, 1000], [bin, 2000], [bin + 20, 1000]);

function said(by: number, grid: { low: number; high: number }, candidate: number, control = 50) {
  const policy = oneStage([median(by)], 3 * MINUTE);
  const header = { ...headerOf(policy), scoreGrid: { ...grid, bins: 100 } };
  const script = predicting(around(candidate), around(control));
  const r = rehearse(policy, { script, windowMs: MINUTE }, header);
  return { state: r.state, last: verdictsOf(r).at(-1)! };
}

describe('scores on a grid that reaches below 0', () => {
  const grid = { low: -1, high: 1 };

  it('a median of 0.05 beside one of 0.01 is a tenth of the interquartile range away, not 400 %', () => {
    const { state, last } = said(0.2, grid, 52);
    expect(state.verdict).toBe('promoted');
    within(last.scale!, 0.4);
    expect(last.because).toBe(
      "score median 0.05, 10 % of the interquartile range above the control's 0.01 (not more than 20 %) over the last 1m, n = 4,000",
    );
    expect(state.explanation).toContain(
      "worst: score median 10 % of the interquartile range off the control's, of 20 %",
    );
    expect(said(0.05, grid, 52).state.verdict).toBe('rolled-back');
    expect(said(0.05, grid, 48).last.because).toContain('10 % of the interquartile range below');
  });

  it('without any spread there is nothing to relate a change to', () => {
    const point = scores([50, 4000]);
    const values = { at: [...point.bins], counts: [...point.counts] };
    within(scaleOf(values, 0.01, { ...grid, bins: 100 })!, 0.01);
    expect(changeOf(0.05, 0.01, 0)).toBeNull();
  });
});

describe('scores that cannot be negative', () => {
  it('are related to their value', () => {
    const { state, last } = said(0.2, { low: 0, high: 1 }, 52);
    expect(state.verdict).toBe('promoted');
    expect(last.scale).toBeUndefined();
    expect(last.because).toContain("score median 0.525, 3.96 % above the control's 0.505 (not more than 20 %)");
  });

  it('except to one that is 0', () => {
    const none = { at: [0, 1], counts: [3000, 1000] };
    expect(scaleOf(none, 0.5, { low: 0, high: 1, bins: 2 })).toBeNull();
    within(scaleOf(none, 0, { low: 0, high: 1, bins: 2 })!, 0.5 - 1 / 6);
    expect(changeOf(0.1, 0)).toBeNull();
    within(changeOf(0.1, 0, 0.4)!, 0.25);
  });
});
