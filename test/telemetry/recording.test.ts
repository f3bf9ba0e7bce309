import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BadInput } from '../../config/issues.ts';
import { ParquetWriter } from '../../storage/parquet-writer.ts';
import { histogramsReady } from '../../telemetry/histogram.ts';
import { readRecording, RecordingDigest, RecordingWriter, rowsOf } from '../../telemetry/recording.ts';
import type { Window, WindowHeader } from '../../telemetry/window.ts';
import { header, windowsOf } from './recorded.ts';

const home = mkdtempSync(join(tmpdir(), 'coalmine-recording-'));
afterAll(() => rmSync(home, { recursive: true }));
beforeAll(histogramsReady);

const ALONE = ['all'];
const CITIES = ['all', 'nyc', 'sf', 'a city with spaces, commas and ü'];

async function written(name: string, head: WindowHeader, windows: readonly Window[]): Promise<string> {
  const file = join(home, name);
  const writer = await RecordingWriter.open(file, head);
  for (const window of windows) writer.add(rowsOf(window));
  await writer.finish();
  return file;
}

describe('a recording read again is what was recorded', () => {
  const cases: readonly (readonly [string, readonly string[], readonly number[]])[] = [
    ['with shadow comparisons in every other window', ALONE, [400, 300, 500]],
    ['with segments', CITIES, [200, 100]],
    ['with windows in which nothing happened', CITIES, [0, 50, 0, 0]],
    ['with a single request', ALONE, [1]],
    ['with more windows than are written at a time', ALONE, Array(300).fill(3)],
    ['without any window', ALONE, []],
  ];
  test.each(cases)('%s', async (name, segments, sizes) => {
    const windows = windowsOf(segments, sizes);
    const file = await written(`${name}.parquet`, header(segments), windows);
    const read = await readRecording(file);
    expect(read.header).toEqual(header(segments));
    expect(read.windows).toEqual(windows);
  });
});

describe('a recording that is not finished', () => {
  test('is not at its place, and leaves nothing when it is given up', async () => {
    const folder = mkdtempSync(join(home, 'given-up-'));
    const file = join(folder, 'x.parquet');
    const writer = await RecordingWriter.open(file, header(ALONE));
    for (const window of windowsOf(ALONE, Array(200).fill(2))) writer.add(rowsOf(window));
    expect(existsSync(file)).toBe(false);
    writer.abort();
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('what is no recording is refused as bad input', () => {
  test('a file that is not there', async () => {
    await expect(readRecording(join(home, 'none.parquet'))).rejects.toBeInstanceOf(BadInput);
  });

  test('text', async () => {
    const file = join(home, 'text.parquet');
    writeFileSync(file, 'index,startMs\n0,0\n');
    await expect(readRecording(file)).rejects.toBeInstanceOf(BadInput);
  });

  test('a table of something else', async () => {
    const file = join(home, 'else.parquet');
    const writer = await ParquetWriter.open(file, { index: 'int32' });
    writer.append({ index: Int32Array.of(0) });
    await writer.finish();
    await expect(readRecording(file)).rejects.toThrow('got a table without a window header, expected a recording');
  });
});

const windows = (seed?: string): Window[] => windowsOf(CITIES, [30, 0, 20], seed);
function digestOf(recorded: readonly Window[], head: WindowHeader = header(CITIES)): string {
  const digest = new RecordingDigest(head);
  for (const window of recorded) digest.add(rowsOf(window));
  return digest.close();
}
/** The same windows with one value of one row changed. */
const changed = (change: (row: Record<string, unknown>) => void): Window[] =>
  windows().map((window) =>
    window.index === 0
      ? {
          ...window,
          rows: window.rows.map((row, i) => {
            const copy = { ...row } as unknown as Record<string, unknown>;
            if (i === 4) change(copy);
            return copy as unknown as (typeof window.rows)[number];
          }),
        }
      : window,
  );

describe('the digest of a recording', () => {
  test('is the same for the same windows, and does not end the recording', async () => {
    expect(digestOf(windows())).toBe(digestOf(windows()));
    expect(digestOf(windows('other'))).not.toBe(digestOf(windows()));
  });

  test('feels every single field of a row', async () => {
    const original = digestOf(windows());
    const row = windows()[0]!.rows[4]!;
    const insensible: string[] = [];
    for (const [name, value] of Object.entries(row)) {
      const other = digestOf(
        changed((copy) => {
          if (typeof value === 'number') copy[name] = value + 1;
          else if (typeof value === 'string') copy[name] = `${value}x`;
          else if (value === null) copy[name] = 0;
          else if (name === 'over') copy[name] = [...(value as number[])].with(2, 99);
          else if (name === 'scores') copy[name] = { ...row.scores, counts: row.scores.counts.with(0, 99) };
          else if (name === 'shadow') copy[name] = { ...row.shadow, mismatches: 99 };
          else copy[name] = { ...(value as object), maxMs: 99 };
        }),
      );
      if (other === original) insensible.push(name);
    }
    expect(insensible).toEqual([]);
  });

  test('feels the order of windows, a missing one, and the header', () => {
    const [a, b, c] = windows() as [Window, Window, Window];
    const digests = [
      digestOf([a, b, c]),
      digestOf([b, a, c]),
      digestOf([a, b]),
      digestOf([a, b, c], { ...header(CITIES), windowMs: 1 }),
    ];
    expect(new Set(digests).size).toBe(4);
  });
});
