/** The chart of measures, from a rehearsal that measures something. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isChart } from '../../reports/chart.ts';
import { allCharts } from '../../reports/charts/index.ts';
import { figure } from '../../reports/html/figure.ts';
import { tables } from '../../reports/html/tables.ts';
import { compiled, svg } from '../../reports/render.ts';
import type { RunData } from '../../reports/run-data.ts';
import { DARK, LIGHT, PAPER } from '../../reports/theme.ts';
import { policyFor, runScenario } from '../../run.ts';
import { readRun } from '../../run-directory.ts';
import { packageRoot } from '../../scenarios/files.ts';
import { loadScenario } from '../../scenarios/load.ts';

const home = mkdtempSync(join(tmpdir(), 'coalmine-measures-'));
afterAll(() => rmSync(home, { recursive: true }));
let run: RunData;

beforeAll(async () => {
  const file = join(packageRoot, 'scenarios', 'google-success-drop-5.yaml');
  const { scenario } = loadScenario(file, { requests: 1_000_000 });
  const out = join(home, 'run');
  await runScenario(scenario, policyFor(scenario), { out, clock: () => 0 });
  run = await readRun(out);
});

test('shows every measure of both arms with its band, and says what they are', async () => {
  const chart = (await allCharts(run)).filter(isChart).find(({ id }) => id === 'measures')!;
  const rows = chart.datasets['measures']!;
  expect(new Set(rows.map((row) => row['panel']))).toEqual(new Set(['click-through', 'time-to-success-ms']));
  for (const row of rows)
    for (const arm of ['baseline', 'candidate'])
      if (row[arm] !== null) expect(Number(row[`${arm}_low`])).toBeLessThanOrEqual(Number(row[`${arm}_high`]));
  expect(chart.finding).toMatch(/click-through 0\.6\d+ against 0\.62/);
  expect(figure(chart, new Map([['measures', await svg(chart)]])).text).toContain('Measures over time');
});

test('is drawn without a warning in every theme, as are the guards with their bands', async () => {
  const warnings: string[] = [];
  for (const chart of (await allCharts(run)).filter(isChart)) {
    for (const theme of [LIGHT, DARK, PAPER]) compiled(chart, theme, (m) => warnings.push(`${chart.id}: ${m}`));
    await svg(chart, (m) => warnings.push(`${chart.id}: ${m}`));
  }
  expect(warnings).toEqual([]);
});

test('the outcome has the means with their intervals, and so has the page', async () => {
  const [clicks, time] = run.outcome.measures!;
  for (const { low, mean, high, count } of [clicks!.baseline!, clicks!.candidate!, time!.baseline!, time!.candidate!]) {
    expect(low).toBeLessThan(mean);
    expect(high).toBeGreaterThan(mean);
    expect(count).toBeGreaterThan(100);
  }
  // Only who succeeded has a time.
  expect(time!.baseline!.count / clicks!.baseline!.count).toBeCloseTo(0.48, 1);
  expect(clicks!.paired).toBeNull();
  expect(
    tables(run)
      .map(({ text }) => text)
      .join(''),
  ).toContain('<caption>Measures');
});
