import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { packageRoot } from '../../scenarios/files.ts';
import { type Running, start, startCommand, temporaryFolder } from './process.ts';

const home = temporaryFolder();
afterAll(home.remove);

/** A command that hears of being aborted, cleans up as long as `ms`, and then ends with 7. */
function slowToEnd(ms: number): Running {
  const script = `
    const { abortOnSignals } = await import(${JSON.stringify(pathToFileURL(join(packageRoot, 'cli/signals.ts')).href)});
    const { signal, release } = abortOnSignals();
    const waiting = setInterval(() => undefined, 1000);
    signal.addEventListener('abort', () => {
      process.stderr.write(signal.reason.message);
      setTimeout(() => { release(); clearInterval(waiting); process.exitCode = 7; }, ${ms});
    });
    process.stderr.write('ready\\n');`;
  return startCommand(process.execPath, ['--input-type=module', '-e', script], { cwd: home.path });
}

test('a key press that is heard twice, from the terminal and from the launcher, is one: it can still clean up', async () => {
  const running = slowToEnd(600);
  await running.says('ready');
  running.child.kill('SIGINT');
  await running.says('interrupted by SIGINT');
  running.child.kill('SIGINT');
  expect(await running.ended).toMatchObject({ code: 7, signal: null });
});

test('who asks again is not made to wait', async () => {
  const running = slowToEnd(60_000);
  await running.says('ready');
  running.child.kill('SIGTERM');
  await running.says('interrupted by SIGTERM');
  await sleep(1200);
  running.child.kill('SIGTERM');
  expect(await running.ended).toMatchObject({ code: 143, signal: null });
});

test('a rehearsal that is interrupted twice while it loads its models ends as if once', async () => {
  const running = start(['rehearse', '--out', 'run'], { cwd: home.path });
  await running.says('seed 42');
  running.child.kill('SIGINT');
  await sleep(100);
  running.child.kill('SIGINT');
  const { code, signal, stderr } = await running.ended;
  expect({ code, signal }).toEqual({ code: 130, signal: null });
  expect(stderr).toContain('coalmine: interrupted by SIGINT: nothing was written');
});
