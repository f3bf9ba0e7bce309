import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askHelp, type HelpPages, writtenPages } from '../../tools/publish-help.ts';
import { findOldNode } from './old-node.ts';
import { BIN, coalmine, startCommand, temporaryFolder } from './process.ts';

const home = temporaryFolder();
afterAll(home.remove);
const cwd = home.path;

/** What the commands themselves answer. */
let asked: HelpPages;
const page = (name: string): string => `${asked[name]!.join('\n')}\n`;
beforeAll(() => {
  asked = askHelp();
});

describe('help', () => {
  test('lists the commands this version has', () => {
    expect(Object.keys(asked)).toEqual(
      expect.arrayContaining([
        '',
        'rehearse',
        'report',
        'explain',
        'validate',
        'init',
        'doctor',
        'serve',
        'setup-k6',
        'trace generate',
        'trace import',
        'trace inspect',
      ]),
    );
  });

  test('that is shown without loading anything is what the commands say: node tools/publish-help.ts --write', () => {
    expect(writtenPages()).toEqual(asked);
  });

  test('of every command exits with 0 and shows an example that begins with the command itself', async () => {
    for (const name of Object.keys(asked)) {
      expect(page(name)).toMatch(new RegExp(name === 'trace' ? 'Commands:\n' : `Examples?:\n  coalmine ${name}\\b`));
      if (!['', 'trace'].includes(name))
        for (const common of ['--json', '--quiet']) expect(page(name), name).toContain(common);
      for (const flag of ['--help', '-h']) {
        const args = name === '' ? [flag] : [...name.split(' '), flag];
        expect(await coalmine(args, { cwd })).toMatchObject({ code: 0, stdout: page(name), stderr: '' });
      }
    }
  });

  test('of rehearse explains the exit codes', () => {
    expect(page('rehearse')).toMatch(/0 .*expects.* 2 bad input .* 3 .* 4 .* 5 inconclusive/);
  });

  test('that nobody wrote down is still the business of the command', async () => {
    // No page of this name, although every object has such a key.
    expect(await coalmine(['constructor', '--help'], { cwd })).toMatchObject({ code: 0, stdout: page('') });
    const amongOthers = await coalmine(['rehearse', '--help', '--json'], { cwd });
    expect(amongOthers).toMatchObject({ code: 0, stdout: page('rehearse') });
  });
});

const old = findOldNode();
if (old === null) console.warn('NOT TESTED: help under a Node older than 24, since there is none outside the project');

test.skipIf(old === null)('an old Node shows help itself, starting no second one', async () => {
  // A bundled Node that cannot be found would be the end of any other command.
  const without = [
    '-e',
    `process.argv.splice(1, 0, ${JSON.stringify(BIN)}); Object.defineProperty(process, 'platform', { value: 'none' }); import(process.argv[1])`,
  ];
  const ask = (...args: string[]) => startCommand(old!.path, [...without, '--', ...args], { cwd }).ended;
  expect(await ask('rehearse', '--help')).toMatchObject({ code: 0, stdout: page('rehearse') });
  const version = await ask('--version');
  expect(version).toMatchObject({ code: 4, stdout: '' });
  expect(version.stderr).toContain('coalmine needs Node 24 or newer');
});
