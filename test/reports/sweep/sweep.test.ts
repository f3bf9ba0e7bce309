import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Chart, type LeftOut } from '../../../reports/chart.ts';
import { chartsOf } from '../../../reports/html/page.ts';
import { compiled, portableSpec, svg } from '../../../reports/render.ts';
import { writeSweepReport } from '../../../reports/sweep/report.ts';
import { sweepSections } from '../../../reports/sweep/sections.ts';
import type { SweepData } from '../../../reports/sweep/sweep-data.ts';
import { DARK, LIGHT, PAPER } from '../../../reports/theme.ts';
import { COLD, CREEPS, HEALTHY, SLOW, sweepOf } from './fixture.ts';
import { searchOf, withSearch } from './fixture-search.ts';

const MANY = sweepOf([HEALTHY, COLD, SLOW, ...CREEPS], ['seed', 'calm'], 40);
const ONE = sweepOf([HEALTHY], ['seed'], 20);
const SEARCHED = withSearch(ONE);
const chartOf = (sweep: SweepData, id: string): Chart => chartsOf(sweepSections(sweep)).find((each) => each.id === id)!;
const because = (sweep: SweepData, id: string): string =>
  (sweepSections(sweep).find((each) => each.id === id) as LeftOut).because;

describe('a sweep of several policies on several scenarios', () => {
  for (const chart of chartsOf(sweepSections(MANY)))
    it(`${chart.id}: data and specification are as they were`, async () => {
      await expect(`${JSON.stringify(portableSpec(chart), null, 1)}\n`).toMatchFileSnapshot(
        `golden/${chart.id}.vl.json`,
      );
    });

  it('has every chart', () => {
    expect(chartsOf(sweepSections(MANY)).map(({ id }) => id)).toEqual([
      'verdicts',
      'false-rollbacks',
      'false-by-guard',
      'missed',
      'power',
      'detection-delay',
      'harm',
      'time-to-promote',
      'rollback-times',
      'paired',
    ]);
  });

  it('shows 0 events as an upper bound, never as a rate of 0', () => {
    const rows = chartOf(MANY, 'false-rollbacks').datasets['rates']!;
    const none = rows.find((row) => row['subject'] === 'seed-healthy' && row['policy'] === 'seed')!;
    expect(none).toMatchObject({ events: 0, ratio: null, kind: 'upper bound' });
    // Clopper-Pearson, 0 of 40: 1 − 0.025^(1/40).
    expect(none['to']).toBeCloseTo(1 - 0.025 ** (1 / 40), 9);
  });

  it('orders a power curve by the size of the change, as it was written', () => {
    const text = JSON.stringify(chartOf(MANY, 'power').spec(PAPER));
    expect(text).toContain('"domain":["0.05%","0.1%","0.2%","0.5%"]');
  });

  it('says which policy is better, and by how much', () => {
    expect(chartOf(MANY, 'paired').finding).toMatch(/tell them apart at 5 %; most clearly on .*\(p = /);
  });
});

describe('a sweep that searched', () => {
  it('pareto: data and specification are as they were', async () => {
    const text = `${JSON.stringify(portableSpec(chartOf(SEARCHED, 'pareto')), null, 1)}\n`;
    await expect(text).toMatchFileSnapshot('golden/pareto.vl.json');
  });

  it('draws every policy, and tells the base and the recommended one from the front', () => {
    const { policies, chosen } = searchOf();
    const rows = chartOf(SEARCHED, 'pareto').datasets['policies']!;
    expect(rows).toHaveLength(policies.length);
    const ids = (kind: string) => rows.filter((row) => row['kind'] === kind).map((row) => row['id']);
    expect(ids('as it was')).toEqual([0]);
    expect(ids('recommended')).toEqual([chosen.id]);
    const front = policies.filter(({ id, isOnFront }) => isOnFront && id !== chosen.id && id !== 0);
    expect(ids('on the front')).toEqual(front.map(({ id }) => id));
  });

  it('has no front without a healthy scenario', () => {
    const search = searchOf();
    const policies = search.policies.map((each) => ({ ...each, search: { ...each.search, falseRollback: null } }));
    const sweep = { ...SEARCHED, search: { ...SEARCHED.search!, result: { ...search, policies } } };
    expect(because(sweep, 'pareto')).toContain('no scenario of the sweep has a healthy candidate');
  });
});

describe('a sweep of one policy on one healthy scenario', () => {
  it('leaves out what it cannot know, and says why', () => {
    expect(chartsOf(sweepSections(ONE)).map(({ id }) => id)).toEqual([
      'verdicts',
      'false-rollbacks',
      'time-to-promote',
    ]);
    expect(because(ONE, 'power')).toContain('nothing was varied');
    expect(because(ONE, 'missed')).toContain('no scenario of the sweep has a regressed candidate');
  });

  it('has no legend of policies', () => {
    expect(JSON.stringify(chartOf(ONE, 'false-rollbacks').spec(LIGHT))).not.toContain('symbolSize');
  });
});

const axisOf = (replications: number): string =>
  JSON.stringify(chartOf(sweepOf([HEALTHY], ['seed'], replications), 'false-rollbacks').spec(PAPER));

describe('rates', () => {
  it('are on a logarithmic scale once they are small', () => {
    expect(axisOf(20)).toContain('"type":"linear"');
    expect(axisOf(1000)).toContain('"type":"log"');
  });
});

for (const [name, sweep] of [
  ['many', MANY],
  ['one', ONE],
  ['a search', SEARCHED],
] as const) {
  it(`charts of ${name} compile and draw without a warning in every theme`, async () => {
    const warnings: string[] = [];
    for (const chart of chartsOf(sweepSections(sweep))) {
      for (const theme of [LIGHT, DARK, PAPER]) compiled(chart, theme, (m) => warnings.push(`${chart.id}: ${m}`));
      expect(await svg(chart, (m) => warnings.push(`${chart.id}: ${m}`)), chart.id).not.toMatch(/NaN|undefined/);
      expect(Object.keys(chart.datasets[chart.table.dataset]![0]!), chart.id).toEqual(
        expect.arrayContaining(chart.table.columns.map(({ field }) => field)),
      );
    }
    expect(warnings).toEqual([]);
  });

  it(`the page of ${name} is self-contained, and states its findings in words`, async () => {
    const dir = mkdtempSync(join(tmpdir(), 'coalmine-sweep-report-'));
    await writeSweepReport(sweep, dir, ['html', 'svg', 'png']);
    const page = readFileSync(join(dir, 'report.html'), 'utf8');
    expect(page).toContain('(healthy): rolled back wrongly 0 of');
    expect(page).not.toMatch(/(?:src|href)\s*=\s*["']?(?:https?:)?\/\//);
    expect(Buffer.byteLength(page)).toBeLessThan(1.5e6);
    const kinds = new Set(readdirSync(join(dir, 'specs')).map((file) => file.slice(file.indexOf('.'))));
    expect([...kinds].toSorted()).toEqual(['.png', '.svg', '.vl.json']);
  });
}
