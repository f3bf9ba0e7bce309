import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Outcome } from '../../outcome.ts';
import { coalmine, type Ended, namesIn, temporaryFolder } from './process.ts';
import { tinyScenario, writeTiny } from './tiny.ts';

const home = temporaryFolder();
afterAll(home.remove);
const cwd = home.path;

const BROKEN_TRUTH = 'truth: { candidate: regressed }\n';
const documents = {
  // Five times the errors that the policy bears.
  'wrong.yaml': tinyScenario({ name: 'wrong', errorRatio: '5%', more: `${BROKEN_TRUTH}expect: { verdict: paused }\n` }),
  'right.yaml': tinyScenario({
    name: 'right',
    errorRatio: '5%',
    more: `${BROKEN_TRUTH}expect: { verdict: rolled-back, guard: errors, within: 5s }\n`,
  }),
  // Traffic ends for good after two of the ten seconds.
  'silent.yaml': tinyScenario({ name: 'silent', more: 'limit: 2s\n' }),
};

/** Makes the runtime that scores models missing, or there and broken, in the main thread and in workers. */
const MISSING = `import { registerHooks } from 'node:module';
registerHooks({
  resolve(name, context, next) {
    if (name === 'onnxruntime-node') throw new Error('hidden');
    return next(name, context);
  },
});
`;
const BROKEN = `import { registerHooks } from 'node:module';
registerHooks({
  load(url, context, next) {
    if (url.includes('/onnxruntime-node/')) throw new Error('libonnxruntime.so: wrong ELF class');
    return next(url, context);
  },
});
`;

let wrong: Ended;
let right: Ended;
let silent: Ended;
let missing: Ended;
let broken: Ended;
let without: Ended;
let doctor: Ended;

beforeAll(async () => {
  writeTiny(cwd);
  for (const [name, text] of Object.entries(documents)) writeFileSync(join(cwd, name), text);
  const hooked = (name: string, code: string): Record<string, string> => {
    const hook = join(cwd, `${name}.mjs`);
    writeFileSync(hook, code);
    return { NODE_OPTIONS: `--import=${hook}`, COALMINE_OFFLINE: '1', XDG_CACHE_HOME: join(cwd, 'cache') };
  };
  const env = hooked('missing', MISSING);
  const rehearsal = ['rehearse', '--requests', '500k', '--out', 'models.run'];
  const run = (file: string): Promise<Ended> => coalmine(['rehearse', file, '--json', '--out', `${file}.run`], { cwd });
  [wrong, right] = await Promise.all([run('wrong.yaml'), run('right.yaml')]);
  silent = await run('silent.yaml');
  [missing, broken] = await Promise.all([
    coalmine(rehearsal, { cwd, env }),
    coalmine(rehearsal, { cwd, env: hooked('broken', BROKEN) }),
  ]);
  [without, doctor] = await Promise.all([
    coalmine(['rehearse', 'tiny.yaml', '--out', 'without'], { cwd, env }),
    coalmine(['doctor', '--json'], { cwd, env }),
  ]);
});

const outcomeOf = (ended: Ended): Outcome => JSON.parse(ended.stdout) as Outcome;

describe('exit code 0', () => {
  test('a rollback that was expected is a success', () => {
    expect(outcomeOf(right)).toMatchObject({
      verdict: 'rolled-back',
      classification: 'true-rollback',
      guard: { name: 'errors', metric: 'error-ratio', arm: 'candidate', threshold: 0.01 },
      expectation: { met: true, misses: [] },
    });
    expect(right.code).toBe(0);
  });
});

describe('exit code 3', () => {
  test('another verdict than expected, with a whole run directory to see why', () => {
    expect(outcomeOf(wrong).expectation).toMatchObject({
      verdict: 'paused',
      met: false,
      misses: ['verdict is rolled-back, expected paused'],
    });
    expect(wrong.code).toBe(3);
    expect(wrong.stderr).toContain('not as expected');
    expect(namesIn(join(cwd, 'wrong.yaml.run'))).toContain('manifest.json');
  });
});

describe('exit code 5', () => {
  test('a rollout that could not tell, in a scenario that expects nothing', () => {
    const outcome = outcomeOf(silent);
    expect(outcome).toMatchObject({ verdict: 'paused', classification: 'inconclusive', expectation: null });
    expect(silent.code).toBe(5);
  });
});

describe('exit code 4', () => {
  test('models cannot be run here: one sentence with the reason and the remedy, no stack, nothing on disk', () => {
    const reasons = [
      [missing, 'it is not installed, and COALMINE_OFFLINE forbids fetching it'],
      [broken, 'libonnxruntime.so: wrong ELF class'],
    ] as const;
    for (const [{ code, stdout, stderr }, reason] of reasons) {
      expect(stderr).toContain(`onnxruntime-node does not load (${reason})`);
      expect(stderr).toContain('npm install onnxruntime-node');
      expect(stderr).not.toContain('    at ');
      expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
    }
    expect(namesIn(cwd).filter((name) => name.startsWith('models') || name === 'cache')).toEqual([]);
  });

  test('a scenario without models does not need them', () => expect(without.code).toBe(0));

  test('doctor says which package does not load and how to get it', () => {
    expect(doctor.code).toBe(4);
    const { checks } = JSON.parse(doctor.stdout) as {
      checks: { name: string; ok: boolean; fix: string | null; optional?: boolean }[];
    };
    // Whether the machine is calm enough for live rehearsals is another matter.
    const failed = checks.filter(({ ok, optional }) => !ok && optional !== true);
    expect(failed.map(({ name }) => name)).toEqual(['onnxruntime-node']);
    expect(failed[0]!.fix).toContain('npm install onnxruntime-node');
  });
});

describe('exit code 2', () => {
  const usage: readonly (readonly [string, readonly string[], string])[] = [
    ['an unknown command', ['rehaerse'], "unknown command 'rehaerse'"],
    ['an unknown option', ['rehearse', '--sed', '7'], 'Did you mean --seed?'],
    ['a file that is not there', ['rehearse', 'nowhere.yaml'], 'nowhere.yaml:1:1: got no file of this name'],
    ['a seed that is no number', ['rehearse', 'tiny.yaml', '--seed', 'x'], "--seed:1:1: got 'x'"],
    ['a count that is none', ['rehearse', 'tiny.yaml', '--requests', '5 apples'], "--requests:1:1: got '5 apples'"],
    ['a time scale of 0', ['rehearse', 'tiny.yaml', '--time-scale', '0'], "--time-scale:1:1: got '0'"],
    [
      'both ways to compress at once',
      ['rehearse', 'tiny.yaml', '--requests', '10k', '--time-scale', '2'],
      'got both a number of requests and a time scale',
    ],
    ['an unknown format of report', ['report', 'x', '--format', 'html,pdf'], "--format:1:1: got 'pdf'"],
    ['a run directory that is none', ['report', '.'], 'expected a run directory'],
    ['an explanation of what is no run', ['explain', 'tiny.yaml'], 'expected a run directory'],
    ['a trace that is none', ['trace', 'inspect', 'tiny.yaml'], 'tiny.yaml:1:1: got'],
    ['a trace without a place to go', ['trace', 'generate', 'tiny.yaml'], "required option '--out <file>'"],
  ];
  test.each(usage)('%s', async (_, args, message) => {
    const before = namesIn(cwd);
    const { code, stdout, stderr } = await coalmine(args, { cwd });
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('internal error');
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(namesIn(cwd)).toEqual(before);
  });
});
