/** Ranking models as they are run here against what the Python runtime measured over every request, and what each model is there for. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadModel } from '../../../models/catalogue.ts';
import { dataFile } from '../../../models/files.ts';
import type { RankingManifest } from '../../../models/manifest.ts';
import { type Scoring, startScoring } from '../../../models/score.ts';
import { LIST } from '../../../models/ranking/lists.ts';

const MODELS = ['rank-baseline', 'rank-better', 'rank-equal', 'rank-popular', 'rank-broken'];
let scoring: Scoring;
beforeAll(async () => {
  scoring = await startScoring(dataFile('rank-requests.parquet'), MODELS);
  await Promise.all(scoring.scores.map((scores) => scores.until(scoring.content.rows)));
}, 60_000);
afterAll(() => scoring.close());

const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0) / values.length;
const metricsOf = (name: string): RankingManifest['metrics']['test'] =>
  (loadModel(name) as RankingManifest).metrics.test;
const listsOf = (name: string) => scoring.scores.find(({ model }) => model === name)!.lists!;

describe.each(MODELS)('%s', (name) => {
  test('its lists are worth what the manifest says, over all requests', () => {
    const { values } = listsOf(name);
    const { requests, precision10, diversity, noveltyBits } = metricsOf(name);
    expect(scoring.content.rows).toBe(requests);
    expect(mean(values.hits) / LIST).toBeCloseTo(precision10, 3);
    expect(mean(values.diversity)).toBeCloseTo(diversity, 3);
    expect(mean(values.noveltyBits)).toBeCloseTo(noveltyBits, 3);
  });

  test('every list is of ten different items', () => {
    const { items } = listsOf(name).values;
    for (let row = 0; row < scoring.content.rows; row += 17)
      expect(new Set(items.subarray(LIST * row, LIST * (row + 1))).size).toBe(LIST);
  });

  test('without the stored taste everybody on a device at an hour gets the same list, and a worse one', () => {
    const { values, withoutFeatures } = listsOf(name);
    expect(mean(withoutFeatures.hits)).toBeLessThan(name === 'rank-broken' ? 10 : mean(values.hits) / 1.2);
  });
});

const relative = (name: string, key: 'precision10' | 'diversity' | 'noveltyBits'): number =>
  metricsOf(name)[key] / metricsOf('rank-baseline')[key] - 1;

describe('against the baseline', () => {
  test('rank-better is better', () => expect(relative('rank-better', 'precision10')).toBeGreaterThan(0.05));
  test('rank-equal is within 2 %, with other lists', () => {
    expect(Math.abs(relative('rank-equal', 'precision10'))).toBeLessThan(0.02);
    expect(listsOf('rank-equal').values.items).not.toEqual(listsOf('rank-baseline').values.items);
  });
  test('rank-popular gains precision and loses a tenth of its novelty', () => {
    expect(relative('rank-popular', 'precision10')).toBeGreaterThan(0.01);
    expect(relative('rank-popular', 'noveltyBits')).toBeLessThan(-0.1);
  });
  test('rank-broken finds next to nothing, with the scores of rank-better', () => {
    expect(metricsOf('rank-broken').precision10).toBeLessThan(0.05);
    const [broken, better] = ['rank-broken', 'rank-better'].map(
      (name) => scoring.scores.find(({ model }) => model === name)!.values,
    );
    expect(mean(broken!)).toBeCloseTo(mean(better!), 4);
  });
});
