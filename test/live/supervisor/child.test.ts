/** Child processes: hung, woken, stopped in order, and never left behind. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { Child } from '../../../live/supervisor/child.ts';
import { allGone, isRunning, stateOf } from '../world/support.ts';
import type { FromEcho, ToEcho } from './echo-main.ts';

const ECHO = new URL('./echo-main.ts', import.meta.url);
const PARENT = fileURLToPath(new URL('./parent-main.ts', import.meta.url));

async function startEcho(): Promise<Child<ToEcho, FromEcho>> {
  const child = await Child.start<ToEcho, FromEcho>('echo', ECHO);
  onTestFinished(() => child.kill());
  await answers(child, 'first');
  return child;
}

async function answers(child: Child<ToEcho, FromEcho>, text: string): Promise<void> {
  const answer = child.next((message) => (message.text === text ? message : null));
  child.send({ text });
  await answer;
}

test('a child that is told to end does so in its own time; one that will not is killed', async () => {
  const willing = await startEcho();
  expect(await willing.stop(10_000)).toEqual({ code: 7, signal: null });
  const stubborn = await startEcho();
  await answers(stubborn, 'be stubborn');
  expect(await stubborn.stop(200)).toEqual({ code: null, signal: 'SIGKILL' });
});

test('one that hangs answers nobody, and everybody once it is woken', async () => {
  const child = await startEcho();
  await child.hang(60_000);
  expect([child.hung, stateOf(child.pid).slice(0, 1)]).toEqual([true, 'T']);
  const answer = answers(child, 'late');
  const early = await Promise.race([
    answer.then(() => 'answered'),
    new Promise((resolve) => setTimeout(resolve, 300, 'silent')),
  ]);
  expect(early).toBe('silent');
  child.wake();
  await answer;
  expect(child.hung).toBe(false);
});

test('one that hangs can be stopped: it is continued first, so that it hears of it', async () => {
  const child = await startEcho();
  await child.hang(60_000);
  expect(await child.stop(10_000)).toEqual({ code: 7, signal: null });
});

test('one that hangs wakes by itself when nobody wakes it', async () => {
  const child = await startEcho();
  await child.hang(0);
  await answers(child, 'awake again');
});

test('waiting for the message of one that dies ends with how it died', async () => {
  const child = await startEcho();
  const never = child.next((message) => (message.text === 'never' ? message : null));
  child.kill();
  await expect(never).rejects.toThrow('echo ended early, killed by SIGKILL');
  expect(child.alive).toBe(false);
});

test('when the parent is killed with -9, children end, also those that stand still', { timeout: 30_000 }, async () => {
  const parent = fork(PARENT, [], { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  onTestFinished(() => void parent.kill('SIGKILL'));
  const [pids] = (await once(parent, 'message')) as [number[]];
  expect(pids.map(isRunning)).toEqual([true, true]);
  parent.kill('SIGKILL');
  // The one that stands still is woken after two seconds.
  await allGone(pids, 10_000);
});
