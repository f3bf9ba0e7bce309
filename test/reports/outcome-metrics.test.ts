/** The section about outcome metrics, from rehearsals that are halted: what it draws, what it says, and what it leaves to others. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Chart, isChart } from '../../reports/chart.ts';
import { allCharts } from '../../reports/charts/index.ts';
import { tables } from '../../reports/html/tables.ts';
import { outcomeMetrics } from '../../reports/outcome-metrics.ts';
import { levelWords } from '../../reports/outcome-words.ts';
import { compiled, svg } from '../../reports/render.ts';
import type { RunData } from '../../reports/run-data.ts';
import { DARK, LIGHT, PAPER } from '../../reports/theme.ts';
import { policyFor, runScenario } from '../../run.ts';
import { readRun } from '../../run-directory.ts';
import { packageRoot } from '../../scenarios/files.ts';
import { loadScenario } from '../../scenarios/load.ts';
import { fixture } from './fixture.ts';
import { MINUTE } from './fixture-policy.ts';

const home = mkdtempSync(join(tmpdir(), 'coalmine-outcomes-'));
afterAll(() => rmSync(home, { recursive: true }));
let run: RunData;
let charts: readonly Chart[];

async function rehearsed(name: string): Promise<RunData> {
  const { scenario } = loadScenario(join(packageRoot, 'scenarios', `${name}.yaml`), { requests: 1_000_000 });
  const out = join(home, name);
  await runScenario(scenario, policyFor(scenario), { out, clock: () => 0 });
  return readRun(out);
}

beforeAll(async () => {
  run = await rehearsed('google-success-drop-5');
  charts = (await allCharts(run)).filter(isChart);
});

const chart = (): Chart => charts.find(({ id }) => id === 'outcome-metrics')!;

describe('outcome metrics', () => {
  test('are the label and every measure, in both arms with their bands', () => {
    const rows = chart().datasets['arms']!;
    expect(new Set(rows.map((row) => row['panel']))).toEqual(
      new Set(['outcome-ratio', 'click-through', 'time-to-success-ms']),
    );
    for (const row of rows)
      for (const arm of ['baseline', 'candidate'])
        if (row[arm] !== null) expect(Number(row[`${arm}_low`])).toBeLessThanOrEqual(Number(row[`${arm}_high`]));
    // Shares in percent, times in seconds.
    const of = (panel: string) => rows.filter((row) => row['panel'] === panel).map((row) => Number(row['baseline']));
    for (const value of of('outcome-ratio')) expect(Math.abs(value - 45)).toBeLessThan(8);
    for (const value of of('time-to-success-ms')) expect(Math.abs(value - 25)).toBeLessThan(10);
  });

  test('have every look of the guard that halted, with its sequence, up to the breach', () => {
    const looks = chart().datasets['looks']!.filter((row) => row['guard'] === 'success' && row['value'] !== null);
    expect(looks.at(-1)).toMatchObject({ state: 'breach', stage: 'experiment-5' });
    expect(Number(looks.at(-1)!['high'])).toBeLessThan(0);
    for (const look of looks.slice(0, -1)) expect(Number(look['high'])).toBeGreaterThan(0);
  });

  test('say when it was halted, on which look, how sure, and what labels hid by then', () => {
    const { finding } = chart();
    expect(finding).toMatch(
      /^Halted \S+ into experiment-5 of the 36m it holds, at the \d+\w\w look of success that had labels \(α 1 % over all looks\): /,
    );
    expect(finding).toMatch(/outcome-ratio 4\d\.\d+ % against 4\d\.\d+ % \(-\S+ %; -\S+ % to -\S+ %\)/);
    expect(finding).toMatch(/A label counts 1m after its answer: of the [\d,]+ answers/);
    const { labels, lateMs } = outcomeMetrics(run)!;
    // Ten minutes on a schedule that is ten times as short.
    expect(lateMs).toBe(MINUTE);
    const { answered, counted, atMs } = labels.at(-1)!;
    expect(atMs).toBe(run.outcome.decidedAtMs);
    // What is ripe was answered that long before.
    const earlier = labels.find((each) => each.atMs === atMs - MINUTE)!;
    expect(Math.abs(counted - earlier.answered)).toBeLessThan(0.02 * answered);
  });

  test('leave guards on anything else to their own section, and take theirs out of it', () => {
    const guards = charts.find(({ id }) => id === 'guards')!;
    expect(new Set(guards.datasets['guards']!.map((row) => row['guard']))).toEqual(new Set(['errors']));
    expect(guards.finding).toContain('breached: success');
    expect(guards.note).toContain('In “Outcome metrics, look by look”: success, time-to-success');
    expect(charts.some(({ id }) => id === 'online-metric')).toBe(false);
  });

  test('are drawn without a warning in every theme', async () => {
    const warnings: string[] = [];
    for (const each of charts) {
      for (const theme of [LIGHT, DARK, PAPER]) compiled(each, theme, (m) => warnings.push(`${each.id}: ${m}`));
      await svg(each, (m) => warnings.push(`${each.id}: ${m}`));
    }
    expect(warnings).toEqual([]);
  });

  test('have their figures in tables', () => {
    const page = tables(run)
      .map(({ text }) => text)
      .join('');
    expect(page).toContain('<caption>Outcome metrics while users saw both arms');
    expect(page).toContain('<caption>Looks at them');
    expect(page).toMatch(/success-held<\/th><td>drops &gt; 1 % against baseline, hold/);
  });

  test('of a repeated test for one look say that it is good for one', async () => {
    const naive = await rehearsed('google-peeking');
    const found = (await allCharts(naive)).filter(isChart).find(({ id }) => id === 'outcome-metrics')!;
    expect(found.finding).toContain('though the candidate is as good');
    expect(found.finding).toContain('α 5 % at each look');
  });
});

test('a run that measures nothing beside its labels has its online metric as ever', async () => {
  const plain = await fixture('promoted', 10 * MINUTE);
  expect(outcomeMetrics(plain)).toBeNull();
  expect((await allCharts(plain)).map(({ id }) => id)).toContain('online-metric');
});

test('how sure a rule is, by its test', () => {
  expect(levelWords(null)).toBe('estimates');
  expect(levelWords({ method: 'repeated-z', alpha: 0.05 })).toBe('α 5 % at each look');
});
