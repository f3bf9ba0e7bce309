import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { coalmine, type Ended, temporaryFolder } from './process.ts';

const home = temporaryFolder();
afterAll(home.remove);
const cwd = home.path;

/** Every command the top-level help and the trace help list. */
const commands = (help: string): string[] =>
  [...help.slice(help.indexOf('Commands:')).matchAll(/^ {2}([\w-]+)/gm)]
    .map(([, name]) => name!)
    .filter((n) => n !== 'help');

let top: Ended;
let version: Ended;
let all: { name: string; help: Ended }[];

beforeAll(async () => {
  top = await coalmine(['--help'], { cwd });
  version = await coalmine(['--version'], { cwd });
  const groups = { trace: await coalmine(['trace', '--help'], { cwd }) };
  const names = commands(top.stdout).flatMap((name) =>
    name === 'trace' ? commands(groups.trace.stdout).map((sub) => `trace ${sub}`) : [name],
  );
  all = [];
  for (const name of names) all.push({ name, help: await coalmine([...name.split(' '), '--help'], { cwd }) });
});

describe('help', () => {
  test('lists the commands this version has', () => {
    expect(all.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'rehearse',
        'report',
        'explain',
        'validate',
        'doctor',
        'setup-k6',
        'serve',
        'trace generate',
        'trace import',
        'trace inspect',
      ]),
    );
  });

  test('of every command exits with 0 and shows an example that begins with the command itself', () => {
    for (const { name, help: own } of all) {
      expect(own.code, name).toBe(0);
      expect(own.stderr, name).toBe('');
      expect(own.stdout, name).toMatch(new RegExp(`Examples?:\n  coalmine ${name}\\b`));
      expect(own.stdout, name).toContain('--json');
    }
  });

  test('of rehearse explains the exit codes', () => {
    expect(all[0]!.help.stdout).toMatch(/0 .*expects.* 2 bad input .* 3 .* 4 .* 5 inconclusive/);
  });

  test('and version load nothing heavy: their times are printed here, and not judged on a busy machine', () => {
    expect(top.code).toBe(0);
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    const times = [top, version, ...all.map((each) => each.help)].map(({ wallMs }) => Math.round(wallMs));
    console.log(`--help ${times[0]} ms, --version ${times[1]} ms, of commands ${times.slice(2).join(', ')} ms`);
  });
});
