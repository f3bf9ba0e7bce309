import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { coalmine, temporaryFolder } from './process.ts';
import { writeTiny } from './tiny.ts';

const home = temporaryFolder();
afterAll(home.remove);
const cwd = home.path;
beforeAll(() => writeTiny(cwd));

const OPENER = process.platform === 'darwin' ? 'open' : 'xdg-open';

/** A folder for PATH with a program that stands in for the one that opens browsers. */
function opener(name: string, script: string): Record<string, string> {
  const folder = join(cwd, name);
  mkdirSync(folder);
  writeFileSync(join(folder, OPENER), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, OPENER), 0o755);
  return { PATH: [folder, process.env.PATH].join(delimiter) };
}

const rehearse = (out: string, env: Record<string, string>, ...more: readonly string[]) =>
  coalmine(['rehearse', 'tiny.yaml', '--out', out, '--open', ...more], { cwd, env });

describe('--open', () => {
  test('hands the report to the program that opens browsers, when the run directory is complete', async () => {
    const env = opener('records', `printf '%s\\n' "$@" > opened.tmp; test -s "$1" && mv opened.tmp opened.txt`);
    const { code } = await rehearse('shown run', env);
    expect(code).toBe(0);
    const opened = (): string => readFileSync(join(cwd, 'opened.txt'), 'utf8');
    await expect.poll(opened, { timeout: 10_000 }).toBe(`${join(cwd, 'shown run', 'report.html')}\n`);
  });

  test('does not wait for the browser', async () => {
    const env = opener('lingers', 'echo $$ > pid; exec sleep 60');
    const { code, wallMs } = await rehearse('lingering', env);
    expect(code).toBe(0);
    expect(wallMs).toBeLessThan(50_000);
    await expect.poll(() => readFileSync(join(cwd, 'pid'), 'utf8'), { timeout: 10_000 }).toMatch(/^\d+\n$/);
    process.kill(Number(readFileSync(join(cwd, 'pid'), 'utf8')));
  });

  test('says where the report is when there is no such program, and ends as it would have', async () => {
    const { code, stdout, stderr } = await rehearse('unseen', { PATH: join(cwd, 'nothing') }, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'promoted' });
    expect(stderr).toContain(`cannot open a browser here; the report is ${join(cwd, 'unseen', 'report.html')}\n`);
  });

  test('opens nothing when the rehearsal was refused', async () => {
    const env = opener('never', 'touch never-opened');
    const { code } = await coalmine(['rehearse', 'gone.yaml', '--open'], { cwd, env });
    expect(code).toBe(2);
    expect(() => readFileSync(join(cwd, 'never-opened'))).toThrow('ENOENT');
  });
});
