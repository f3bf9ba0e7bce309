import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { afterAll, describe, expect, test } from 'vitest';
import { BadInput } from '../../config/issues.ts';
import { readColumns, readParquet, writeParquet } from '../../storage/parquet.ts';
import { ParquetWriter } from '../../storage/parquet-writer.ts';

const home = mkdtempSync(join(tmpdir(), 'coalmine-parquet-'));
afterAll(() => rmSync(home, { recursive: true }));

const ALL = {
  a: 'int32',
  b: 'int64',
  c: 'uint8',
  d: 'uint16',
  e: 'uint32',
  f: 'float',
  g: 'double',
  h: 'varchar',
  i: 'blob',
  aN: 'int32?',
  bN: 'int64?',
  gN: 'double?',
  hN: 'varchar?',
  iN: 'blob?',
} as const;

const sample = {
  a: Int32Array.of(1, -2, 2147483647),
  b: BigInt64Array.of(1n, -2n, 9007199254740993n),
  c: Uint8Array.of(0, 1, 255),
  d: Uint16Array.of(0, 1, 65535),
  e: Uint32Array.of(0, 1, 4294967295),
  f: Float32Array.of(0.5, -1.25, Infinity),
  g: Float64Array.of(0.1, -Infinity, Number.NaN),
  h: ['', 'naïve', "it's a longer text than twelve bytes 🐤"],
  i: [new Uint8Array(0), Uint8Array.of(0, 1, 2), new Uint8Array(100).fill(7)],
  aN: [1, null, 3],
  bN: [null, 5n, null],
  gN: [null, null, 0.1],
  hN: [null, '', 'x'],
  iN: [Uint8Array.of(9), null, new Uint8Array(0)],
};

describe('parquet', () => {
  test('every kind of column comes back as it went in', async () => {
    const path = join(home, 'all.parquet');
    await writeParquet(path, ALL, sample);
    expect(await readParquet(path, ALL)).toEqual(sample);
  });

  test('an independent reader sees the same values', async () => {
    const path = join(home, 'independent.parquet');
    await writeParquet(
      path,
      { a: 'int32', g: 'double?', h: 'varchar', i: 'blob?' },
      { a: sample.a, g: sample.gN, h: sample.h, i: sample.iN },
    );
    const bytes = readFileSync(path);
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    const rows = await parquetReadObjects({ file, compressors, utf8: false });
    expect(rows.map((row) => row['a'])).toEqual([...sample.a]);
    expect(rows.map((row) => row['g'])).toEqual(sample.gN);
    expect(rows.map((row) => row['h'])).toEqual(sample.h);
    expect(rows.map((row) => row['i'])).toEqual(sample.iN);
  });

  test('batches of any size are read back in order', async () => {
    const path = join(home, 'batches.parquet');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 5000 }), { maxLength: 6 }), async (sizes) => {
        const writer = await ParquetWriter.open(path, { n: 'double', text: 'varchar?' });
        let next = 0;
        for (const size of sizes) {
          const n = Float64Array.from({ length: size }, () => next++);
          writer.append({ n, text: Array.from(n, (each) => (each % 3 === 0 ? null : String(each))) });
        }
        await writer.finish();
        const { n, text } = await readParquet(path, { n: 'double', text: 'varchar?' });
        expect(n).toEqual(Float64Array.from({ length: next }, (_, i) => i));
        expect(text).toEqual(Array.from({ length: next }, (_, i) => (i % 3 === 0 ? null : String(i))));
      }),
      { numRuns: 10 },
    );
  });

  test('two million rows stream through in pieces', async () => {
    const path = join(home, 'large.parquet');
    const rows = 2_000_000;
    const time = BigInt64Array.from({ length: rows }, (_, i) => BigInt(i) * 720n);
    await writeParquet(
      path,
      { time: 'int64', key: 'int32' },
      { time, key: Int32Array.from({ length: rows }, (_, i) => i % 1000) },
    );
    let at = 0;
    let pieces = 0;
    for await (const { time: piece } of readColumns(path, { time: 'int64' })) {
      expect(piece[0]).toBe(BigInt(at) * 720n);
      at += piece.length;
      pieces += 1;
    }
    expect(at).toBe(rows);
    expect(pieces).toBeLessThan(40);
  });

  test('a reader that stops early leaves nothing open', async () => {
    const path = join(home, 'large.parquet');
    for await (const { time } of readColumns(path, { time: 'int64' })) {
      expect(time.length).toBeGreaterThan(0);
      break;
    }
    rmSync(path);
  });

  test('an aborted writer leaves no file, not even a partial one', async () => {
    const folder = mkdtempSync(join(home, 'abort-'));
    const writer = await ParquetWriter.open(join(folder, 'x.parquet'), { n: 'double' });
    writer.append({ n: new Float64Array(300_000) });
    writer.abort();
    writer.abort();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('a writer that failed leaves the file that was there', async () => {
    const path = join(home, 'kept.parquet');
    await writeParquet(path, { n: 'double' }, { n: Float64Array.of(1) });
    await expect(
      writeParquet(path, { n: 'double', m: 'double' }, { n: Float64Array.of(1), m: new Float64Array(2) }),
    ).rejects.toThrow("got 2 values of 'm', expected 1 as of 'n'");
    expect(await readParquet(path, { n: 'double' })).toEqual({ n: Float64Array.of(1) });
  });

  test('names with quotes and glob characters mean themselves', async () => {
    const path = join(home, "odd [1] *?'name.parquet");
    await writeParquet(path, { 'a "b"': 'int32' }, { 'a "b"': Int32Array.of(7) });
    writeFileSync(join(home, 'odd 1 x.parquet'), 'not parquet');
    expect(await readParquet(path, { 'a "b"': 'int32' })).toEqual({ 'a "b"': Int32Array.of(7) });
  });

  test('an empty table keeps its columns', async () => {
    const path = join(home, 'empty.parquet');
    await writeParquet(path, { n: 'double', text: 'varchar' }, { n: new Float64Array(0), text: [] });
    expect(await readParquet(path, { n: 'double', text: 'varchar' })).toEqual({ n: new Float64Array(0), text: [] });
    expect(await readColumns(path, { n: 'double' }).next()).toEqual({ done: true, value: undefined });
  });

  test('what the file has and what the schema says must agree: all differences are reported', async () => {
    const path = join(home, 'differs.parquet');
    await writeParquet(path, { n: 'double?', m: 'int32' }, { n: [1, null], m: Int32Array.of(1, 2) });
    const error = await readParquet(path, { n: 'double', m: 'int64', k: 'blob' }).catch((each: unknown) => each);
    expect((error as BadInput).issues.map((issue) => issue.message)).toEqual([
      "got missing values in column 'n', expected none",
      "got the type INTEGER in column 'm', expected a column of type BIGINT",
      "got no column 'k', expected a column of type BLOB",
    ]);
  });

  test('a missing file and a file of another format are bad input', async () => {
    await expect(readParquet(join(home, 'none.parquet'), { n: 'double' })).rejects.toThrow('expected a Parquet file');
    const path = join(home, 'text.parquet');
    writeFileSync(path, 'hello');
    await expect(readParquet(path, { n: 'double' })).rejects.toBeInstanceOf(BadInput);
  });
});
