/** Lists in the simulator: measures of both arms, of pairs, and plays, against sums over the contents that were asked for. */
import { expect, test } from 'vitest';
import type { ListPair, Scores } from '../../models/content.ts';
import { emptyLists, type ListScores } from '../../models/ranking/list-scores.ts';
import type { ScoredContent } from '../../sim/answers.ts';
import { LIST, rankBiasedOverlap, sharedItems } from '../../sim/list-overlap.ts';
import { SimWorld } from '../../sim/world.ts';
import { addMeasures, addPairs, type MeasureSums, type PairSums } from '../../telemetry/measures.ts';
import { scenarioOf } from './support.ts';

const ROWS = 5;

function listsOf(shift: number): ListScores {
  const lists = emptyLists(ROWS);
  for (let row = 0; row < ROWS; row++) {
    for (let k = 0; k < LIST; k++) lists.items[LIST * row + k] = k + shift * row;
    lists.hits[row] = (row + shift) % 11;
    lists.diversity[row] = 0.1 * row;
    lists.noveltyBits[row] = 8 + 0.25 * shift;
    lists.play[row] = row % 2;
  }
  return lists;
}
const pairOf = (shift: number): ListPair => ({ values: listsOf(shift), withoutFeatures: listsOf(9) });
const scoresOf = (model: string, lists: ListPair): Scores => ({
  model,
  values: new Float32Array(ROWS).fill(0.5),
  withoutFeatures: new Float32Array(ROWS).fill(0.5),
  lists,
  until: () => Promise.resolve(),
});
const content: ScoredContent = {
  content: {
    rows: ROWS,
    segments: new Uint8Array(ROWS),
    segmentNames: [],
    actual: new Float32Array(ROWS).fill(1),
    scoreName: 'chance',
  },
  scores: [scoresOf('b', pairOf(1)), scoresOf('c', pairOf(2))],
};
const plain = scenarioOf({ traffic: '{ requests: 2000, rate: 100/s }', arm: 'replicas: 8, slots: 2' });
const scenario = {
  ...plain,
  traffic: { ...plain.traffic, content: { kind: 'table' as const, file: 'lists', order: 'sequential' as const } },
  outcomes: { kind: 'plays' as const, labelDelayMs: 0 },
};

async function windowsOf(mirrored: boolean) {
  const world = await SimWorld.open(scenario, { thresholds: [], content });
  if (mirrored) world.apply({ kind: 'mirror', percent: 100, stage: 'shadow' });
  else world.apply({ kind: 'set-weight', weightPercent: 50, stage: 'canary' });
  const { windows } = await world.advance(10_000);
  return windows;
}

test('mirrored requests: every content counts as often as it was asked for, on both sides of each pair', async () => {
  const windows = await windowsOf(true);
  const rows = windows.flatMap((window) => window.rows.filter(({ arm }) => arm === 'candidate'));
  const pairs = rows.reduce<PairSums>((sum, row) => addPairs(sum, row.shadow!.measures!), {});
  const own = rows.reduce<MeasureSums>((sum, row) => addMeasures(sum, row.shadow!.pairMeasures!), {});
  const { count } = pairs['precision@10']!;
  expect(count).toBeGreaterThan(500);
  // Contents come one after the other, so every fifth request is about the same one, but for a few at the ends.
  const [b, c] = [listsOf(1), listsOf(2)];
  const near = (got: number, of: (row: number) => number): void => {
    const each = Array.from({ length: ROWS }, (_, row) => of(row));
    const wanted = (count / ROWS) * each.reduce((x, y) => x + y, 0);
    expect(Math.abs(got - wanted)).toBeLessThanOrEqual(3 * Math.max(...each, 1) * ROWS);
  };
  near(pairs['precision@10']!.baselineSum, (row) => b.hits[row]!);
  near(pairs['precision@10']!.candidateSum, (row) => c.hits[row]!);
  near(pairs['precision@10']!.products, (row) => b.hits[row]! * c.hits[row]!);
  near(pairs['novelty-bits']!.candidateSum, () => 850);
  near(own['overlap@10']!.sum, (row) => sharedItems(b.items, LIST * row, c.items, LIST * row));
  near(own['rank-biased-overlap']!.sum, (row) => 1000 * rankBiasedOverlap(b.items, LIST * row, c.items, LIST * row));
  expect(own['overlap@10']!.count).toBe(count);
  // Nobody saw the copies, and the baseline's users play by its own lists.
  expect(rows.reduce((sum, row) => sum + row.impressions, 0)).toBe(0);
});

test('served requests: lists are counted per arm, and played with the chance of their content', async () => {
  const windows = await windowsOf(false);
  for (const arm of ['baseline', 'candidate'] as const) {
    const rows = windows.flatMap((window) => window.rows.filter((row) => row.arm === arm));
    const sums = rows.reduce<MeasureSums>((sum, row) => addMeasures(sum, row.measures!), {});
    const [completed, impressions, plays] = (['completed', 'impressions', 'outcomes'] as const).map((key) =>
      rows.reduce((sum, row) => sum + row[key], 0),
    );
    expect(sums['precision@10']!.count).toBe(completed);
    expect(sums['novelty-bits']!.sum / completed!).toBe(arm === 'baseline' ? 825 : 850);
    expect(impressions).toBe(completed);
    // Two of five contents are played for certain, three never.
    expect(plays! / impressions!).toBeCloseTo(0.4, 1);
    expect(rows.every((row) => row.shadow === null)).toBe(true);
  }
});
