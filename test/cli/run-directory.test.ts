import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LogLine, Outcome } from '../../outcome.ts';
import { readRecording } from '../../telemetry/recording.ts';
import { coalmine, temporaryFolder } from './process.ts';

const home = temporaryFolder();
afterAll(home.remove);
const cwd = home.path;
const run = join(cwd, 'run');
const read = (name: string): string => readFileSync(join(run, name), 'utf8');
let outcome: Outcome;
let log: LogLine[];

/** A regression that shadow finds: models, scores, a guard that fires and a rollback, in a few seconds. */
beforeAll(async () => {
  const args = ['rehearse', 'scenarios/score-skew.yaml', '--policy', 'policies/quick.yaml', '--requests', '2M'];
  const { code, stderr } = await coalmine([...args, '--out', 'run'], { cwd });
  expect(stderr).toContain('seed 42');
  expect(code).toBe(0);
  outcome = JSON.parse(read('outcome.json')) as Outcome;
  log = read('decisions.jsonl')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as LogLine);
});

describe('a run directory', () => {
  test('holds a recording whose windows add up to the outcome', async () => {
    const { header, windows } = await readRecording(join(run, 'recording.parquet'));
    expect(header.arms).toEqual(['baseline', 'candidate']);
    const rows = windows.flatMap((window) => window.rows);
    const sum = (arm: string): number =>
      rows.filter((row) => row.arm === arm).reduce((n, row) => n + row.requests - row.mirrored, 0);
    expect([sum('baseline'), sum('candidate')]).toEqual([outcome.requests.byArm.baseline, 0]);
    expect(rows.reduce((n, row) => n + (row.shadow?.compared ?? 0), 0)).toBe(outcome.shadow.compared);
  });

  test('has a manifest with versions, host, digest and everything as it was resolved', () => {
    const manifest = JSON.parse(read('manifest.json')) as Record<string, unknown>;
    expect(manifest).toMatchObject({
      schemaVersion: 1,
      coalmine: outcome.coalmine,
      node: process.version,
      seed: 42,
      digest: outcome.digest,
      host: { platform: process.platform, arch: process.arch },
      scenario: { name: 'score-skew', timeScale: 5, truth: { candidate: 'regressed' } },
      policy: { name: 'quick' },
    });
  });

  test('logs every decision with a sentence that has numbers', () => {
    const decisions = log.filter((line) => line.type === 'decision');
    expect(decisions.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['start-stage', 'alert', 'roll-back']));
    for (const { kind, sentence } of decisions)
      expect(sentence).toMatch(kind === 'rollback-step' ? /\d| at once/ : /\d/);
    expect(decisions.some(({ sentence }) => sentence === outcome.explanation)).toBe(true);
  });
});

describe('report', () => {
  test('rebuilds the same page and specifications, byte for byte', async () => {
    const copy = join(cwd, 'copy');
    cpSync(run, copy, { recursive: true });
    rmSync(join(copy, 'report.html'));
    rmSync(join(copy, 'specs'), { recursive: true });
    const { code, stdout } = await coalmine(['report', 'copy', '--format', 'html', '--json'], { cwd });
    expect(code).toBe(0);
    const { files } = JSON.parse(stdout) as { files: string[] };
    expect(files).toContain(join('copy', 'report.html'));
    expect(files.some((file) => file.endsWith('.svg'))).toBe(false);
    for (const file of files) {
      const original = readFileSync(join(run, file.slice('copy/'.length)));
      expect(original.equals(readFileSync(join(cwd, file))), file).toBe(true);
    }
  });

  test('refuses a directory whose outcome is no JSON', async () => {
    const copy = join(cwd, 'broken');
    cpSync(run, copy, { recursive: true });
    writeFileSync(join(copy, 'outcome.json'), '{"schemaVersion": 1,');
    const { code, stderr } = await coalmine(['report', 'broken'], { cwd });
    expect(stderr).toContain('broken/outcome.json:1:1: got text that is not JSON');
    expect(code).toBe(2);
  });

  test('refuses a recording that was cut short', async () => {
    const copy = join(cwd, 'cut');
    cpSync(run, copy, { recursive: true });
    writeFileSync(join(copy, 'recording.parquet'), readFileSync(join(run, 'recording.parquet')).subarray(0, 2000));
    const { code, stderr } = await coalmine(['report', 'cut'], { cwd });
    expect(stderr).toContain('cut/recording.parquet:1:1: got');
    expect(code).toBe(2);
  });
});

describe('explain', () => {
  test('refuses a log with a line that is no JSON, and names the line', async () => {
    const copy = join(cwd, 'torn');
    cpSync(run, copy, { recursive: true });
    const lines = read('decisions.jsonl').split('\n');
    lines[2] = lines[2]!.slice(0, 20);
    writeFileSync(join(copy, 'decisions.jsonl'), lines.join('\n'));
    const { code, stderr } = await coalmine(['explain', 'torn'], { cwd });
    expect(stderr).toContain('torn/decisions.jsonl:3:1: got text that is not JSON');
    expect(stderr).not.toContain('    at ');
    expect(code).toBe(2);
  });

  test('has every decision sentence, and every guard that was evaluated', async () => {
    const { code, stdout } = await coalmine(['explain', 'run'], { cwd });
    expect(code).toBe(0);
    expect(stdout.startsWith(outcome.explanation)).toBe(true);
    for (const line of log) {
      if (line.type === 'decision') expect(stdout).toContain(line.sentence);
      if (line.type === 'verdict') expect(stdout).toContain(`${line.stage} · ${line.guard}: `);
    }
  });

  test('as JSON has the same decisions, and per guard how often it was evaluated and broken', async () => {
    const { stdout } = await coalmine(['explain', 'run', '--json'], { cwd });
    const told = JSON.parse(stdout) as { decisions: unknown[]; guards: { guard: string; breaches: number }[] };
    expect(told.decisions).toEqual(log.filter((line) => line.type === 'decision'));
    const { breaches } = told.guards.find(({ guard }) => guard === 'median-shift-shadow')!;
    expect(breaches).toBeGreaterThan(0);
  });
});
