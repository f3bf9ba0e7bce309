import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { packageRoot } from '../../scenarios/files.ts';
import { coalmine, startCommand, temporaryFolder } from './process.ts';

const home = temporaryFolder();
afterAll(home.remove);
/** Neither k6 nor Go anywhere. */
const env = { PATH: '/usr/bin:/bin', K6_BIN: join(home.path, 'none'), COALMINE_K6_DIR: join(home.path, 'built') };
const nowhere = { PATH: join(home.path, 'empty'), COALMINE_K6_DIR: join(home.path, 'built') };

test('doctor tells where k6 is or how to get it, and calls its absence no failure', async () => {
  const { code, stdout } = await coalmine(['doctor', '--json'], { cwd: home.path, env });
  const { checks } = JSON.parse(stdout) as { checks: { name: string; ok: boolean; found: string }[] };
  const k6 = checks.find(({ name }) => name === 'k6')!;
  expect(k6.ok).toBe(false);
  expect(k6.found).toContain(`${env.K6_BIN} does not run`);
  expect(k6.found).toContain('coalmine setup-k6');
  expect(code).toBe(0);
  const plain = await coalmine(['doctor'], { cwd: home.path, env });
  expect(plain.stdout).toMatch(/^without {2}k6 /m);
});

test('setup-k6 ends with 4 and says what is missing when there is neither k6 nor Go', async () => {
  const { code, stdout, stderr } = await coalmine(['setup-k6'], { cwd: home.path, env: nowhere });
  expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
  expect(stderr).toContain('coalmine: k6 cannot be used: it is not here, and there is no Go to build it with');
});

test('npm run setup:k6 says so loudly instead, and lets the tests run', async () => {
  const script = join(packageRoot, 'tools', 'setup-k6.ts');
  const { code, stdout } = await startCommand(process.execPath, [script], { cwd: home.path, env: nowhere }).ended;
  expect(stdout).toMatch(/^\*{80}\nNOT TESTED: the load by k6\. k6 cannot be used: .*\n\*{80}\n$/s);
  expect(code).toBe(0);
});
