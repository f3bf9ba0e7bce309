/**
 * Where k6 is: it is no npm package, so it is looked for, and `coalmine setup-k6` builds it where Go is at hand. Accepted are
 * versions from 1.0 to before 3: the oldest whose options ours are, and the newest line that was tried.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { packageRoot } from '../../config/package-root.ts';

/** The version that `setupK6` builds. */
export const K6_VERSION = '1.8.1';

const ADVICE =
  `install k6 (https://grafana.com/docs/k6/latest/set-up/install-k6/), name it in K6_BIN, or build it with ` +
  `'coalmine setup-k6', which needs Go 1.25 or newer. '--load builtin' does without`;

/** There is no usable k6. The command line ends with 4. */
export class MissingK6 extends Error {
  override readonly name = 'MissingK6';

  /** There is none at all: one can be built and will be found. */
  readonly buildable: boolean;

  constructor(reason: string, buildable: boolean) {
    super(`k6 cannot be used: ${reason}. To get it: ${ADVICE}`);
    this.buildable = buildable;
  }
}

export interface FoundK6 {
  readonly path: string;
  /** Such as "1.8.1". */
  readonly version: string;
}

/**
 * Where k6 is built to: COALMINE_K6_DIR, else a folder of a checkout that git ignores, else, for an installed package, one of the
 * user's caches.
 */
export function k6Folder(env: NodeJS.ProcessEnv = process.env, root: string = packageRoot): string {
  if (env.COALMINE_K6_DIR !== undefined) return env.COALMINE_K6_DIR;
  if (existsSync(join(root, 'tsconfig.json'))) return join(root, '.k6');
  return join(env.XDG_CACHE_HOME ?? join(env.HOME ?? homedir(), '.cache'), 'coalmine', `k6-${K6_VERSION}`);
}

const EXECUTABLE = process.platform === 'win32' ? 'k6.exe' : 'k6';

/** Path of the k6 that `setupK6` builds. */
export const builtK6 = (env: NodeJS.ProcessEnv = process.env): string => join(k6Folder(env), EXECUTABLE);

/**
 * The k6 to use: K6_BIN if it is set, else the first on PATH, else the built one. Rejects with MissingK6 when there is none,
 * or when the first one found does not run or has a version that does not do.
 */
export async function findK6(env: NodeJS.ProcessEnv = process.env): Promise<FoundK6> {
  const path = env.K6_BIN ?? onPath(env.PATH ?? '') ?? (existsSync(builtK6(env)) ? builtK6(env) : null);
  if (path === null || path === '') throw new MissingK6('it is neither in K6_BIN, nor on PATH, nor built', true);
  const version = k6Version(await said(path));
  if (version === null) throw new MissingK6(`${path} does not say which version it is`, false);
  const major = Number(version.split('.')[0]);
  if (major < 1 || major > 2)
    throw new MissingK6(`${path} is version ${version}, expected 1.0 or newer and below 3`, false);
  return { path, version };
}

/** The version in what `k6 version` prints, which begins with the binary's own file name; null when there is none. */
export const k6Version = (text: string): string | null => /\bv(\d+\.\d+\.\d+)\b/.exec(text)?.[1] ?? null;

function onPath(path: string): string | null {
  const candidates = path.split(delimiter).filter((folder) => folder !== '');
  return candidates.map((folder) => join(folder, EXECUTABLE)).find((file) => existsSync(file)) ?? null;
}

function said(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(path, ['version'], { timeout: 30_000 }, (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(new MissingK6(`${path} does not run (${error.message.split('\n')[0]})`, false));
    });
  });
}
