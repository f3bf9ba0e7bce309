import { describe, expect, it } from 'vitest';
import type { Chart } from '../../reports/chart.ts';
import { logTicks, timeX } from '../../reports/charts/parts.ts';
import { svg } from '../../reports/render.ts';
import { timeAxis } from '../../reports/time-axis.ts';

const MINUTE = 60_000;

describe('ticks of the time axis', () => {
  it.each([
    ['quarters of an hour', 190 * MINUTE, '0.25', '2.75'],
    ['half-hours', 6.5 * 60 * MINUTE, '0.5', '6.5'],
    ['whole hours', 13 * 60 * MINUTE, '1', '13'],
    ['quarters of a minute', 3.1 * MINUTE, '0.25', '1.75'],
    ['ten minutes', 110 * MINUTE, '10', '110'],
    ['quarter-seconds', 3000, '0.75', '3'],
  ])('%s: are labelled with what they are, none rounded', async (_, spanMs, ...some) => {
    const axis = timeAxis(spanMs);
    const chart: Chart = {
      id: 'times',
      title: 'times',
      finding: 'an axis alone',
      note: '',
      datasets: { rows: [{ t: 0 }, { t: axis.end }] },
      table: { dataset: 'rows', columns: [] },
      fixedWidth: false,
      spec: () => ({ data: { name: 'rows' }, mark: 'tick', width: 840, encoding: { x: timeX(axis) } }),
    };
    const labels = [...(await svg(chart)).matchAll(/<text[^>]*>([\d.]+)<\/text>/g)].map(([, label]) => label);
    expect(labels.map(Number)).toEqual(axis.ticks);
    expect(labels).toEqual(expect.arrayContaining(some));
  });
});

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
