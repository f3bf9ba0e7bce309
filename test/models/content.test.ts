import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BadInput } from '../../config/issues.ts';
import { loadModel, modelNames } from '../../models/catalogue.ts';
import { dataFile } from '../../models/files.ts';
import { openContent } from '../../models/table.ts';
import { readParquet } from '../../storage/parquet.ts';
import { withDuckdb } from '../../storage/duckdb.ts';
import { JUNE, JUNE_ROWS, tableOf, testFolder } from './june.ts';

test('the extract is the file that every model was tested on', () => {
  const sha256 = createHash('sha256').update(readFileSync(JUNE)).digest('hex');
  for (const name of modelNames().filter((each) => each.startsWith('eta-')))
    expect(loadModel(name).training.testFile).toEqual({ file: 'flights-june.parquet', sha256 });
});

test('the extract is the whole of June, in date order', async () => {
  const { minute } = await readParquet(JUNE, { minute: 'int32' });
  expect(minute.length).toBe(JUNE_ROWS);
  const june = 151 * 1440;
  expect(minute[0]).toBeGreaterThanOrEqual(june);
  expect(minute.at(-1)).toBeLessThan(june + 30 * 1440);
  expect(minute.every((at, row) => row === 0 || at >= (minute[row - 1] ?? 0))).toBe(true);
});

test('everything under data/ fits into 3 MB', () => {
  const bytes = readdirSync(dataFile('')).map((name) => statSync(dataFile(name)).size);
  expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(3_000_000);
});

test("the day's profile has 144 slots and mean 1", () => {
  const { slotMinutes, relativeRate } = JSON.parse(readFileSync(dataFile('flights-day.json'), 'utf8')) as {
    slotMinutes: number;
    relativeRate: number[];
  };
  expect(slotMinutes * relativeRate.length).toBe(24 * 60);
  expect(Math.min(...relativeRate)).toBeGreaterThanOrEqual(0);
  expect(relativeRate.reduce((sum, rate) => sum + rate, 0) / 144).toBeCloseTo(1, 5);
});

test('a table has a segment, a real trip time and finite features for every flight', async () => {
  const table = await openContent(JUNE);
  expect(table.rows).toBe(JUNE_ROWS);
  expect(table.segmentNames).toEqual(['ORD', 'DFW', 'ATL', 'LAX', 'PHX', 'other']);
  const flights = [0, 0, 0, 0, 0, 0];
  for (const segment of table.segments) flights[segment] = (flights[segment] ?? 0) + 1;
  expect(flights).toEqual([28_244, 26_027, 20_856, 19_582, 15_273, 392_228]);
  expect(table.actual.every((minutes) => minutes > 0 && minutes < 2000)).toBe(true);
  expect(table.matrix.length).toBe(JUNE_ROWS * table.features.length);
  expect(table.matrix.every(Number.isFinite)).toBe(true);
  expect(table.features.map(({ name, unit, stored }) => ({ name, unit, stored }))).toEqual(
    loadModel('eta-baseline').features,
  );
});

test('a flight becomes the features and the trip time that the formulas give', async () => {
  // A Sunday (day 153 since Monday 2001-01-01) at 06:00, 12 min late.
  const day = 153;
  const file = await tableOf(
    `select ${day * 1440 + 360} as minute, 12 as delay, origin, destination from june limit 1`,
  );
  const table = await openContent(file);
  const [distance = 0, ...cycles] = table.matrix;
  expect(table.actual[0]).toBeCloseTo(30 + distance / 7.5 + 12, 4);
  expect(cycles.slice(0, 2)).toEqual([1, expect.closeTo(0, 7)]);
  const angle = (2 * Math.PI * (day % 7)) / 7;
  expect(cycles.slice(2, 4)).toEqual([expect.closeTo(Math.sin(angle), 6), expect.closeTo(Math.cos(angle), 6)]);
});

test('what stands in for a missing stored feature is near the mean of what is served', async () => {
  const { features, matrix, rows } = await openContent(JUNE);
  for (const [index, { name, stored, mean }] of features.entries()) {
    if (!stored) continue;
    let sum = 0;
    for (let row = 0; row < rows; row++) sum += matrix[row * features.length + index] ?? 0;
    expect(Math.abs(sum / rows - mean), name).toBeLessThan(1);
  }
});

test('SQL columns come in the declared order', async () => {
  const { features } = await openContent(await tableOf('from june limit 1'));
  const sql = readFileSync(join(dataFile('..'), 'features.sql'), 'utf8');
  expect([...sql.matchAll(/\bas (\w+),?\s*$/gm)].map(([, name]) => name).slice(0, features.length)).toEqual(
    features.map(({ name }) => name),
  );
});

test.each([
  ['a missing file', () => Promise.resolve(join(testFolder(), 'none.parquet')), 'got no file of this name'],
  ['another table', () => Promise.resolve(dataFile('airports.parquet')), 'got a file that is no content table'],
  ['something else', () => Promise.resolve(dataFile('flights-day.json')), 'got a file that is no content table'],
  [
    'a missing value',
    () => tableOf('select minute, null::smallint as delay, origin, destination from june limit 3'),
    "got missing values in column 'delay'",
  ],
  [
    'an unknown route',
    () => tableOf('select minute, delay, origin, origin as destination from june limit 3'),
    'got 3 flights of unknown routes',
  ],
])('%s is refused as bad input', async (_, make, says) => {
  const opening = openContent(await make());
  await expect(opening).rejects.toThrow(BadInput);
  await expect(opening).rejects.toThrow(says);
});

test('the distances of the history are those of the flights: one per pair of airports', async () => {
  await withDuckdb(async (connection) => {
    const found = await connection.runAndReadAll(
      `select count(*)::double, count(distinct (origin, destination))::double from '${dataFile('routes.parquet')}'`,
    );
    expect(found.getRows()).toEqual([[3399, 3399]]);
  });
});
