import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { findRuntime } from '../../models/find-runtime.ts';
import { MissingRuntime, RUNTIME } from '../../models/runtime.ts';

const home = mkdtempSync(join(tmpdir(), 'coalmine-runtime-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** An environment of its own whose `npm` is this shell script; $PREFIX is where it should install. */
function environment(name: string, script: string): NodeJS.ProcessEnv {
  const bin = join(home, name, 'bin');
  mkdirSync(bin, { recursive: true });
  const npm = `#!/bin/sh\nwhile [ "$1" != --prefix ]; do shift; done\nPREFIX=$2\n${script}\n`;
  writeFileSync(join(bin, 'npm'), npm);
  chmodSync(join(bin, 'npm'), 0o755);
  return { PATH: `${bin}:/usr/bin:/bin`, XDG_CACHE_HOME: join(home, name, 'cache') };
}

const INSTALLS = `mkdir -p "$PREFIX/node_modules/${RUNTIME}"
printf '{"name":"${RUNTIME}","main":"index.js"}' > "$PREFIX/node_modules/${RUNTIME}/package.json"
printf 'exports.fetched = true;' > "$PREFIX/node_modules/${RUNTIME}/index.js"`;

test('the package that came along is used as it is', async () => {
  expect(await findRuntime({ installed: true })).toBe(RUNTIME);
});

test('a package that npm left out is fetched once, told about, and found again', async () => {
  const env = environment('fetches', INSTALLS);
  const told: string[] = [];
  const onFetch = (what: string): number => told.push(what);
  const specifier = await findRuntime({ installed: false, env, onFetch });
  expect(((await import(specifier)) as { fetched: boolean }).fetched).toBe(true);
  expect(await findRuntime({ installed: false, env, onFetch })).toBe(specifier);
  expect(told).toHaveLength(1);
  expect(told[0]).toContain('once');
});

test('a fetch that fails leaves nothing that looks fetched, and says what npm said', async () => {
  const env = environment('fails', 'echo "npm error code E503" >&2; exit 1');
  const finding = findRuntime({ installed: false, env });
  await expect(finding).rejects.toThrow(MissingRuntime);
  await expect(finding).rejects.toThrow('npm could not fetch it: code E503');
  expect(readdirSync(join(env.XDG_CACHE_HOME!, 'coalmine'))).toEqual([]);
});

test('an interrupted fetch ends with the reason of the interruption, and leaves nothing', async () => {
  const env = environment('hangs', 'sleep 30');
  const abort = new AbortController();
  const finding = findRuntime({
    installed: false,
    env,
    signal: abort.signal,
    onFetch: () => setImmediate(() => abort.abort(new Error('stopped'))),
  });
  await expect(finding).rejects.toThrow('stopped');
  expect(readdirSync(join(env.XDG_CACHE_HOME!, 'coalmine'))).toEqual([]);
});

test('COALMINE_OFFLINE forbids fetching', async () => {
  const env: NodeJS.ProcessEnv = { ...environment('offline', INSTALLS), COALMINE_OFFLINE: '1' };
  await expect(findRuntime({ installed: false, env })).rejects.toThrow('COALMINE_OFFLINE forbids fetching it');
  expect(existsSync(env.XDG_CACHE_HOME!)).toBe(false);
});
