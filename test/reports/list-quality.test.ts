/** The section about lists: what it concludes from intervals and margins, and what it shows of a rehearsal that a shadow ends. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Guard } from '../../controller/policy.ts';
import { type Chart, isChart } from '../../reports/chart.ts';
import { allCharts } from '../../reports/charts/index.ts';
import { listTable } from '../../reports/html/list-table.ts';
import { type ListMeasure, type ListQuality, listQuality } from '../../reports/list-quality.ts';
import { conclusionOf, listWords } from '../../reports/list-words.ts';
import { compiled, svg } from '../../reports/render.ts';
import type { RunData } from '../../reports/run-data.ts';
import { DARK, LIGHT, PAPER } from '../../reports/theme.ts';
import { policyFor, runScenario } from '../../run.ts';
import { readRun } from '../../run-directory.ts';
import { packageRoot } from '../../scenarios/files.ts';
import { loadScenario } from '../../scenarios/load.ts';
import { fixture } from './fixture.ts';
import { GUARDS, MINUTE } from './fixture-policy.ts';

/** A measure that moved by `value` ± `half`, where a drop of `by` is not allowed. */
function moved(name: string, value: number, by: number | null, half = 0.001): ListMeasure {
  const [low, high] = [value - half, value + half];
  const bound = { kind: 'relative', to: 'baseline', direction: 'drop', by: by ?? 0 } as const;
  const guard: Guard = { ...GUARDS[0]!, name, bound };
  const standing = by === null ? null : high < -by ? 'beyond' : low >= -by ? 'within' : 'open';
  return {
    name,
    description: name,
    baseline: null,
    candidate: null,
    change: { value, low, high },
    margin: by === null ? null : { guard, bound },
    standing,
  };
}
const lists = (precision: ListMeasure, novelty: ListMeasure, diversity = moved('diversity', 0, 0.25)): ListQuality => ({
  inShadow: true,
  requests: 1000,
  measures: [precision, diversity, novelty],
  pairs: [{ name: 'overlap@10', description: '', band: { count: 1000, value: 0.4, low: 0.39, high: 0.41 } }],
});
const precision = (value: number, by: number | null = 0.02, half?: number) => moved('precision@10', value, by, half);
const novelty = (value: number, by: number | null = 0.05) => moved('novelty-bits', value, by);

describe('the conclusion', () => {
  test.each([
    ['more precise, nothing lost', lists(precision(0.1), novelty(0)), /^Better/],
    ['as precise, other titles', lists(precision(0), novelty(0.01)), /^As good, though 60 % of the titles are others/],
    ['more precise, by less than the margin', lists(precision(0.01), novelty(0)), /^As good/],
    ['less precise within the margin', lists(precision(-0.01), novelty(0)), /^Not worse than the policy allows/],
    ['more precise and less novel beyond it', lists(precision(0.03), novelty(-0.12)), /^Popularity-biased/],
    ['less precise and less novel, only this beyond', lists(precision(-0.01), novelty(-0.12)), /^The lists lean/],
    ['less precise beyond', lists(precision(-0.5), novelty(-0.12)), /^Broken/],
    ['alike within', lists(precision(0.03), novelty(0), moved('diversity', -0.4, 0.25)), /^Collapsed/],
    ['an interval with the margin inside', lists(precision(-0.02, 0.02, 0.01), novelty(0)), /^Not decided yet/],
    [
      'no guard on anything',
      lists(precision(0.1, null), novelty(0, null), moved('diversity', 0, null)),
      /^No guard says/,
    ],
  ])('%s', (_, found, expected) => expect(conclusionOf(found)).toMatch(expected));

  test('is told with the figures behind it', () => {
    expect(listWords(lists(precision(0.03), novelty(-0.12)))).toBe(
      'Popularity-biased: the lists fit, because they lean on what everybody is shown anyway: precision@10 up 3 %; diversity level (-0.1 % to +0.1 %); novelty-bits down 12 %, beyond its margin of 5 %, on 1,000 requests that both models answered before any user saw the candidate’s lists. In common: overlap@10 0.4.',
    );
  });
});

describe('of a model that leans on what is popular', () => {
  const home = mkdtempSync(join(tmpdir(), 'coalmine-lists-'));
  afterAll(() => rmSync(home, { recursive: true }));
  let run: RunData;
  let charts: readonly Chart[];

  beforeAll(async () => {
    const { scenario } = loadScenario(join(packageRoot, 'scenarios', 'netflix-popular.yaml'), { requests: 1_000_000 });
    const out = join(home, 'run');
    await runScenario(scenario, policyFor(scenario), { out, clock: () => 0 });
    run = await readRun(out);
    charts = (await allCharts(run)).filter(isChart);
  });
  const chart = (): Chart => charts.find(({ id }) => id === 'list-quality')!;

  test('precision is up, novelty down beyond its margin, and no user saw it', () => {
    expect(chart().finding).toMatch(
      /^Popularity-biased.*precision@10 up [23]\.\d+ %.*novelty-bits down 1\d\.?\d* %, beyond its margin of 5 %/,
    );
    expect(run.outcome.harm.requestsToCandidate).toBe(0);
    const found = listQuality(run)!;
    expect(found.measures.map(({ name, standing }) => [name, standing])).toEqual([
      ['precision@10', 'within'],
      ['diversity', 'within'],
      ['novelty-bits', 'beyond'],
    ]);
    // The section's figures are the outcome's: nothing but the shadow was mirrored.
    for (const { name, change } of found.measures) {
      const { paired } = run.outcome.measures!.find((measure) => measure.name === name)!;
      expect(change!.value).toBeCloseTo(paired!.change!, 9);
      expect(change!.low).toBeCloseTo(paired!.low!, 9);
    }
  });

  test('the picture has each measure with its margin, what lists have in common, and both over time', () => {
    const { changes, beyond, common, lists: rows } = chart().datasets;
    expect(changes!.map(({ name, state }) => [name, state])).toEqual([
      ['precision@10', 'pass'],
      ['diversity', 'pass'],
      ['novelty-bits', 'breach'],
    ]);
    expect(beyond!.map(({ edge }) => edge)).toEqual([-2, -25, -5]);
    expect(common!.map(({ name, floor }) => [name, floor])).toEqual([
      ['overlap@10', 0.2],
      ['rank-biased-overlap', null],
    ]);
    expect(new Set(rows!.map(({ panel }) => panel)).size).toBe(8);
  });

  test('it is drawn without a warning in every theme, and has its figures in a table', async () => {
    const warnings: string[] = [];
    for (const theme of [LIGHT, DARK, PAPER]) compiled(chart(), theme, (m) => warnings.push(m));
    await svg(chart(), (m) => warnings.push(m));
    expect(warnings).toEqual([]);
    const { text } = listTable(run);
    expect(text).toContain('before any user saw the candidate');
    expect(text).toMatch(/novelty-bits<\/th>.*below -5 %<\/td><td>✗ beyond/);
  });
});

test('a run without lists has no such section', async () => {
  const plain = await fixture('promoted', 10 * MINUTE);
  expect(listQuality(plain)).toBeNull();
  expect(listTable(plain).text).toBe('');
  expect((await allCharts(plain)).map(({ id }) => id)).not.toContain('list-quality');
});
