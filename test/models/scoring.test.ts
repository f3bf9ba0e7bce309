import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { BadInput } from '../../config/issues.ts';
import { dataFile } from '../../models/files.ts';
import { MissingRuntime } from '../../models/runtime.ts';
import { type Scoring, startScoring } from '../../models/score.ts';
import { readParquet } from '../../storage/parquet.ts';
import { JUNE, tableOf, testFolder } from './june.ts';

/** Starts scoring and closes it when the test is over. */
async function scoring(file: string, models: readonly string[], runtime?: string): Promise<Scoring> {
  const started = await startScoring(file, models, runtime === undefined ? {} : { runtime });
  onTestFinished(() => started.close());
  return started;
}

/** Largest difference over the larger of both, 0 for equal arrays. */
const largestRatio = (got: ArrayLike<number>, wanted: ArrayLike<number>): number =>
  Array.from(wanted).reduce((most, value, i) => Math.max(most, Math.abs((got[i] ?? Number.NaN) - value) / value), 0);

test('the scores are those of the Python runtime, to 1e-5 of the score, on 2,000 rows', async () => {
  const expected = await readParquet(dataFile('parity.parquet'), {
    row: 'int32',
    baseline: 'float',
    candidate: 'float',
  });
  const { content, scores } = await scoring(JUNE, ['eta-baseline', 'eta-candidate']);
  expect(expected.row.length).toBe(2000);
  for (const [model, wanted] of [expected.baseline, expected.candidate].entries()) {
    await scores[model]?.until(content.rows);
    const got = Float32Array.from(expected.row, (row) => scores[model]?.values[row] ?? Number.NaN);
    expect(largestRatio(got, wanted)).toBeLessThan(1e-5);
  }
});

const bits = (values: Float32Array): Uint32Array => new Uint32Array(values.buffer);

test('two runs give the same bits, with and without the stored features', async () => {
  const file = await tableOf('from june limit 10000');
  const models = ['eta-candidate', 'eta-int8', 'eta-thin'];
  const runs = [await scoring(file, models), await scoring(file, models)];
  for (const run of runs) await Promise.all(run.scores.map((each) => each.until(run.content.rows)));
  for (const model of models.keys()) {
    const [one, other] = runs.map((run) => run.scores[model]);
    if (one === undefined || other === undefined) throw new Error('got no scores');
    expect(bits(one.values)).toEqual(bits(other.values));
    expect(bits(one.withoutFeatures)).toEqual(bits(other.withoutFeatures));
    expect(bits(one.values)).not.toEqual(bits(one.withoutFeatures));
  }
});

test('the first rows are there before the last ones: scoring runs beside whoever reads', async () => {
  const started = await scoring(JUNE, ['eta-baseline', 'eta-wide']);
  const { content, scores } = started;
  const wide = scores[1];
  await wide?.until(1);
  expect(wide?.values[0]).toBeGreaterThan(0);
  expect(wide?.values[content.rows - 1]).toBe(0);
  const rest = expect(wide?.until(content.rows)).rejects.toThrow('got a closed scoring');
  await started.close();
  await rest;
  await expect(wide?.until(1)).resolves.toBeUndefined();
});

test('asking for a row beyond the last waits for the last', async () => {
  const { scores } = await scoring(await tableOf('from june limit 5'), ['eta-baseline']);
  await scores[0]?.until(1_000_000);
  expect(scores[0]?.values[4]).toBeGreaterThan(0);
});

test('a model compared with itself is scored once', async () => {
  const { scores } = await scoring(await tableOf('from june limit 5'), ['eta-baseline', 'eta-baseline']);
  expect(scores.length).toBe(2);
  expect(scores[0]).toBe(scores[1]);
});

test('a model that wants a feature which the table lacks is refused, not crashed into', async () => {
  const starting = startScoring(await tableOf('from june limit 5'), ['eta-baseline', 'eta-new-schema']);
  await expect(starting).rejects.toThrow(BadInput);
  await expect(starting).rejects.toThrow("eta-new-schema needs the feature 'is_weekend'");
});

test('without the runtime, scoring says what to install', async () => {
  const starting = startScoring(await tableOf('from june limit 5'), ['eta-baseline'], { runtime: 'no-such-runtime' });
  await expect(starting).rejects.toThrow(MissingRuntime);
  await expect(starting).rejects.toThrow('npm install onnxruntime-node');
});

/** A runtime whose sessions run `body`, as a module that the worker can load. */
function runtimeThat(body: string): string {
  const file = join(testFolder(), 'runtime.mjs');
  writeFileSync(
    file,
    `export class Tensor {}
     export const InferenceSession = { create: async () => ({ outputNames: ['other'], run: async () => { ${body} } }) };`,
  );
  return pathToFileURL(file).href;
}

test.each([
  ['fails', "throw new Error('out of memory')", 'model eta-baseline failed: out of memory'],
  ['answers something else', 'return {};', 'model eta-baseline failed: got outputs other, expected eta'],
  ['ends its thread', 'process.exit(3)', 'the scoring worker ended early, with code 3'],
])('a model that %s rejects whoever waits', async (_, body, says) => {
  const file = await tableOf('from june limit 5');
  const { scores } = await scoring(file, ['eta-baseline'], runtimeThat(body));
  await expect(scores[0]?.until(1)).rejects.toThrow(says);
});

test('a stored feature that is served otherwise than it was trained on moves the scores; where it is missing, nothing does', async () => {
  const file = await tableOf('from june limit 5000');
  const skewed = 'eta-baseline?{"route_delay_min":60}';
  const same = 'eta-baseline?{"route_delay_min":1}';
  const run = await scoring(file, ['eta-baseline', skewed, same]);
  await Promise.all(run.scores.map((each) => each.until(run.content.rows)));
  const [plain, moved, unmoved] = run.scores;
  expect(bits(unmoved!.values)).toEqual(bits(plain!.values));
  expect(bits(moved!.withoutFeatures)).toEqual(bits(plain!.withoutFeatures));
  const far = moved!.values.filter((value, i) => Math.abs(value - plain!.values[i]!) > 3);
  expect(far.length).toBeGreaterThan(2500);
});

test('only stored features can be skewed', async () => {
  await expect(startScoring(JUNE, ['eta-baseline?{"route_dely_min":2}'])).rejects.toThrow(
    /got a serving skew of 'route_dely_min', expected a stored feature: one of route_delay_min, .*did you mean 'route_delay_min'/,
  );
  await expect(startScoring(JUNE, ['eta-baseline?{"distance_miles":2}'])).rejects.toThrow(/expected a stored feature/);
});
