import { describe, expect, it } from 'vitest';
import { isChart } from '../../reports/chart.ts';
import { allCharts } from '../../reports/charts/index.ts';
import { compiled, png, portableSpec, svg } from '../../reports/render.ts';
import { DARK, LIGHT, PAPER } from '../../reports/theme.ts';
import { fixture } from './fixture.ts';
import { type Kind, MINUTE } from './fixture-policy.ts';

const SMALL = 10 * MINUTE;
const chartsOf = async (kind: Kind) => (await allCharts(await fixture(kind, SMALL))).filter(isChart);
const ALL = [
  'timeline',
  'guards',
  'latency',
  'percentiles',
  'shadow-scores',
  'online-metric',
  'errors',
  'rollback',
  'harm',
];

describe('chart specifications', () => {
  for (const id of ALL)
    it(`${id}: data and specification are as they were`, async () => {
      const chart = (await chartsOf('rolled-back')).find((c) => c.id === id)!;
      await expect(`${JSON.stringify(portableSpec(chart), null, 1)}\n`).toMatchFileSnapshot(`golden/${id}.vl.json`);
    });

  for (const kind of ['promoted', 'rolled-back', 'paused'] as const)
    it(`compile and draw without a warning in every theme: ${kind}`, async () => {
      const warnings: string[] = [];
      for (const chart of await chartsOf(kind)) {
        for (const theme of [LIGHT, DARK, PAPER]) compiled(chart, theme, (m) => warnings.push(`${chart.id}: ${m}`));
        await svg(chart, (m) => warnings.push(`${chart.id}: ${m}`));
      }
      expect(warnings).toEqual([]);
    });

  it('hold their data only once, and no data outside datasets', async () => {
    for (const chart of await chartsOf('rolled-back'))
      expect(JSON.stringify(chart.spec(LIGHT)).length, chart.id).toBeLessThan(30_000);
  });

  it('name a column of every table that exists in its data', async () => {
    for (const { id, datasets, table } of await chartsOf('rolled-back')) {
      const row = datasets[table.dataset]![0]!;
      for (const column of table.columns) expect(Object.keys(row), id).toContain(column.field);
    }
  });
});

describe('what is left out', () => {
  it('says why: nothing was rolled back', async () => {
    const results = await allCharts(await fixture('promoted', SMALL));
    expect(results.find((r) => r.id === 'rollback')).toEqual({
      id: 'rollback',
      title: 'Rollback, step by step',
      because: 'nothing was rolled back',
    });
  });

  it('is everything when no request was ever sent', async () => {
    const results = await allCharts(await fixture('refused', SMALL));
    expect(results.map((r) => r.id)).toEqual(ALL);
    expect(results.filter(isChart)).toEqual([]);
  });
});

describe('pictures', () => {
  it('carry text, a title and a description', async () => {
    for (const chart of await chartsOf('rolled-back')) {
      const picture = await svg(chart);
      expect(picture).toMatch(/<text[^>]*>[^<]/);
      expect(picture).toContain(`<title id="${chart.id}-title">`);
      expect(picture).toContain(`<desc id="${chart.id}-desc">`);
      expect(picture).toContain('role="img"');
      expect(picture).not.toContain('NaN');
    }
  });

  it('have the same bytes when several are drawn at the same time', async () => {
    const charts = await chartsOf('rolled-back');
    const alone: string[] = [];
    for (const chart of charts) alone.push(await svg(chart));
    expect(alone.join(''), 'some of them clip').toContain('url(#clip');
    expect(await Promise.all(charts.map((chart) => svg(chart)))).toEqual(alone);
  });

  it('have the same bytes at every rendering, as SVG and as PNG', async () => {
    for (const chart of await chartsOf('rolled-back')) {
      const [first, second] = [await svg(chart), await svg(chart)];
      expect(second).toBe(first);
      expect(Buffer.from(png(second)).equals(Buffer.from(png(first)))).toBe(true);
    }
  });

  it('have their text drawn: without fonts there would be fewer bytes', async () => {
    for (const chart of await chartsOf('rolled-back')) {
      const picture = await svg(chart);
      const mute = picture.replace(/<text[^>]*>[^<]*<\/text>/g, '');
      expect(png(picture).length, chart.id).toBeGreaterThan(png(mute).length * 1.2);
    }
  });
});
