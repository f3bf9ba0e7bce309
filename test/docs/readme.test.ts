import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../scenarios/files.ts';
import { BIN, start, startCommand, temporaryFolder } from '../cli/process.ts';

/** A fenced block of commands, each with the exit code it is said to end with. */
interface Block {
  readonly line: number;
  readonly commands: readonly { readonly text: string; readonly code: number }[];
}

/** Blocks of ```sh that follow `<!-- test -->`. A command may go on after a backslash; `# exit 3` at its end states another code. */
export function testedBlocks(markdown: string): Block[] {
  return [...markdown.matchAll(/<!-- test -->\s*\n```sh\n([\s\S]*?)\n```/g)].map((match) => ({
    line: markdown.slice(0, match.index).split('\n').length,
    commands: match[1]!
      .replaceAll('\\\n', ' ')
      .split('\n')
      .filter((line) => !/^\s*(#|$)/.test(line))
      .map((text) => ({ text, code: Number(/#\s*exit (\d+)\s*$/.exec(text)?.[1] ?? 0) })),
  }));
}

/** Blocks of ```yaml that follow `<!-- test: mine.yaml -->`: scenarios to be rehearsed under that name. */
export const testedScenarios = (markdown: string): { line: number; file: string; text: string }[] =>
  [...markdown.matchAll(/<!-- test: (\S+\.yaml) -->\s*\n```yaml\n([\s\S]*?\n)```/g)].map((match) => ({
    line: markdown.slice(0, match.index).split('\n').length,
    file: match[1]!,
    text: match[2]!,
  }));

const readme = join(packageRoot, 'README.md');
const markdown = existsSync(readme) ? readFileSync(readme, 'utf8') : '';
const blocks = testedBlocks(markdown);
const scenarios = testedScenarios(markdown);
const home = temporaryFolder();
afterAll(home.remove);

/** A folder for programs in which `coalmine` and `npx coalmine` are this checkout. */
function programs(): string {
  const folder = join(home.path, 'bin');
  mkdirSync(folder);
  writeFileSync(join(folder, 'coalmine'), `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`);
  writeFileSync(join(folder, 'npx'), '#!/bin/sh\nexec "$@"\n');
  for (const name of ['coalmine', 'npx']) chmodSync(join(folder, name), 0o755);
  return folder;
}

/** A folder to run in, with the files that a reader of the README has. */
function readersFolder(): string {
  const folder = join(home.path, 'reader');
  for (const name of ['scenarios', 'policies'])
    cpSync(join(packageRoot, name), join(folder, name), {
      recursive: true,
      filter: (source) => !source.endsWith('.ts'),
    });
  return folder;
}

describe('the README', () => {
  test('marks the commands that are tested like this', () => {
    const text = 'a\n<!-- test -->\n```sh\n# comment\ncoalmine x \\\n  y  # exit 3\n\nls\n```\n```sh\nrm\n```\n';
    expect(testedBlocks(text)).toEqual([
      {
        line: 2,
        commands: [
          { text: 'coalmine x    y  # exit 3', code: 3 },
          { text: 'ls', code: 0 },
        ],
      },
    ]);
  });

  test('marks the scenarios that are tested like this', () => {
    const text = 'a\n<!-- test: x.yaml -->\n```yaml\nname: x\n```\n```yaml\nname: y\n```\n';
    expect(testedScenarios(text)).toEqual([{ line: 2, file: 'x.yaml', text: 'name: x\n' }]);
  });

  test('has only scenarios that end as they expect, also in a folder of their own', { timeout: 600_000 }, async () => {
    expect(scenarios.map(({ file }) => file)).toContain('mine.yaml');
    const cwd = join(home.path, 'own');
    mkdirSync(cwd);
    for (const { line, file, text } of scenarios) {
      writeFileSync(join(cwd, file), text);
      const args = ['rehearse', file, '--policy', 'policies/quick.yaml', '--quiet'];
      const ended = await start(args, { cwd }).ended;
      expect(ended.code, `README.md:${line}: ${file}\n${ended.stdout}${ended.stderr}`).toBe(0);
    }
  });

  test('has only commands that end as it says', { timeout: 600_000 }, async () => {
    const cwd = readersFolder();
    const env = { PATH: [programs(), process.env.PATH].join(delimiter) };
    for (const { line, commands } of blocks) {
      for (const { text, code } of commands) {
        const ended = await startCommand('/bin/sh', ['-c', text], { cwd, env }).ended;
        expect(ended.code, `README.md:${line}: ${text}\n${ended.stderr}`).toBe(code);
      }
    }
  });
});
