/** Measures add up exactly, mature with their labels, and survive a recording; runs without them are recorded as ever. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withDuckdb } from '../../storage/duckdb.ts';
import { Cell } from '../../telemetry/cell.ts';
import { histogramsReady } from '../../telemetry/histogram.ts';
import {
  addMeasures,
  addPairs,
  type MeasureInfo,
  MeasureRecorder,
  PairMeasureRecorder,
} from '../../telemetry/measures.ts';
import { readRecording, RecordingWriter, rowsOf } from '../../telemetry/recording.ts';
import { sumRows } from '../../telemetry/sum.ts';
import type { ArmWindow, Window, WindowHeader } from '../../telemetry/window.ts';
import { Stream } from '../../sim/random.ts';
import { frameOf, header, scoreGrid, thresholds, WINDOW_MS, windowsOf } from './recorded.ts';

const home = mkdtempSync(join(tmpdir(), 'coalmine-measures-'));
afterAll(() => rmSync(home, { recursive: true }));
beforeAll(histogramsReady);

const INFOS: readonly MeasureInfo[] = [
  { name: 'precision@10', description: 'share of the list that is relevant', step: 0.1 },
  { name: 'wait-ms', description: 'a time', step: 10 },
];
const OF_PAIRS: readonly MeasureInfo[] = [{ name: 'overlap@10', description: 'shared items', step: 0.1 }];
const measured: WindowHeader = { ...header(['all']), measures: INFOS, pairMeasures: OF_PAIRS };

const moments = (values: readonly number[]) => ({
  count: values.length,
  sum: values.reduce((a, b) => a + b, 0),
  squares: values.reduce((a, b) => a + b * b, 0),
});

describe('a measure', () => {
  test('is the count, the sum and the sum of squares of its values, window by window', () => {
    const recorder = new MeasureRecorder(INFOS, WINDOW_MS, 0);
    for (const value of [3, 7, 7]) recorder.record(0, value);
    recorder.record(1, 120);
    expect(recorder.close(0)).toEqual({ 'precision@10': moments([3, 7, 7]), 'wait-ms': moments([120]) });
    recorder.record(0, 1);
    expect(recorder.close(1)).toEqual({ 'precision@10': moments([1]), 'wait-ms': moments([]) });
  });

  test('that comes with the label is counted in the window in which the label matures', () => {
    const recorder = new MeasureRecorder(INFOS, WINDOW_MS, 25_000);
    recorder.recordLater(4000, 1, 5); // matures at 29 s
    recorder.recordLater(9000, 1, 6); // at 34 s
    recorder.recordLater(12_000, 1, 7); // at 37 s
    const windows = [0, 1, 2, 3, 4].map((index) => recorder.close(index)['wait-ms']);
    expect(windows).toEqual([moments([]), moments([]), moments([5]), moments([6, 7]), moments([])]);
  });

  test('of pairs keeps what a comparison on the same requests needs', () => {
    const recorder = new PairMeasureRecorder(INFOS, OF_PAIRS);
    const [b, c] = [
      [5, 4, 7],
      [6, 4, 9],
    ];
    for (const i of [0, 1, 2]) recorder.record(0, b[i]!, c[i]!);
    recorder.recordOwn(0, 8);
    const { measures, pairMeasures } = recorder.close();
    expect(measures['precision@10']).toEqual({
      count: 3,
      baselineSum: 16,
      candidateSum: 19,
      baselineSquares: 90,
      candidateSquares: 133,
      products: 30 + 16 + 63,
    });
    expect(pairMeasures['overlap@10']).toEqual(moments([8]));
    expect(recorder.close().measures['precision@10']!.count).toBe(0);
  });
});

test('sums are whole numbers: they are the same in any order and grouping', () => {
  const stream = new Stream('measures/order');
  const values = Array.from({ length: 999 }, () => Math.floor(stream.next() * 1e5));
  const part = (from: number, to: number) => ({ x: moments(values.slice(from, to)) });
  const [a, b, c] = [part(0, 10), part(10, 500), part(500, 999)];
  expect(addMeasures(addMeasures(c, a), b)).toEqual({ x: moments(values) });
  expect(addMeasures(a, addMeasures(b, c))).toEqual(addMeasures(addMeasures(a, b), c));
  expect(addMeasures({}, a)).toEqual(a);
  expect(addPairs({}, {})).toEqual({});
});

/** A window of both arms with `n` requests each, by cells. */
function windowOf(index: number, n: number): Window {
  const stream = new Stream(`measures/${index}`);
  const options = {
    thresholds,
    scoreGrid,
    windowMs: WINDOW_MS,
    labelDelayMs: 0,
    hitMs: 0.2,
    measures: INFOS,
    pairMeasures: OF_PAIRS,
  };
  const rows = (['baseline', 'candidate'] as const).map((arm): ArmWindow => {
    const cell = new Cell(arm, 'all', options);
    for (let i = 0; i < n; i++) {
      const value = Math.floor(stream.next() * 11);
      cell.answered(20, 0, false);
      cell.measures!.record(0, value);
      if (arm === 'baseline') continue;
      cell.pairs.complete(21);
      cell.pairs.measures!.record(0, value, 10 - value);
      cell.pairs.measures!.recordOwn(0, value);
    }
    return cell.close(frameOf(index), 0, null, arm === 'candidate' && index > 0);
  });
  return { index, startMs: index * WINDOW_MS, endMs: (index + 1) * WINDOW_MS, rows };
}

test('a recording with measures is read as it was written', async () => {
  const file = join(home, 'measured.parquet');
  const windows = [windowOf(0, 0), windowOf(1, 40), windowOf(2, 7)];
  const writer = await RecordingWriter.open(file, measured);
  for (const window of windows) writer.add(rowsOf(window));
  await writer.finish();
  const read = await readRecording(file);
  expect(read.header).toEqual(measured);
  expect(read.windows).toEqual(windows);
  expect(read.windows[1]!.rows[1]!.measures!['precision@10']!.count).toBe(40);
});

test('a recording without measures has the columns that recordings have always had', async () => {
  const file = join(home, 'plain.parquet');
  const writer = await RecordingWriter.open(file, header(['all']));
  for (const window of windowsOf(['all'], [5])) writer.add(rowsOf(window));
  await writer.finish();
  const names = await withDuckdb(async (connection) =>
    (await connection.runAndReadAll(`select name from parquet_schema('${file}')`)).getRows().flat(),
  );
  expect(names).toContain('shadow_candidateScores');
  expect(names.filter((name) => String(name).toLowerCase().includes('measures'))).toEqual([]);
});

test('the row of all segments has the sums of theirs', () => {
  const [one, other] = [windowOf(1, 30), windowOf(2, 50)].map(({ rows }) => rows[1]!);
  const sum = sumRows([one!, other!], 'all');
  expect(sum.measures).toEqual(addMeasures(one!.measures!, other!.measures!));
  expect(sum.shadow!.measures).toEqual(addPairs(one!.shadow!.measures!, other!.shadow!.measures!));
  expect(sum.shadow!.pairMeasures!['overlap@10']!.count).toBe(80);
});
