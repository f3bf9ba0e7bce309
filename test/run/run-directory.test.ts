import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostOf } from '../../host.ts';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BadInput } from '../../config/issues.ts';
import type { LogLine } from '../../outcome.ts';
import { isChart } from '../../reports/chart.ts';
import { allCharts } from '../../reports/charts/index.ts';
import {
  DECISIONS,
  MANIFEST,
  OUTCOME,
  readLog,
  readOutcome,
  readRun,
  RECORDING,
  RunDirectory,
} from '../../run-directory.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { rowsOf } from '../../telemetry/recording.ts';
import { fixture } from '../reports/fixture.ts';
import { MINUTE } from '../reports/fixture-policy.ts';

const home = mkdtempSync(join(tmpdir(), 'coalmine-directory-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const path = join(home, 'run');
/** Both its name and its end are "infinite". */
const FOREVER: LogLine = {
  type: 'fault',
  name: 'infinite',
  kind: 'feature-delay',
  arm: null,
  startMs: 200 * MINUTE,
  endMs: Infinity,
};
let log: readonly LogLine[];

beforeAll(async () => {
  const run = await fixture('rolled-back', 10 * MINUTE);
  log = [...run.log, FOREVER];
  const directory = RunDirectory.create(path, false);
  const recorder = await directory.record(run.header);
  for (const window of run.windows) recorder.add(rowsOf(window));
  const scenario = { name: run.outcome.scenario.name } as Scenario;
  await directory.commit({ outcome: run.outcome, log, policy: run.policy, scenario, host: hostOf(), provenance: null });
}, 60_000);

describe('a fault without end', () => {
  test('is written as such, and read back as it was', () => {
    const last = readFileSync(join(path, DECISIONS), 'utf8').trimEnd().split('\n').at(-1)!;
    expect(JSON.parse(last)).toEqual({ ...FOREVER, endMs: 'infinite' });
    expect(readLog(path)).toEqual(log);
  });

  test('is drawn up to the end of the run, like all that outlasts it', async () => {
    const timeline = (await allCharts(await readRun(path))).filter(isChart).find(({ id }) => id === 'timeline')!;
    const end = Math.max(...timeline.datasets['weights']!.map((row) => row['t'] as number));
    const drawn = timeline.datasets['faults']!.find((row) => row['name'] === 'infinite')!;
    expect(drawn['end']).toBe(end);
    expect(drawn['end']).toBeGreaterThan(drawn['start'] as number);
    for (const name of ['faults', 'guards', 'stages'])
      for (const row of timeline.datasets[name]!) expect(row['end'], name).toBeLessThanOrEqual(end);
  });
});

test('nothing unfinished is left', () => {
  const files = readdirSync(home, { recursive: true }) as string[];
  expect(files.filter((file) => /part/.test(file))).toEqual([]);
  expect(files).toContain(join('run', 'specs', 'timeline.svg'));
});

/** The issues of reading the run after `name` was changed; the file is put back. */
async function refused(name: string, change: (text: string) => string, read: () => unknown): Promise<string[]> {
  const file = join(path, name);
  const before = readFileSync(file, 'utf8');
  writeFileSync(file, change(before));
  try {
    await read();
    return [];
  } catch (error) {
    if (!(error instanceof BadInput)) throw error;
    return error.message.split('\n').map((line) => line.replace(`${path}/`, ''));
  } finally {
    writeFileSync(file, before);
  }
}

const changed = (change: (value: Record<string, unknown>) => unknown) => (text: string) =>
  JSON.stringify(change(JSON.parse(text) as Record<string, unknown>));

describe('a run directory that was tampered with', () => {
  test.each([
    ['{"type":"decision","atMs":', '2:1: got text that is not JSON, expected what `coalmine rehearse` writes'],
    ['null', '2:1 type: got nothing, expected one of decision, verdict, fault'],
    ['{"type":"toString"}', '2:1 type: got "toString", expected one of decision, verdict, fault'],
    ['{"type":"fault","name":"x","kind":"y","startMs":"0"}', '2:1 startMs: got "0", expected a number'],
  ])('a line of the log that is %s', async (line, message) => {
    const second = (text: string): string => text.split('\n').with(1, line).join('\n');
    expect(await refused(DECISIONS, second, () => readLog(path))).toEqual([`decisions.jsonl:${message}`]);
  });

  test('every bad line of the log is named', async () => {
    const issues = await refused(
      DECISIONS,
      (text) => `{\n${text}}\n`,
      () => readLog(path),
    );
    expect(issues.map((issue) => issue.split(': ')[0])).toEqual([
      'decisions.jsonl:1:1',
      `decisions.jsonl:${log.length + 2}:1`,
    ]);
  });

  test.each([
    [OUTCOME, () => readOutcome(path)],
    [MANIFEST, () => readRun(path)],
  ])('%s of another version, or of none', async (name, read) => {
    for (const [version, got] of [
      [2, '2'],
      ['1', '"1"'],
      [undefined, 'nothing'],
    ] as const)
      expect(
        await refused(
          name,
          changed((value) => ({ ...value, schemaVersion: version })),
          read,
        ),
      ).toEqual([`${name}:1:1 schemaVersion: got ${got}, expected 1`]);
    for (const text of ['null', '[]', '7'])
      expect(await refused(name, () => text, read)).toEqual([`${name}:1:1 schemaVersion: got nothing, expected 1`]);
  });

  test('fields that are missing or something else are all named', async () => {
    const outcome = changed((value) => ({ ...value, explanation: undefined, requests: null, stages: {} }));
    expect(await refused(OUTCOME, outcome, () => readOutcome(path))).toEqual([
      'outcome.json:1:1 explanation: got nothing, expected a text',
      'outcome.json:1:1 requests.total: got nothing, expected a number',
      'outcome.json:1:1 requests.byArm: got nothing, expected a map',
      'outcome.json:1:1 stages: got a map, expected a list',
    ]);
    const manifest = changed((value) => ({ ...value, policy: undefined }));
    expect(await refused(MANIFEST, manifest, () => readRun(path))).toEqual([
      'manifest.json:1:1 policy.name: got nothing, expected a text',
      'manifest.json:1:1 policy.evaluateEveryMs: got nothing, expected a number',
      'manifest.json:1:1 policy.stages: got nothing, expected a list',
      'manifest.json:1:1 policy.guards: got nothing, expected a list',
    ]);
  });

  test('a recording whose header is no text is refused in words', async () => {
    const file = join(path, RECORDING);
    const whole = readFileSync(file);
    const header = whole.indexOf('"windowMs"');
    expect(header).toBeGreaterThan(0);
    try {
      writeFileSync(file, whole.with(header, 0xff));
      await expect(readRun(path)).rejects.toThrow(BadInput);
    } finally {
      writeFileSync(file, whole);
    }
  });

  test('a recording that is damaged or cut off anywhere is read, or refused in words', async () => {
    const file = join(path, RECORDING);
    const whole = readFileSync(file);
    const place = fc.nat(whole.length - 1);
    const damage = fc.oneof(
      fc.tuple(place, fc.nat(255)).map(([at, byte]) => whole.with(at, byte)),
      place.map((length) => whole.subarray(0, length)),
    );
    try {
      await fc.assert(
        fc.asyncProperty(damage, async (bytes) => {
          writeFileSync(file, bytes);
          await readRun(path).catch((error: unknown) => expect(error).toBeInstanceOf(BadInput));
        }),
        { numRuns: 60 },
      );
    } finally {
      writeFileSync(file, whole);
    }
  });
});
