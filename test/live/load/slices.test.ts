import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as fc from 'fast-check';
import { parquetMetadata } from 'hyparquet';
import { describe, expect, test } from 'vitest';
import { BadInput } from '../../../config/issues.ts';
import { NO_CONTENT, type Row, ROW_BYTES, readRow, writeRow } from '../../../live/load/row.ts';
import { type Slice, type SliceIndex, sliceOf } from '../../../live/load/slice-index.ts';
import { countDue, readIndex, readSlices } from '../../../live/load/slice-reader.ts';
import { type SliceOptions, writeSlices } from '../../../live/load/slices.ts';
import { loadScenario } from '../../../scenarios/load.ts';
import type { Fault, Scenario } from '../../../scenarios/scenario.ts';
import { generateTrace } from '../../../scenarios/trace/generate.ts';
import { userOf } from '../../../sim/arrivals/open.ts';
import { ZipfKeys } from '../../../sim/keys.ts';
import { streamsOf } from '../../../sim/random.ts';
import { fault, mirror, run, scenarioOf, setWeight } from '../../sim/support.ts';
import { newFolder } from './support.ts';

interface Request extends Row {
  readonly number: number;
  readonly dueUs: number;
}

/** Writes and reads back. */
async function requestsOf(
  scenario: Scenario,
  untilMs: number,
  options: SliceOptions = {},
): Promise<{ dir: string; index: SliceIndex; requests: Request[] }> {
  const dir = newFolder();
  const index = await writeSlices(scenario, dir, untilMs, options);
  expect(readIndex(dir)).toEqual(index);
  const requests: Request[] = [];
  for await (const piece of readSlices(dir, index)) {
    for (let i = 0; i < piece.count; i++) {
      const row = piece.read(i, { offsetUs: 0, key: 0, user: 0, content: 0 });
      requests.push({ ...row, number: piece.first + i, dueUs: piece.dueUs(i) });
    }
  }
  return { dir, index, requests };
}

const TRAFFIC = '{ requests: 1k, rate: 200/s, keys: { count: 5k, zipf: 0.9 }, users: 300 }';
const small = scenarioOf({ traffic: TRAFFIC, arm: 'replicas: 100' });
const withFaults = (faults: readonly Fault[]): Scenario => ({ ...small, faults });

/** Times, in whole µs, at which the simulator sees requests arrive, copies left out. */
async function simulated(scenario: Scenario, endMs: number, steps: Parameters<typeof run>[2] = []): Promise<number[]> {
  // A little longer: the probe sees a request when it is dispatched.
  const { requests } = await run(scenario, endMs + 1000, steps);
  const timesUs = requests.map(({ arrivalMs }) => Math.round(arrivalMs * 1000));
  return timesUs.filter((us) => us < endMs * 1000).sort((a, b) => a - b);
}

describe('slices hold what the simulator draws', () => {
  test('its arrival times to the µs, and keys, users and content rows from the same streams', async () => {
    const scenario = loadScenario('scenarios/seed-healthy.yaml', { seed: 11 }).scenario;
    const { requests, index } = await requestsOf(scenario, 4000, { contentRows: 1000 });
    expect(requests.map(({ dueUs }) => dueUs)).toEqual(await simulated({ ...scenario, faults: [] }, 4000));
    expect(index.rows).toBe(requests.length);
    const { keys, users } = scenario.traffic;
    const zipf = new ZipfKeys(keys.count, keys.zipf, streamsOf(11)('keys'));
    const offset = Math.floor(streamsOf(11)('content/offset').next() * 1000);
    for (const { number, key, user, content } of requests) {
      expect([key, user]).toEqual([zipf.next(), userOf(number, users)]);
      expect(content).toBe((offset + number) % 1000);
    }
  });

  test('rows drawn at random where the table is, and none where there is no content', async () => {
    const scenario = loadScenario('scenarios/seed-healthy.yaml', { seed: 11 }).scenario;
    const content = { ...scenario.traffic.content, order: 'random' } as Scenario['traffic']['content'];
    const random = { ...scenario, traffic: { ...scenario.traffic, content } };
    const { requests } = await requestsOf(random, 1000, { contentRows: 1000 });
    const stream = streamsOf(11)('content');
    expect(requests.length).toBeGreaterThan(100);
    for (const request of requests) expect(request.content).toBe(Math.floor(stream.next() * 1000));
    const without = await requestsOf(small, 1000);
    expect(new Set(without.requests.map((each) => each.content))).toEqual(new Set([NO_CONTENT]));
  });

  test('the rows of the content file are counted when nobody says how many there are', async () => {
    const scenario = loadScenario('scenarios/seed-healthy.yaml', { seed: 11 }).scenario;
    const { requests } = await requestsOf(scenario, 100);
    const { file } = scenario.traffic.content as { file: string };
    const rows = Number(parquetMetadata(new Uint8Array(readFileSync(file)).buffer).num_rows);
    expect(requests[0]!.content).toBe(Math.floor(streamsOf(11)('content/offset').next() * rows));
  });

  test('a trace, replayed over and over: its times, keys modulo the count, users, contents', async () => {
    const file = `${newFolder()}.parquet`;
    const arrivals = {
      timesUs: Float64Array.of(100_000, 250_000, 400_000),
      keys: Int32Array.of(7, 5001, 2),
      users: Int32Array.of(10, 20, 30),
      contents: Int32Array.of(5, 6, 7),
      segments: new Uint8Array(3),
    };
    await generateTrace([arrivals], file);
    const process = { kind: 'trace', file, repeat: true, speedUp: 2 } as const;
    const scenario = { ...small, traffic: { ...small.traffic, arrivals: process } };
    const { requests } = await requestsOf(scenario, 400);
    expect(requests.map(({ dueUs, key, user, content }) => [dueUs, key, user, content])).toEqual([
      [50_000, 7, 10, 5],
      [125_000, 1, 20, 6],
      [200_000, 2, 30, 7],
      [250_000, 7, 10, 5],
      [325_000, 1, 20, 6],
    ]);
  });
});

describe('traffic spikes are baked in', () => {
  test('at a time: as the simulator has them, two at once multiplied', async () => {
    const scenario = withFaults([
      fault('traffic-spike', 1234.5, 2000, 3),
      fault('traffic-spike', 2000, 700, 2),
      fault('replica-crash', 500, 100, 1),
    ]);
    const { requests } = await requestsOf(scenario, 5000);
    expect(requests.map(({ dueUs }) => dueUs)).toEqual(await simulated(scenario, 5000));
    const between = (from: number, to: number): number =>
      requests.filter(({ dueUs }) => dueUs >= from * 1000 && dueUs < to * 1000).length;
    expect(between(2000, 2700) / 0.7).toBeGreaterThan(4 * between(3300, 5000) * (1 / 1.7));
  });

  const waiting: readonly Fault[] = [
    { ...fault('traffic-spike', 0, 500, 4), trigger: { on: 'stage', stage: 'canary', afterMs: 250 } },
    { ...fault('traffic-spike', 0, 300, 2), trigger: { on: 'weight-change', afterMs: 100 } },
  ];
  const stages = [
    { name: 'shadow', startMs: 0, weightPercent: 0 },
    { name: 'canary', startMs: 2000, weightPercent: 5 },
    { name: 'full', startMs: 4000, weightPercent: 100 },
  ];

  test('after a stage or a change of the weight: where the plan has them, as the simulator in a rollout that goes so', async () => {
    const { requests } = await requestsOf(withFaults(waiting), 6000, { stages });
    const steps = [
      [0, mirror(0)],
      [2000, setWeight(5)],
      [4000, setWeight(100, 'full')],
    ] as const;
    expect(requests.map(({ dueUs }) => dueUs)).toEqual(await simulated(withFaults(waiting), 6000, steps));
    expect(requests.length).toBeGreaterThan((await requestsOf(small, 6000)).requests.length);
  });

  test('and are left out when nobody says when stages begin', async () => {
    const plain = await requestsOf(small, 6000);
    expect((await requestsOf(withFaults(waiting), 6000)).requests).toEqual(plain.requests);
  });
});

describe('a folder of slices', () => {
  test('is cut in time, with an empty slice where nothing arrives, and says how dense it gets', async () => {
    const points = '{ at: 0s, rate: 300/s }, { at: 1s, rate: 0/s }, { at: 3s, rate: 100/s }';
    const traffic = `{ requests: 1k, arrivals: { kind: profile, period: 4s, points: [${points}] } }`;
    const { index, dir, requests } = await requestsOf(scenarioOf({ traffic }), 4000, { sliceMs: 500 });
    expect(index.slices.map(({ startMs }) => startMs)).toEqual([0, 500, 1000, 1500, 2000, 2500, 3000, 3500]);
    expect(index.slices.map(({ rows }) => rows > 0)).toEqual([true, true, false, false, false, false, true, true]);
    expect(index.slices.map(({ file }) => statSync(join(dir, file)).size / ROW_BYTES)).toEqual(
      index.slices.map(({ rows }) => rows),
    );
    for (const { startMs, first, rows } of index.slices) {
      const own = requests.filter(({ dueUs }) => dueUs >= startMs * 1000 && dueUs < (startMs + 500) * 1000);
      expect(own.map(({ number }) => number)).toEqual(Array.from({ length: rows }, (_, i) => first + i));
    }
    const seconds = requests.map(({ dueUs }) => Math.floor(dueUs / 1e6));
    expect(index.peakPerSecond).toBe(seconds.filter((second) => second === 0).length);
  });

  test('knows how many of its requests are due at any time', async () => {
    const { index, dir, requests } = await requestsOf(small, 3000, { sliceMs: 700 });
    const times = fc.double({ min: -10, max: 3100, noNaN: true });
    fc.assert(
      fc.property(times, (elapsedMs) => {
        expect(countDue(dir, index, elapsedMs)).toBe(requests.filter(({ dueUs }) => dueUs / 1000 <= elapsedMs).length);
      }),
    );
    for (const { dueUs, number } of requests.slice(0, 50)) expect(countDue(dir, index, dueUs / 1000)).toBe(number + 1);
  });

  test('ends with the scenario, and is whole or not there', async () => {
    const { index, dir } = await requestsOf({ ...small, limitMs: 1500 }, 60_000);
    expect(index.untilMs).toBe(1500);
    await expect(writeSlices(small, dir, 1000)).rejects.toThrow(BadInput);
    const taken = newFolder();
    mkdirSync(taken);
    const trace = join(taken, 'no-trace.parquet');
    writeFileSync(trace, 'nonsense');
    const process = { kind: 'trace', file: trace, repeat: false, speedUp: 1 } as const;
    const broken = { ...small, traffic: { ...small.traffic, arrivals: process } };
    const target = newFolder();
    await expect(writeSlices(broken, target, 1000)).rejects.toThrow(BadInput);
    expect(existsSync(target)).toBe(false);
    expect(readdirSync(dirname(target)).filter((name) => name.includes('partial'))).toEqual([]);
    await expect(writeSlices(small, newFolder(), 1000, { sliceMs: 3_600_001 })).rejects.toThrow(RangeError);
  });

  test('that is cut short or of another form is refused with its place', async () => {
    const { dir, index } = await requestsOf(small, 1000);
    const file = join(dir, index.slices[0]!.file);
    writeFileSync(file, readFileSync(file).subarray(0, -1));
    const read = async (): Promise<void> => {
      for await (const piece of readSlices(dir, index)) expect(piece.count).toBeGreaterThan(0);
    };
    await expect(read()).rejects.toThrow(`got ${index.rows - 1} rows in a slice, expected at least ${index.rows}`);
    writeFileSync(join(dir, 'index.json'), JSON.stringify({ ...index, rowBytes: 8 }));
    expect(() => readIndex(dir)).toThrow('rows of 8 bytes');
  });
});

test('a row is read back as it was written, anywhere in a buffer', () => {
  const u32 = fc.nat(0xffffffff);
  fc.assert(
    fc.property(
      u32,
      u32,
      u32,
      fc.integer({ min: -1, max: 0x7fffffff }),
      fc.nat(9),
      (offsetUs, key, user, content, at) => {
        const view = new DataView(new ArrayBuffer(at + ROW_BYTES));
        writeRow(view, at, offsetUs, key, user, content);
        const row = readRow(view, at, { offsetUs: 0, key: 0, user: 0, content: 0 });
        expect(row).toEqual({ offsetUs, key, user, content: content < 0 ? NO_CONTENT : content });
      },
    ),
  );
});

test('the slice of a request is the last that begins at or before it; empty ones hold nothing', () => {
  const counts = fc.array(fc.nat(4), { minLength: 1, maxLength: 8 }).filter((rows) => rows.some((n) => n > 0));
  fc.assert(
    fc.property(counts, (rows) => {
      const slices: Slice[] = rows.map((n, i) => ({
        file: '',
        startMs: i,
        rows: n,
        first: rows.slice(0, i).reduce((a, b) => a + b, 0),
      }));
      for (const [place, { first, rows: n }] of slices.entries())
        for (let i = 0; i < n; i++) expect(sliceOf(slices, first + i)).toBe(place);
    }),
  );
});
