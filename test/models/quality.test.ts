import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadModel, modelNames } from '../../models/catalogue.ts';
import type { Metrics, RankingManifest, TripManifest } from '../../models/manifest.ts';
import { modelsFolder } from '../../models/files.ts';
import { type Scoring, startScoring } from '../../models/score.ts';
import { JUNE, median, SERVABLE, TOLERANCE_MIN } from './june.ts';

interface Quality {
  readonly mae: number;
  readonly acceptance: number;
  readonly median: number;
}

const tripOf = (name: string): TripManifest => loadModel(name) as TripManifest;
const listMetricsOf = (name: string): RankingManifest['metrics']['test'] =>
  (loadModel(name) as RankingManifest).metrics.test;
/** Models that answer with a trip time. */
const TRIPS = modelNames().filter((name) => loadModel(name).task === undefined);

let scoring: Scoring;
const quality = new Map<string, Quality>();

beforeAll(async () => {
  scoring = await startScoring(JUNE, SERVABLE);
  const { actual, rows } = scoring.content;
  for (const scores of scoring.scores) {
    const { model, values } = scores;
    await scores.until(rows);
    let errors = 0;
    let accepted = 0;
    for (let row = 0; row < rows; row++) {
      const error = Math.abs((values[row] ?? 0) - (actual[row] ?? 0));
      errors += error;
      if (error <= TOLERANCE_MIN) accepted += 1;
    }
    quality.set(model, { mae: errors / rows, acceptance: accepted / rows, median: median(values) });
  }
});
afterAll(() => scoring.close());

const of = (model: string): Quality =>
  quality.get(model) ?? { mae: Number.NaN, acceptance: Number.NaN, median: Number.NaN };
const relative = (model: string, key: keyof Quality): number => of(model)[key] / of('eta-baseline')[key] - 1;

test.each(SERVABLE)("%s: the manifest's June metrics are what comes out here", (model) => {
  const { test: june } = tripOf(model).metrics;
  expect(of(model).mae).toBeCloseTo(june.mae, 2);
  expect(of(model).acceptance).toBeCloseTo(june.acceptance15, 3);
  expect(of(model).median).toBeCloseTo(june.medianPrediction, 1);
});

test('eta-candidate is better than the baseline, in error and in acceptance', () => {
  expect(relative('eta-candidate', 'mae')).toBeLessThan(-0.01);
  expect(relative('eta-candidate', 'acceptance')).toBeGreaterThan(0.03);
});

test('eta-int8 answers otherwise, but as well: median within 1 %, acceptance within 1 %', () => {
  expect(Math.abs(relative('eta-int8', 'median'))).toBeLessThan(0.01);
  expect(Math.abs(relative('eta-int8', 'acceptance'))).toBeLessThan(0.01);
  const [baseline, , int8] = scoring.scores;
  expect(int8?.model).toBe('eta-int8');
  expect(int8?.values).not.toEqual(baseline?.values);
});

test('eta-skewed scores about a fifth higher', () => {
  expect(relative('eta-skewed', 'median')).toBeGreaterThan(0.17);
  expect(relative('eta-skewed', 'median')).toBeLessThan(0.23);
});

test('eta-unit-bug scores badly off: the median moves by more than 10 %', () => {
  expect(relative('eta-unit-bug', 'median')).toBeLessThan(-0.1);
});

test('eta-thin loses 4.5 to 6 % of the acceptance while its median moves by less than 5 %', () => {
  expect(relative('eta-thin', 'acceptance')).toBeGreaterThan(-0.06);
  expect(relative('eta-thin', 'acceptance')).toBeLessThan(-0.045);
  expect(Math.abs(relative('eta-thin', 'median'))).toBeLessThan(0.05);
});

test('eta-wide is as good as the candidate, and measured to be five to ten times as expensive as the baseline', () => {
  expect(of('eta-wide').acceptance).toBeCloseTo(of('eta-candidate').acceptance, 2);
  const { batch1, batch32 } = tripOf('eta-wide').timeRelativeToBaseline;
  for (const ratio of [batch1, batch32]) {
    expect(ratio).toBeGreaterThanOrEqual(5);
    expect(ratio).toBeLessThanOrEqual(10);
  }
});

test.each(TRIPS)('the README has the row of %s, as its manifest says', (name) => {
  const readme = readFileSync(join(modelsFolder, 'README.md'), 'utf8');
  const baseline = tripOf('eta-baseline').metrics.test;
  const { metrics, timeRelativeToBaseline } = tripOf(name);
  const june = metrics.test;
  const moved = (key: keyof Metrics): string => {
    const percent = 100 * (june[key] / baseline[key] - 1);
    return name === 'eta-baseline' ? '–' : `${percent > 0 ? '+' : '−'}${Math.abs(percent).toFixed(1)} %`;
  };
  const cells = [
    `\`${name}\``,
    june.mae.toFixed(1),
    `${(100 * june.acceptance15).toFixed(1)} %`,
    moved('acceptance15'),
    june.medianPrediction.toFixed(1),
    moved('medianPrediction'),
    `${timeRelativeToBaseline.batch1.toFixed(1)}×`,
    `${timeRelativeToBaseline.batch32.toFixed(1)}×`,
  ];
  expect(readme).toContain(`| ${cells.join(' | ')} |`);
});

test.each(modelNames().filter((name) => !TRIPS.includes(name)))('the README has the row of %s', (name) => {
  const [own, baseline] = [listMetricsOf(name), listMetricsOf('rank-baseline')];
  const cell = (key: 'precision10' | 'diversity' | 'noveltyBits', digits: number): string[] => {
    const percent = 100 * (own[key] / baseline[key] - 1);
    const moved = name === 'rank-baseline' ? '–' : `${percent > 0 ? '+' : '−'}${Math.abs(percent).toFixed(1)} %`;
    return [own[key].toFixed(digits), moved];
  };
  const cells = [`\`${name}\``, ...cell('precision10', 3), ...cell('diversity', 3), ...cell('noveltyBits', 2)];
  expect(readFileSync(join(modelsFolder, 'README.md'), 'utf8')).toContain(`| ${cells.join(' | ')} |`);
});
