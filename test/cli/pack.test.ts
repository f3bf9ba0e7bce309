import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Outcome } from '../../outcome.ts';
import { packageRoot } from '../../scenarios/files.ts';
import { findOldNode } from './old-node.ts';
import { type Ended, startCommand, temporaryFolder } from './process.ts';

/** Packing and installing takes a minute, so it is asked for: .ci/run does. */
const asked = process.env.COALMINE_PACK === '1';
if (!asked) console.warn('NOT TESTED: the packed package (COALMINE_PACK=1 packs, installs and runs it)');

const old = findOldNode();
const home = temporaryFolder();
afterAll(home.remove);
const MINUTES = 60_000;

/** Runs a tool of npm in a folder that knows nothing of this checkout. */
function npm(tool: 'npm' | 'npx', args: readonly string[], cwd: string, node: string | undefined): Promise<Ended> {
  const path = [...(node === undefined ? [] : [dirname(node)]), ...outside(process.env.PATH ?? '')].join(delimiter);
  // What `npm test` tells its children is about this package, not about the one being installed.
  const ours = Object.keys(process.env).filter((name) => /^(npm|NODE)_/i.test(name));
  const env = { ...Object.fromEntries(ours.map((name) => [name, ''])), PATH: path, ONNXRUNTIME_NODE_INSTALL: 'skip' };
  return startCommand(tool, args, { cwd, env }).ended;
}

const outside = (path: string): string[] => path.split(delimiter).filter((folder) => !folder.startsWith(packageRoot));

describe.skipIf(!asked)('the packed package, installed into an empty folder', { timeout: 5 * MINUTES }, () => {
  const cwd = join(home.path, 'project');
  const coalmine = (...args: string[]): Promise<Ended> => npm('npx', ['coalmine', ...args], cwd, old?.path);

  beforeAll(async () => {
    mkdirSync(cwd);
    const packed = await startCommand('npm', ['pack', '--pack-destination', home.path], { cwd: packageRoot }).ended;
    expect(packed.code, packed.stderr).toBe(0);
    const tarball = readdirSync(home.path).find((name) => name.endsWith('.tgz'))!;
    const args = [
      'install',
      '--ignore-scripts',
      '--prefer-offline',
      '--no-audit',
      '--no-fund',
      join(home.path, tarball),
    ];
    const installed = await npm('npm', args, cwd, old?.path);
    expect(installed.code, installed.stderr).toBe(0);
  }, 5 * MINUTES);

  const installedAt = join(cwd, 'node_modules', 'coalmine');
  const has = (name: string): boolean => existsSync(join(installedAt, name));

  test('has compiled code, scenarios, policies, schemas and models, and neither sources nor tests', () => {
    expect(
      [
        'dist/cli/main.js',
        'dist/models/score-worker.js',
        'dist/what-if/page-script.js',
        'dist/live/gateway/main.js',
        'dist/live/replica/main.js',
        'dist/live/load.k6.js',
        'dist/live/load/builtin/main.js',
        'dist/index.d.ts',
        'bin/coalmine.mjs',
        'LICENSE',
        'scenarios/seed-healthy.yaml',
        'policies/quick.yaml',
        'models/eta-baseline/model.onnx',
      ].filter((name) => !has(name)),
    ).toEqual([]);
    expect(['cli/main.ts', 'test', 'dist/test', 'dist/tools', 'tools', '.ci'].filter(has)).toEqual([]);
  });

  test(`rehearses under ${old?.version ?? 'the Node on PATH'} as it does here`, async () => {
    const { code, stdout, stderr } = await coalmine('rehearse', '--policy', 'policies/quick.yaml', '--json');
    expect(stderr).toContain('Right: the candidate was healthy');
    expect(code).toBe(0);
    const outcome = JSON.parse(stdout) as Outcome;
    expect(outcome).toMatchObject({ verdict: 'promoted', node: process.version, classification: 'true-promotion' });
    expect(outcome.scenario.file).toBe(join(installedAt, 'scenarios', 'seed-healthy.yaml'));
    expect(readdirSync(join(cwd, 'runs', 'seed-healthy-42'))).toEqual(
      expect.arrayContaining(['manifest.json', 'outcome.json', 'recording.parquet', 'report.html', 'specs']),
    );
  });

  test('validates its own scenarios and policies by their short names', async () => {
    const ended = await coalmine('validate', 'scenarios/slow-tail.yaml', 'policies/seed.yaml');
    expect(ended).toMatchObject({ code: 0, stdout: '2 valid\n' });
  });

  test('finds everything it needs on this machine', async () => {
    const ended = await coalmine('doctor');
    expect(ended.stdout).not.toContain('MISSING');
    expect(ended.code).toBe(0);
  });

  test('is a module that others import, with its types', async () => {
    const script = "import('coalmine').then((m) => console.log(Object.keys(m).length > 0))";
    const ended = await startCommand(process.execPath, ['-e', script], { cwd }).ended;
    expect(ended).toMatchObject({ code: 0, stdout: 'true\n' });
  });
});
