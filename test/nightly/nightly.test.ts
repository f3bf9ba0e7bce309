/** Nights as users run them: the first, the next, one that regressed, one that was killed. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keepNight, readHistory } from '../../nightly/history.ts';
import type { NightResult } from '../../nightly/result.ts';
import { coalmine, type Ended, namesIn, start, temporaryFolder } from '../cli/process.ts';
import { writeSweep } from '../tuning/files.ts';

const home = temporaryFolder();
afterAll(home.remove);
const cwd = home.path;
const at = (...names: readonly string[]): string => join(cwd, ...names);

const nightly = (...args: readonly string[]): Promise<Ended> => coalmine(['nightly', 'suite.yaml', ...args], { cwd });
const into = (out: string): readonly string[] => ['--out', out, '--history', 'history'];
const resultAt = (out: string): NightResult => JSON.parse(readFileSync(at(out, 'result.json'), 'utf8')) as NightResult;

let first: Ended;

beforeAll(async () => {
  writeSweep(cwd);
  writeFileSync(
    at('suite.yaml'),
    'name: small\nseeds: 2\nrehearsals:\n  - scenario: healthy.yaml\n  - { scenario: failing.yaml, policy: calm.yaml }\n',
  );
  first = await nightly(...into('first'));
}, 120_000);

test('the first night has nothing to compare with, and keeps itself', async () => {
  expect([first.stderr, first.code].join('\n')).toMatch(/4\/4 {2}failing\+calm seed 2[\s\S]*\n0$/);
  expect(first.stdout).toContain('FIRST NIGHT  small');
  expect(await readHistory(at('history'), 'small', { beforeMs: Infinity, atMost: 9 })).toEqual([
    resultAt('first').night,
  ]);
  expect(namesIn(at('first'))).toEqual(['manifest.json', 'plan.json', 'rehearsals', 'report.html', 'result.json']);
  expect(namesIn(at('first', 'rehearsals'))).toEqual(['failing+calm-1', 'failing+calm-2', 'healthy-1', 'healthy-2']);
  expect(namesIn(at('first', 'rehearsals', 'healthy-1'))).toContain('outcome.json');
});

test('the next night gives the same bytes, so every figure that is not the clock’s is the same', async () => {
  const { code, stdout } = await nightly(...into('second'), '--json');
  expect(code).toBe(0);
  const { conclusion, night, comparison } = JSON.parse(stdout) as NightResult;
  expect(conclusion).toBe('held');
  expect(night.runs.map(({ digest }) => digest)).toEqual(resultAt('first').night.runs.map(({ digest }) => digest));
  expect(new Set(comparison.figures.filter(({ figure }) => figure !== 'speed').map(({ status }) => status))).toEqual(
    new Set(['same']),
  );
  expect(comparison.verdicts.map(({ nights }) => nights)).toEqual([1, 1]);
});

describe('a night that is worse than the ones before', () => {
  let ended: Ended;
  beforeAll(async () => {
    // The past is made better than it was: three nights, half as slow, never wrong.
    const { night } = resultAt('first');
    for (const back of [1, 2, 3]) {
      const runs = night.runs.map((run) => ({
        ...run,
        end: 'right' as const,
        figures: { ...run.figures, 'candidate-latency-p99': run.figures['candidate-latency-p99']! / 2 },
      }));
      await keepNight(at('better'), { ...night, startedAtMs: night.startedAtMs - back * 86_400_000, runs });
    }
    ended = await nightly('--out', 'worse', '--history', 'better', '--junit', 'night.xml', '--markdown', 'night.md');
  }, 60_000);

  test('exits with 3 and says what, by how much, and with which interval', () => {
    expect(ended.code).toBe(3);
    expect(ended.stdout).toMatch(
      /✗ healthy: latency p99 of the candidate \+100 % \(\+100 % to \+100 %; tolerated 5 %\): [\d.]+ ms before, [\d.]+ ms tonight/,
    );
    expect(resultAt('worse').conclusion).toBe('regressed');
  });

  test('is a failure in JUnit and a table in Markdown', () => {
    const xml = readFileSync(at('night.xml'), 'utf8');
    const [, tests, failures] = /<testsuites name="small" tests="(\d+)" failures="(\d+)"/.exec(xml)!.map(Number);
    expect(xml.match(/<testcase /g)).toHaveLength(tests!);
    expect(xml.match(/<failure /g)).toHaveLength(failures!);
    expect(xml).toContain('<testcase name="latency p99 of the candidate" classname="small.healthy">\n      <failure');
    expect(readFileSync(at('night.md'), 'utf8')).toContain('| ✗ | healthy | latency p99 of the candidate |');
  });

  test('accepted, it is what the nights after it are compared with', async () => {
    const accepted = await nightly('--out', 'accepted', '--history', 'better', '--accept');
    expect(accepted.stdout).toContain('taken as it is from now on');
    expect(accepted.code).toBe(0);
    const kept = await readHistory(at('better'), 'small', { beforeMs: Infinity, atMost: 9 });
    expect(kept.map(({ isAccepted }) => isAccepted)).toEqual([false, false, false, false, true]);
  });
});

test('killed at any moment, the same command goes on, and the night is kept once', async () => {
  const args = ['nightly', 'suite.yaml', '--out', 'killed', '--history', 'killed-history'];
  const done = (): number => (existsSync(at('killed', 'rehearsals')) ? namesIn(at('killed', 'rehearsals')).length : 0);
  for (const whenDone of [0, 1, 3]) {
    const run = start(args, { cwd });
    while (done() < whenDone && run.child.exitCode === null) await setTimeout(2);
    await setTimeout(30);
    run.child.kill('SIGKILL');
    await run.ended;
  }
  const { code, stderr } = await coalmine(args, { cwd });
  expect(code).toBe(0);
  expect(stderr).toContain('was done');
  expect(resultAt('killed').night.runs.map(({ digest }) => digest)).toEqual(
    resultAt('first').night.runs.map(({ digest }) => digest),
  );
  expect(await readHistory(at('killed-history'), 'small', { beforeMs: Infinity, atMost: 9 })).toHaveLength(1);
  // What the dead left unfinished was swept away.
  expect(namesIn(at('killed', 'rehearsals'))).toEqual(namesIn(at('first', 'rehearsals')));
}, 120_000);

test('interrupted, it says so and what is kept', async () => {
  const run = start(['nightly', 'suite.yaml', '--out', 'interrupted', '--history', 'none'], { cwd });
  await run.says('1/4');
  run.child.kill('SIGINT');
  const { code, stderr } = await run.ended;
  expect(code).toBe(130);
  expect(stderr).toContain('are kept in interrupted; the same command goes on');
});

describe('refused before anything is rehearsed', () => {
  test('a directory that holds a finished night, another suite’s, or something else', async () => {
    const finished = await nightly(...into('first'));
    expect([finished.code, finished.stderr]).toEqual([2, expect.stringContaining('got a finished night')]);
    writeFileSync(at('other.yaml'), 'name: small\nseeds: 1\nrehearsals:\n  - scenario: healthy.yaml\n');
    rmSync(at('first', 'manifest.json'));
    const other = await coalmine(['nightly', 'other.yaml', ...into('first')], { cwd });
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('got a night of another suite')]);
    const strange = await nightly(...into('.'));
    expect([strange.code, strange.stderr]).toEqual([2, expect.stringContaining('something that is no night')]);
  });

  test('options of live rehearsals without one', async () => {
    const { code, stderr } = await nightly('--load', 'builtin', '--out', 'unused');
    expect([code, stderr]).toEqual([2, expect.stringContaining("--load:1:1: got 'builtin'")]);
    expect(existsSync(at('unused'))).toBe(false);
  });
});
