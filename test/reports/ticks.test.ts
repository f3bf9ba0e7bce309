import { describe, expect, it } from 'vitest';
import { logTicks } from '../../reports/charts/parts.ts';

describe('ticks of a logarithmic axis', () => {
  it('are round values, fewer the longer the axis is', () => {
    expect(logTicks([1, 900])).toEqual([1, 10, 100, 1000]);
    expect(logTicks([20, 100])).toEqual([20, 50, 100]);
  });

  it('are even steps where hardly a round value fits in, so that a flat line can be read as well', () => {
    expect(logTicks([20.3, 23.7])).toEqual([20, 25]);
    expect(logTicks([44.1, 44.9])).toEqual([40, 50]);
    for (const at of [0.0123, 1.07, 999, 31_234])
      for (const spread of [1, 1.001, 1.1, 1.4]) expect(logTicks([at, at * spread]).length, `${at}`).toBeGreaterThan(1);
  });
});
