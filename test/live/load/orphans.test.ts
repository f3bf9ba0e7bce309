/** A generator never outlives the process that started it, however that one ended. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { GeneratorKind } from '../../../live/load/plan.ts';
import { after, GENERATORS, k6, now, type Server, serve, slicesOf } from './support.ts';

let server: Server;
let dir: string;
beforeAll(async () => {
  server = await serve(after(5));
  dir = (await slicesOf('50/s', 60_000)).dir;
});
afterAll(() => server.close());

/** Process numbers of all that belong to a process group. */
function members(group: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => groupOf(pid) === group)
    .map(Number);
}

/** Zombies have ended: they only wait to be asked how. */
function groupOf(pid: string): number | null {
  try {
    const [state, , group] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return state === 'Z' ? null : Number(group);
  } catch {
    return null;
  }
}

async function until(condition: () => boolean): Promise<void> {
  const endMs = now() + 20_000;
  while (!condition()) {
    if (now() > endMs) throw new Error('waited in vain for twenty seconds');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A process that starts a load, says which group it runs in, and does as told by its signals. */
const parentScript = (kind: GeneratorKind): string => `
  import { startLoad } from ${JSON.stringify(new URL('../../../live/load/start.ts', import.meta.url).href)};
  const startAtMs = performance.timeOrigin + performance.now() + 1500;
  const plan = { slices: ${JSON.stringify(dir)}, url: ${JSON.stringify(server.url)}, startAtMs, expectedMaxInFlight: 10, timeoutMs: 1000 };
  const load = startLoad('${kind}', plan, ${JSON.stringify(k6 === null ? {} : { k6 })});
  process.on('SIGINT', () => load.stop().then(({ sent, completed }) => {
    console.log('stopped ' + (sent > 0 && sent === completed));
    process.exit(0);
  }));
  const timer = setInterval(() => {
    if (load.pid === null) return;
    clearInterval(timer);
    console.log('group ' + load.pid);
  }, 5);
`;

async function parent(
  kind: GeneratorKind,
): Promise<{ pid: number; group: number; said: () => string; ended: Promise<unknown> }> {
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', parentScript(kind)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = new Promise((resolve) => child.on('close', resolve));
  await until(() => said.includes('group'));
  return { pid: child.pid!, group: Number(/group (\d+)/.exec(said)![1]), said: () => said, ended };
}

describe.runIf(process.platform === 'linux').each(GENERATORS)('%s', (kind: GeneratorKind) => {
  test('ends when its parent is killed with -9, while it loads', async () => {
    const { pid, group } = await parent(kind);
    const before = server.received.length;
    await until(() => server.received.length > before + 10);
    expect(members(group).length).toBeGreaterThan(0);
    process.kill(pid, 'SIGKILL');
    await until(() => members(group).length === 0);
  });

  test('ends when its parent is killed with -9 before the load has begun', async () => {
    const { pid, group } = await parent(kind);
    process.kill(pid, 'SIGKILL');
    await until(() => members(group).length === 0);
  });

  test('is stopped in order by a parent that gets SIGINT, as from Ctrl-C, and leaves nothing', async () => {
    const { pid, group, said, ended } = await parent(kind);
    const before = server.received.length;
    await until(() => server.received.length > before + 10);
    process.kill(pid, 'SIGINT');
    await ended;
    expect(said()).toContain('stopped true');
    expect(members(group)).toEqual([]);
  });
});
