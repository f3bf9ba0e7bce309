import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { coalmine, type Ended, namesIn, start, temporaryFolder } from './process.ts';
import { writeTiny } from './tiny.ts';

const home = temporaryFolder();
afterAll(home.remove);
const cwd = home.path;
beforeAll(() => writeTiny(cwd));

const LEFTOVER = /^run\.partial-\d+$/;

/** Starts the default rollout on the quick schedule, and gives it `signal` as soon as it says `when`. */
async function interrupted(signal: NodeJS.Signals, when: string, out: string, requests = '10M'): Promise<Ended> {
  const args = ['rehearse', '--policy', 'policies/quick.yaml', '--requests', requests, '--json', '--out', out];
  const run = start(args, { cwd });
  await run.says(when);
  run.child.kill(signal);
  return run.ended;
}

describe('an interrupted rehearsal leaves nothing behind and says so', () => {
  const cases = [
    ['SIGINT', 130, 'seed 42', 'while the models are loaded', '10M'],
    ['SIGTERM', 143, ' 11 %', 'in shadow', '10M'],
    ['SIGINT', 130, ' 50 %', 'when every request is scored and the simulator waits for nobody', '5M'],
    ['SIGTERM', 143, '100 %', 'while the report is written', '2M'],
  ] as const;
  test.each(cases)('%s ends it with %i: %s, %s', async (signal, code, when, _, requests) => {
    const ended = await interrupted(signal, when, join('deep', 'run'), requests);
    expect(ended.stderr).toContain(`coalmine: interrupted by ${signal}: nothing was written`);
    expect({ code: ended.code, signal: ended.signal }).toEqual({ code, signal: null });
    expect(ended.stdout).toBe('');
    expect(namesIn(join(cwd, 'deep'))).toEqual([]);
  });
});

test('a killed rehearsal leaves nothing that looks complete, and the next one to the same place sweeps it away', async () => {
  const ended = await interrupted('SIGKILL', ' 11 %', 'run');
  expect(ended.signal).toBe('SIGKILL');
  expect(ended.stdout).toBe('');
  expect(existsSync(join(cwd, 'run'))).toBe(false);
  const [leftover, ...others] = namesIn(cwd).filter((name) => name.startsWith('run'));
  expect(leftover).toMatch(LEFTOVER);
  expect(others).toEqual([]);
  expect(namesIn(join(cwd, leftover!))).not.toContain('manifest.json');

  const next = await coalmine(['rehearse', 'tiny.yaml', '--out', 'run'], { cwd });
  expect(next.code).toBe(0);
  expect(namesIn(cwd).filter((name) => name.startsWith('run'))).toEqual(['run']);
  expect(namesIn(join(cwd, 'run'))).toContain('manifest.json');
});

describe('a place that is taken', () => {
  test('is refused when it holds something that is no run, which stays as it was', async () => {
    mkdirSync(join(cwd, 'precious'));
    writeFileSync(join(cwd, 'precious', 'thesis.txt'), 'all of it');
    const { code, stderr } = await coalmine(['rehearse', 'tiny.yaml', '--out', 'precious'], { cwd });
    expect(stderr).toContain('precious:1:1: got a path that holds something that is no run already');
    expect(code).toBe(2);
    expect(namesIn(join(cwd, 'precious'))).toEqual(['thesis.txt']);
    expect(namesIn(cwd).filter((name) => name.includes('partial'))).toEqual([]);
  });

  test('is refused when the user chose it and it holds a finished run', async () => {
    mkdirSync(join(cwd, 'finished'));
    writeFileSync(join(cwd, 'finished', 'manifest.json'), '{}');
    const { code, stderr } = await coalmine(['rehearse', 'tiny.yaml', '--out', 'finished'], { cwd });
    expect(stderr).toContain('finished:1:1: got a path that holds a finished run already');
    expect(code).toBe(2);
    expect(namesIn(join(cwd, 'finished'))).toEqual(['manifest.json']);
  });

  test('is replaced when it is the default place and holds a finished run', async () => {
    const place = join(cwd, 'runs', 'tiny-1');
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'manifest.json'), '{}');
    const { code } = await coalmine(['rehearse', 'tiny.yaml'], { cwd });
    expect(code).toBe(0);
    expect(namesIn(place)).toContain('outcome.json');
    expect(namesIn(join(cwd, 'runs'))).toEqual(['tiny-1']);
  });
});
