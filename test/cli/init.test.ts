import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Outcome } from '../../outcome.ts';
import { version } from '../../version.ts';
import { coalmine, namesIn, temporaryFolder } from './process.ts';

const home = temporaryFolder();
afterAll(home.remove);
const cwd = home.path;
const FILES = [
  'rollout.yaml',
  'policy.yaml',
  'schemas/scenario.schema.json',
  'schemas/policy.schema.json',
  '.github/workflows/rehearse.yml',
];

describe('coalmine init', () => {
  test('starts a project whose files are valid, and whose rehearsal ends as it expects', async () => {
    const made = await coalmine(['init', 'new/project', '--json'], { cwd });
    expect(made).toMatchObject({ code: 0, stderr: '' });
    const files = FILES.map((name) => join('new/project', name));
    expect(JSON.parse(made.stdout)).toEqual({ schemaVersion: 1, files });
    expect(files.filter((file) => !existsSync(join(cwd, file)))).toEqual([]);

    const project = join(cwd, 'new/project');
    const checked = await coalmine(['validate', 'rollout.yaml', 'policy.yaml'], { cwd: project });
    expect(checked).toMatchObject({ code: 0, stdout: '2 valid\n', stderr: '' });
    const rehearsed = await coalmine(['rehearse', 'rollout.yaml', '--quiet', '--json'], { cwd: project });
    expect(rehearsed.code).toBe(0);
    const outcome = JSON.parse(rehearsed.stdout) as Outcome;
    expect(outcome).toMatchObject({ verdict: 'promoted', expectation: { met: true } });
  });

  test('names, for editors, schemas that are there', async () => {
    await coalmine(['init', 'editor'], { cwd });
    for (const name of ['rollout.yaml', 'policy.yaml']) {
      const file = join(cwd, 'editor', name);
      const [, schema] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(readFileSync(file, 'utf8')) ?? [];
      expect(JSON.parse(readFileSync(join(dirname(file), schema!), 'utf8'))).toHaveProperty('title');
    }
  });

  test('adds a job that runs this version on these files', async () => {
    await coalmine(['init', 'job'], { cwd });
    const text = readFileSync(join(cwd, 'job', '.github/workflows/rehearse.yml'), 'utf8');
    const { jobs } = parse(text) as { jobs: { rehearse: { steps: { run?: string }[] } } };
    const commands = jobs.rehearse.steps.flatMap(({ run }) => run ?? []);
    expect(commands).toEqual([
      `npx --yes coalmine@${version} validate rollout.yaml policy.yaml`,
      `npx --yes coalmine@${version} rehearse rollout.yaml --out rehearsal`,
    ]);
  });

  test('writes nothing when one of its files is there already, and names it', async () => {
    await coalmine(['init', 'mine'], { cwd });
    writeFileSync(join(cwd, 'mine', 'policy.yaml'), 'name: years of work\n');
    for (const name of ['rollout.yaml', 'schemas', '.github']) rmSync(join(cwd, 'mine', name), { recursive: true });
    const again = await coalmine(['init', 'mine'], { cwd });
    expect(again).toMatchObject({ code: 2, stdout: '' });
    expect(again.stderr).toBe('mine/policy.yaml:1:1: got a file, expected none yet\n');
    expect(namesIn(join(cwd, 'mine'))).toEqual(['policy.yaml']);
    expect(readFileSync(join(cwd, 'mine', 'policy.yaml'), 'utf8')).toBe('name: years of work\n');
  });

  test('refuses a place that is a file or lies in one', async () => {
    writeFileSync(join(cwd, 'file'), '');
    const file = await coalmine(['init', 'file'], { cwd });
    expect(file).toMatchObject({ code: 2, stderr: 'file:1:1: got a file, expected a folder or a new name\n' });
    const inside = await coalmine(['init', 'file/project'], { cwd });
    expect(inside).toMatchObject({ code: 2, stderr: "coalmine: cannot mkdir 'file/project': not a directory\n" });
  });
});
