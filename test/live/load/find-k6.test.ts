import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { builtK6, findK6, K6_VERSION, k6Folder, k6Version, MissingK6 } from '../../../live/load/find-k6.ts';
import { setupK6 } from '../../../live/load/setup-k6.ts';
import { packageRoot } from '../../../scenarios/files.ts';

const home = mkdtempSync(join(tmpdir(), 'coalmine-k6-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
let folders = 0;

/** A folder with programs that are these shell scripts. */
function programs(scripts: Readonly<Record<string, string>>): string {
  const folder = join(home, `bin-${folders++}`);
  mkdirSync(folder, { recursive: true });
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

const says = (version: string): string => `echo "anything v${version} (go1.26.0, linux/amd64)"`;
/** An environment in which nothing is built yet. */
const unbuilt = (path: string): NodeJS.ProcessEnv => ({
  PATH: `${path}:/usr/bin:/bin`,
  COALMINE_K6_DIR: join(home, `built-${folders++}`),
});

describe('k6 is found', () => {
  test('in K6_BIN before PATH, on PATH before what was built, and there', async () => {
    const path = programs({ k6: says('1.9.0') });
    const own = join(programs({ mine: says('2.2.0') }), 'mine');
    const env = unbuilt(path);
    mkdirSync(k6Folder(env));
    writeFileSync(builtK6(env), `#!/bin/sh\n${says('1.8.1')}\n`);
    chmodSync(builtK6(env), 0o755);
    expect(await findK6({ ...env, K6_BIN: own })).toEqual({ path: own, version: '2.2.0' });
    expect(await findK6(env)).toEqual({ path: join(path, 'k6'), version: '1.9.0' });
    expect(await findK6({ ...env, PATH: '/usr/bin:/bin' })).toEqual({ path: builtK6(env), version: '1.8.1' });
  });

  test('in a folder of the checkout, or, for an installed package, in the user’s cache', () => {
    expect(k6Folder({ HOME: '/home/ada' })).toBe(join(packageRoot, '.k6'));
    expect(k6Folder({ HOME: '/home/ada' }, home)).toBe(`/home/ada/.cache/coalmine/k6-${K6_VERSION}`);
    expect(k6Folder({ XDG_CACHE_HOME: '/cache' }, home)).toBe(`/cache/coalmine/k6-${K6_VERSION}`);
    expect(readFileSync(join(packageRoot, '.gitignore'), 'utf8').split('\n')).toContain('.k6/');
  });
});

describe('k6 is missing', () => {
  test.each(['0.57.0', '3.0.0', '10.1.0'])('when it is version %s', async (version) => {
    const found = findK6(unbuilt(programs({ k6: says(version) })));
    await expect(found).rejects.toThrow(`is version ${version}, expected 1.0 or newer and below 3`);
    await expect(found).rejects.toThrow(MissingK6);
  });

  test('when there is none, with all ways to get it', async () => {
    const found = findK6(unbuilt('/nowhere'));
    for (const way of ['K6_BIN', 'grafana.com', 'coalmine setup-k6', '--load builtin'])
      await expect(found).rejects.toThrow(way);
  });

  test('when what K6_BIN names does not run or says no version, though another is on PATH', async () => {
    const env = unbuilt(programs({ k6: says('1.8.1'), mute: 'echo hello' }));
    await expect(findK6({ ...env, K6_BIN: join(home, 'gone') })).rejects.toThrow('does not run');
    const mute = join(env.PATH!.split(':')[0]!, 'mute');
    await expect(findK6({ ...env, K6_BIN: mute })).rejects.toThrow('does not say which version it is');
  });
});

test('the version is read wherever it stands, whatever the file is called', () => {
  expect(k6Version('k6 v1.8.1 (go1.26.8, linux/amd64)')).toBe('1.8.1');
  expect(k6Version('mytool.exe v2.10.3 (commit/abc)')).toBe('2.10.3');
  expect(k6Version('k6v1 dev')).toBeNull();
});

/** Builds what it is asked for, and notes how it was asked. */
const GO = `[ "$1" = env ] && echo "\${FAKE_GO:-go1.26.1}" && exit 0
echo "$@ CGO_ENABLED=$CGO_ENABLED" > "$LOG"
printf '#!/bin/sh\\necho "k6 v${K6_VERSION} (built)"\\n' > "$GOBIN/k6"
chmod +x "$GOBIN/k6"
`;

const environment = (go: string, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  ...unbuilt(programs({ go })),
  LOG: join(home, `log-${folders++}`),
  ...more,
});

describe('setup', () => {
  test('builds the pinned version once, without a C compiler, says so, and finds it again', async () => {
    const env = environment(GO);
    const told: string[] = [];
    const built = await setupK6((text) => told.push(text), env);
    expect(built).toEqual({ path: builtK6(env), version: K6_VERSION });
    expect(readFileSync(env.LOG!, 'utf8')).toBe(`install go.k6.io/k6@v${K6_VERSION} CGO_ENABLED=0\n`);
    expect(readdirSync(k6Folder(env))).toEqual(['k6']);
    rmSync(env.LOG!);
    expect(await setupK6((text) => told.push(text), env)).toEqual(built);
    expect(told).toHaveLength(1);
    expect(existsSync(env.LOG!)).toBe(false);
  });

  test('builds nothing where there is a k6', async () => {
    const env = environment(GO);
    const path = programs({ k6: says('2.0.0') });
    expect((await setupK6(() => undefined, { ...env, PATH: `${path}:${env.PATH}` })).version).toBe('2.0.0');
    expect(existsSync(k6Folder(env))).toBe(false);
  });

  test('does not build over a k6 that the user chose and that does not do', async () => {
    const old = join(programs({ k6: says('0.50.0') }), 'k6');
    await expect(setupK6(() => undefined, environment(GO, { K6_BIN: old }))).rejects.toThrow('is version 0.50.0');
  });

  test('says that Go is missing or too old', async () => {
    await expect(setupK6(() => undefined, unbuilt('/nowhere'))).rejects.toThrow('there is no Go to build it with');
    const old = environment(GO, { FAKE_GO: 'go1.24.9' });
    await expect(setupK6(() => undefined, old)).rejects.toThrow('go1.24 is too old to build it with');
  });

  test('leaves nothing that looks built when the build fails, and says what go said', async () => {
    const env = environment(
      `[ "$1" = env ] && echo go1.26.1 && exit 0\ntouch "$GOBIN/k6"; echo "no such host" >&2; exit 1`,
    );
    await expect(setupK6(() => undefined, env)).rejects.toThrow('failed (no such host)');
    expect(readdirSync(k6Folder(env))).toEqual([]);
  });
});
