import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { BadInput } from '../../config/issues.ts';
import { packageRoot } from '../../scenarios/files.ts';
import { generateTrace } from '../../scenarios/trace/generate.ts';
import { importTrace } from '../../scenarios/trace/import.ts';
import { inspectTrace } from '../../scenarios/trace/inspect.ts';
import type { ImportOptions } from '../../scenarios/trace/sources.ts';
import { type Arrivals, openTrace } from '../../scenarios/trace/trace.ts';

const home = mkdtempSync(join(tmpdir(), 'coalmine-trace-'));
afterAll(() => rmSync(home, { recursive: true }));

interface Rows {
  timesUs: number[];
  keys: number[];
  users: number[];
  contents: number[];
  segments: number[];
}

async function rowsOf(file: string): Promise<Rows> {
  const rows: Rows = { timesUs: [], keys: [], users: [], contents: [], segments: [] };
  for await (const piece of openTrace(file))
    for (const name of Object.keys(rows) as (keyof Rows)[]) rows[name].push(...piece[name]);
  return rows;
}

const arrivals = (timesUs: number[]): Arrivals => ({
  timesUs: Float64Array.from(timesUs),
  keys: Int32Array.from(timesUs, (_, i) => i % 3),
  users: Int32Array.from(timesUs, (_, i) => i),
  contents: Int32Array.from(timesUs, (_, i) => i * 2),
  segments: Uint8Array.from(timesUs, () => 1),
});

let files = 0;
/** Imports `text`; the trace is read back. */
async function importText(text: string | Uint8Array, options: ImportOptions): ReturnType<typeof importTrace> {
  files += 1;
  const log = join(home, `log-${files}`);
  writeFileSync(log, text);
  return importTrace(log, join(home, `trace-${files}.parquet`), options);
}
const imported = (): Promise<Rows> => rowsOf(join(home, `trace-${files}.parquet`));

async function issuesOf(work: Promise<unknown>): Promise<string[]> {
  const error = await work.catch((each: unknown) => each);
  if (!(error instanceof BadInput)) throw error;
  return error.issues.map(({ line, message }) => `${line}: ${message}`);
}

function* failing(): Generator<Arrivals> {
  yield arrivals([0]);
  throw new Error('out of luck');
}

describe('generated traces', () => {
  test('are read back as they were written, with progress on the way', async () => {
    const out = join(home, 'generated.parquet');
    const progress: number[] = [];
    expect(await generateTrace([arrivals([0, 5, 5]), arrivals([9, 3e15])], out, (rows) => progress.push(rows))).toBe(5);
    expect(progress).toEqual([3, 5]);
    expect(await rowsOf(out)).toEqual({
      timesUs: [0, 5, 5, 9, 3e15],
      keys: [0, 1, 2, 0, 1],
      users: [0, 1, 2, 0, 1],
      contents: [0, 2, 4, 0, 2],
      segments: [1, 1, 1, 1, 1],
    });
  });

  test('a generator that fails leaves no file', async () => {
    await expect(generateTrace(failing(), join(home, 'sub/failed.parquet'))).rejects.toThrow('out of luck');
    expect(readdirSync(join(home, 'sub'))).toEqual([]);
  });

  test('arrivals that go back in time are refused when they are read', async () => {
    const out = join(home, 'unsorted.parquet');
    await generateTrace([arrivals([7, 3])], out);
    expect(await issuesOf(rowsOf(out))).toEqual(['1: got time 3 µs after 7 µs, expected arrivals sorted by time']);
  });
});

const envoyLine = (time: string, path: string, from: string): string =>
  `[${time}] "GET ${path} HTTP/2" 204 - 154 0 226 100 "${from}" "agent/1" "cc21d9b0" "locations" "tcp://10.0.2.1:80"\n`;

const nginxLine = (time: string): string =>
  `10.0.0.1 - frank [${time}] "GET /a?b HTTP/1.1" 200 2326 "https://example.org/" "Mozilla/5.0"\n`;

describe('imported traces', () => {
  test('CSV: sorted by time, texts numbered by frequency', async () => {
    const text = 'when,who,what\n2024-01-01 00:00:02,ann,b\n2024-01-01 00:00:00.5,bob,a\n2024-01-01T00:00:01Z,ann,b\n';
    const options = {
      format: 'csv',
      timeColumn: 'when',
      userColumn: 'who',
      keyColumn: 'what',
      segmentColumn: 'who',
    } as const;
    expect(await importText(text, options)).toEqual({
      rows: 3,
      badRows: 0,
      badSamples: [],
      keys: 2,
      users: 2,
      segments: ['ann', 'bob'],
    });
    expect(await imported()).toEqual({
      timesUs: [0, 500_000, 1_500_000],
      keys: [1, 0, 0],
      users: [1, 0, 0],
      contents: [0, 1, 2],
      segments: [1, 0, 0],
    });
  });

  test.each([
    ['s', '1700000000.25\n1700000001\n', 750_000],
    ['ms', '1700000000250\n1700000001000\n', 750_000],
    ['us', '250000\n1000000\n', 750_000],
    ['ns', '250000000\n1000000000\n', 750_000],
  ] as const)('times in %s', async (timeUnit, lines, gap) => {
    await importText(`t\n${lines}`, { format: 'csv', timeColumn: 't', timeUnit });
    expect(await imported()).toMatchObject({ timesUs: [0, gap], keys: [0, 0], users: [0, 1] });
  });

  test('NDJSON', async () => {
    const text = '{"ts": 2000, "user": {"id": 1}, "k": "x"}\n\n{"k": "y", "ts": "1500"}\n';
    await importText(text, { format: 'ndjson', timeColumn: 'ts', timeUnit: 'ms', keyColumn: 'k' });
    expect(await imported()).toMatchObject({ timesUs: [0, 500_000], keys: [1, 0] });
  });

  test("Envoy's default access log", async () => {
    const text =
      envoyLine('2016-04-15T20:17:00.310Z', '/a?x=1', '10.0.0.1') +
      envoyLine('2016-04-15T20:17:00.300Z', '/a', '10.0.0.2') +
      envoyLine('2016-04-15T20:17:01.000Z', '/b', '10.0.0.2');
    expect(await importText(text, { format: 'envoy' })).toMatchObject({ rows: 3, keys: 2, users: 2 });
    expect(await imported()).toMatchObject({ timesUs: [0, 10_000, 700_000], keys: [0, 0, 1], users: [0, 1, 0] });
  });

  test("nginx's combined access log, with local time or milliseconds", async () => {
    await importText(nginxLine('10/Oct/2000:13:55:36 -0700') + nginxLine('10/Oct/2000:20:55:38 +0000'), {
      format: 'nginx',
    });
    expect(await imported()).toMatchObject({ timesUs: [0, 2_000_000], keys: [0, 0], users: [0, 0] });
    await importText(nginxLine('1700000000.123') + nginxLine('1700000000.125'), { format: 'nginx' });
    expect(await imported()).toMatchObject({ timesUs: [0, 2000] });
  });

  test('Parquet', async () => {
    const source = join(home, 'source.parquet');
    await generateTrace([arrivals([10, 20, 40])], source);
    const out = join(home, 'copy.parquet');
    await importTrace(source, out, { format: 'parquet', timeColumn: 'time_us', timeUnit: 'us', keyColumn: 'key' });
    expect(await rowsOf(out)).toMatchObject({ timesUs: [0, 10, 30], keys: [0, 1, 2] });
  });

  test('up to one bad row in a hundred is left out and reported with its line', async () => {
    const lines = Array.from({ length: 400 }, (_, i) => `${i},k`);
    lines[10] = 'soon,k';
    lines[200] = ',k';
    lines[300] = '300,ÿ';
    lines[350] = 'never,k';
    // In Latin-1 the ÿ is a byte that UTF-8 does not have.
    const bytes = Buffer.from(`t,k\n${lines.join('\n')}\n`, 'latin1');
    const report = await importText(bytes, { format: 'csv', timeColumn: 't', keyColumn: 'k', timeUnit: 's' });
    expect([report.rows, report.badRows]).toEqual([396, 4]);
    expect(report.badSamples.map(({ line, message }) => `${line}: ${message}`)).toEqual([
      "12: got 'soon', expected a row with a time",
      "202: got '', expected a row with a time",
      expect.stringMatching(/^302: got '300,/),
      "352: got 'never', expected a row with a time",
    ]);
  });

  test('a line of a log that is not UTF-8 is one bad row', async () => {
    const lines = Array.from({ length: 300 }, (_, i) => nginxLine(`${1_700_000_000 + i}.000`));
    lines[50] = nginxLine('1700000050.000').replace('frank', 'fränk');
    lines[70] = 'noise\n';
    const report = await importText(Buffer.from(lines.join(''), 'latin1'), { format: 'nginx' });
    expect([report.rows, report.badRows]).toEqual([298, 2]);
    expect(report.badSamples.map(({ line }) => line)).toEqual([51, 71]);
  });

  test('more bad rows, no rows, no such column or no time column are bad input, and nothing is written', async () => {
    const options = { format: 'csv', timeColumn: 't', timeUnit: 's' } as const;
    expect(await issuesOf(importText('t\n1\nx\n', options))).toEqual([
      '1: got 1 of 2 rows that cannot be read, expected at most 1 %',
      "3: got 'x', expected a row with a time",
    ]);
    expect(await issuesOf(importText('t\n', options))).toEqual(['1: got no rows, expected a request per row']);
    expect(await issuesOf(importText('tim,user\n1,2\n', { ...options, timeColumn: 'time', keyColumn: 'usr' }))).toEqual(
      [
        "1: got the column 'time', expected one of: tim, user; did you mean 'tim'?",
        "1: got the column 'usr', expected one of: tim, user; did you mean 'user'?",
      ],
    );
    expect(await issuesOf(importText('t\n1\n', { format: 'csv' }))).toEqual([
      '1: got no time column, expected one for the format csv',
    ]);
    expect(await issuesOf(importTrace(join(home, 'none'), join(home, 'x'), options))).toEqual([
      '1: got no file of this name, expected a log to import',
    ]);
    expect(await issuesOf(importText('no parquet', { format: 'parquet', timeColumn: 't' }))).toEqual([
      expect.stringContaining('expected the format asked for'),
    ]);
    expect(readdirSync(home).filter((name) => name === `trace-${files}.parquet` || name.includes('partial'))).toEqual(
      [],
    );
  });
});

describe('inspectTrace', () => {
  test('sums up a trace that can be counted by hand', async () => {
    const file = join(home, 'inspect.parquet');
    // Ten requests in the first minute, none in the second, twenty in the third, one to end it.
    const times = [...Array.from({ length: 10 }, (_, i) => i), ...Array.from({ length: 20 }, (_, i) => 120 + i), 180];
    await generateTrace([arrivals(times.map((s) => s * 1e6))], file);
    const summary = await inspectTrace(file);
    expect(summary).toMatchObject({
      rows: 31,
      durationMs: 180_000,
      meanRps: 30 / 180,
      keys: 3,
      users: 31,
      perMinute: { min: 0, max: 20 },
      topKeyShare: { top1: 11 / 31, top10: 1, top100: 1 },
    });
    expect(summary.dispersion.s60).toBeCloseTo(10, 9);
  });

  test('a regular trace has no variation; one arrival has none to speak of', async () => {
    const file = join(home, 'regular.parquet');
    await generateTrace([arrivals(Array.from({ length: 1001 }, (_, i) => i * 100_000))], file);
    expect(await inspectTrace(file)).toMatchObject({ gapCv: 0, dispersion: { s1: 0, s10: 0, s60: null }, meanRps: 10 });
    await generateTrace([arrivals([5])], file);
    expect(await inspectTrace(file)).toMatchObject({
      rows: 1,
      durationMs: 0,
      meanRps: 0,
      gapCv: null,
      perMinute: null,
    });
  });

  test('an empty trace and another file are bad input', async () => {
    const file = join(home, 'empty.parquet');
    await generateTrace([], file);
    expect(await issuesOf(inspectTrace(file))).toEqual(['1: got a trace without arrivals, expected at least one']);
    expect(await issuesOf(inspectTrace(join(home, 'none.parquet')))).toEqual([
      '1: got no file of this name, expected a Parquet file',
    ]);
  });

  const llm = join(packageRoot, '../shared/data/AzureLLMInferenceTrace_conv.csv');
  test('the public LLM request trace is as bursty as published', async (context) => {
    if (!existsSync(llm)) {
      console.warn(`SKIPPED: ${llm} is not here, so the import of a real trace is not tested`);
      context.skip();
    }
    const out = join(home, 'llm.parquet');
    expect(await importTrace(llm, out, { format: 'csv', timeColumn: 'TIMESTAMP' })).toMatchObject({
      rows: 19_366,
      badRows: 0,
    });
    const summary = await inspectTrace(out);
    expect(summary.durationMs).toBeCloseTo(3_501_722, -1);
    expect(summary.gapCv).toBeCloseTo(1.094, 3);
    // Published figures (1.38 and 20.9) count the last, unfinished interval as a whole one: 22 s taken for a quiet minute.
    expect(summary.dispersion.s1).toBeCloseTo(1.386, 3);
    expect(summary.dispersion.s60).toBeCloseTo(16.41, 2);
  });
});
