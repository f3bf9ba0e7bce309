/** Places and readers as they are on a bad day: each ends with the exit code of its cause, and without a stack. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BIN, coalmine, type Ended, namesIn, startCommand, temporaryFolder } from './process.ts';
import { writeTiny } from './tiny.ts';

const home = temporaryFolder();
afterAll(home.remove);
const cwd = home.path;
beforeAll(async () => {
  writeTiny(cwd);
  await coalmine(['rehearse', 'tiny.yaml', '--out', 'run', '--quiet'], { cwd });
});

/** `coalmine …args`, then a piece of shell; the exit code of coalmine goes to the file `code`. */
async function piped(args: string, rest: string): Promise<Ended & { readonly ownCode: string }> {
  const script = `{ '${process.execPath}' '${BIN}' ${args}; echo $? > code; } ${rest}`;
  const ended = await startCommand('sh', ['-c', script], { cwd }).ended;
  return { ...ended, ownCode: readFileSync(join(cwd, 'code'), 'utf8').trim() };
}

describe('a reader that is gone', () => {
  test.each(['--help', 'explain run', 'explain run --json', 'doctor', 'nonsense'])(
    'is no error of %s',
    async (args) => {
      const { stderr } = await piped(args, '| true');
      expect(stderr).not.toContain('EPIPE');
      expect(stderr).not.toContain('    at ');
    },
  );

  test('does not change what a rehearsal does and ends with', async () => {
    const { stderr, ownCode } = await piped('rehearse tiny.yaml --out unread --json', '2>&1 | true');
    expect(stderr).toBe('');
    expect(ownCode).toBe('0');
    expect(namesIn(join(cwd, 'unread'))).toContain('manifest.json');
  });
});

test.skipIf(!existsSync('/dev/full'))('a full disk under the output ends with 4 and says so', async () => {
  const { stderr, ownCode } = await piped('explain run', '> /dev/full');
  expect(stderr).toContain('coalmine: cannot write the output: ENOSPC: no space left on device');
  expect(ownCode).toBe('4');
});

describe('a place that cannot be', () => {
  test('the working directory is refused: it would be another one afterwards', async () => {
    const empty = join(cwd, 'empty');
    mkdirSync(empty);
    writeTiny(cwd);
    for (const out of ['.', '', '../empty']) {
      const { code, stderr } = await coalmine(['rehearse', '../tiny.yaml', '--out', out], { cwd: empty });
      expect(stderr).toBe(`${empty}:1:1: got the working directory, expected one inside or beside it\n`);
      expect(code).toBe(2);
    }
  });

  test.each([
    ['inside a file', 'tiny.yaml/run'],
    ['with too long a name', 'x'.repeat(300)],
  ])('%s: exit code 2, no stack', async (_, out) => {
    const { code, stderr } = await coalmine(['rehearse', 'tiny.yaml', '--out', out], { cwd });
    expect(stderr).toMatch(/^seed 1\ncoalmine: cannot \w+ '.*': .*\n$/);
    expect(code).toBe(2);
  });
});

test('a time scale that leaves no request is refused', async () => {
  const { code, stderr } = await coalmine(['rehearse', 'tiny.yaml', '--time-scale', '1e300'], { cwd });
  expect(stderr).toBe(
    'tiny.yaml:1:1: got a time scale of 1e+300, expected at most 20000: not one request would be left\n',
  );
  expect(code).toBe(2);
});

test('options, scenario and policy are refused together', async () => {
  const args = ['rehearse', 'gone.yaml', '--seed', 'x', '--requests', 'y', '--time-scale', 'z', '--policy', 'nix.yaml'];
  const { code, stderr } = await coalmine(args, { cwd });
  expect(stderr.split('\n').map((line) => line.split(':', 1)[0])).toEqual([
    '--seed',
    '--requests',
    '--time-scale',
    'gone.yaml',
    'nix.yaml',
    '',
  ]);
  expect(code).toBe(2);
});
