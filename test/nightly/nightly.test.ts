/** Nights as users run them: the first, the next, one that regressed, one that was killed. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rebuildNightReport } from '../../nightly.ts';
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

const EVER = { beforeMs: Infinity, nowMs: Infinity, atMost: 9 };

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
  expect(await readHistory(at('history'), 'small', EVER)).toEqual([resultAt('first').night]);
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
    const kept = await readHistory(at('better'), 'small', EVER);
    expect(kept.map(({ isAccepted }) => isAccepted)).toEqual([false, false, false, false, true]);
  });
});

test('killed or interrupted at any moment, the same command goes on, and the night is kept once', async () => {
  const args = ['nightly', 'suite.yaml', '--out', 'killed', '--history', 'killed-history'];
  const done = (): number => (existsSync(at('killed', 'rehearsals')) ? namesIn(at('killed', 'rehearsals')).length : 0);
  for (const whenDone of [0, 1]) {
    const run = start(args, { cwd });
    while (done() < whenDone && run.child.exitCode === null) await setTimeout(2);
    await setTimeout(30);
    run.child.kill('SIGKILL');
    await run.ended;
  }
  const interrupted = start(args, { cwd });
  await interrupted.says('2/4');
  interrupted.child.kill('SIGINT');
  const { code: left, stderr: said } = await interrupted.ended;
  expect([left, said]).toEqual([130, expect.stringContaining('are kept in killed; the same command goes on')]);
  const { code, stderr } = await coalmine(args, { cwd });
  expect(code).toBe(0);
  expect(stderr).toContain('was done');
  expect(resultAt('killed').night.runs.map(({ digest }) => digest)).toEqual(
    resultAt('first').night.runs.map(({ digest }) => digest),
  );
  expect(await readHistory(at('killed-history'), 'small', EVER)).toHaveLength(1);
  // What the dead left unfinished was swept away.
  expect(namesIn(at('killed'))).toEqual(namesIn(at('first')));
  expect(namesIn(at('killed', 'rehearsals'))).toEqual(namesIn(at('first', 'rehearsals')));
}, 120_000);

test('a finished night’s report is drawn again from its own directory alone; an unfinished one has none', async () => {
  const page = readFileSync(at('worse', 'report.html'), 'utf8');
  rmSync(at('worse', 'report.html'));
  const { stdout } = await coalmine(['report', 'worse', '--format', 'html', '--json'], { cwd });
  expect((JSON.parse(stdout) as { files: readonly string[] }).files).toContain(join('worse', 'report.html'));
  expect(readFileSync(at('worse', 'report.html'), 'utf8')).toBe(page);
  rmSync(at('worse', 'result.json'));
  await expect(rebuildNightReport(at('worse'), ['html'])).rejects.toThrow('expected a finished night');
});

test('refused before anything is rehearsed: a finished night, a place in the history, options of live rehearsals without one', async () => {
  const refusals = await Promise.all([
    nightly(...into('first')),
    nightly(...into('history/night')),
    nightly('--load', 'builtin', '--out', 'unused'),
    nightly('--junit', '.', '--out', 'unused'),
  ]);
  expect(refusals.map(({ code }) => code)).toEqual([2, 2, 2, 2]);
  const said = refusals.map(({ stderr }) => stderr);
  expect(said[0]).toContain('got a finished night');
  expect(said[1]).toContain('got a place inside the history');
  expect(said[2]).toContain("--load:1:1: got 'builtin'");
  expect(said[3]).toContain("--junit:1:1: got the directory '.'");
  expect(existsSync(at('unused'))).toBe(false);
}, 60_000);
