/** Temporary folders do not outlive the process that made them, however it ended. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { temporaryFolder } from '../../storage/temporary.ts';
import { temporaryFolder as testFolder } from '../cli/process.ts';

const home = testFolder();
afterAll(home.remove);

/** A folder as another process would have made it, which is killed and has removed nothing. */
function leftBy(purpose: string): string {
  const module = new URL('../../storage/temporary.ts', import.meta.url).href;
  const code = `const { temporaryFolder } = await import(${JSON.stringify(module)});
process.stdout.write(temporaryFolder(${JSON.stringify(purpose)}, ${JSON.stringify(home.path)}));
setImmediate(() => process.kill(process.pid, 'SIGKILL'));`;
  const { stdout, signal } = spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
  expect(signal).toBe('SIGKILL');
  return stdout;
}

test('what a killed process has left is removed by the next one, what a running one has stays', () => {
  const mine = temporaryFolder('live', home.path);
  writeFileSync(join(mine, 'file'), '');
  const left = leftBy('live');
  expect(existsSync(left)).toBe(true);
  const next = temporaryFolder('live', home.path);
  expect(existsSync(left)).toBe(false);
  expect([existsSync(join(mine, 'file')), existsSync(next), next === mine]).toEqual([true, true, false]);
});

test('other purposes, other hosts and other things are left alone', () => {
  const other = leftBy('calibrate');
  const named = ['coalmine-live-00000000-999999-abc', 'coalmine-live-test-1', 'something'];
  for (const name of named) mkdirSync(join(home.path, name));
  temporaryFolder('live', home.path);
  expect(existsSync(other)).toBe(true);
  expect(readdirSync(home.path)).toEqual(expect.arrayContaining(named));
});
