/**
 * Where onnxruntime-node is. It is an optional dependency, because its install script downloads GPU libraries that nobody needs
 * here: where that fails (behind a proxy, offline), npm leaves the package out without a word. Then it is fetched once,
 * without its script, into a folder of our own.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { StagedDirectory, writeFileAtomic } from '../storage/files.ts';
import { MissingRuntime, RUNTIME } from './runtime.ts';

/** The version that the scores were checked with. */
const VERSION = '1.30.0';

export interface FindOptions {
  /** Told once when the package has to be fetched. */
  readonly onFetch?: (what: string) => void;
  /** Stops fetching; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Environment, for the places of caches and for COALMINE_OFFLINE, which forbids fetching. */
  readonly env?: NodeJS.ProcessEnv;
  /** Whether the package comes with ours; for tests. */
  readonly installed?: boolean;
}

/** A specifier that `import()` takes. Rejects with MissingRuntime when the package is neither here nor to be had. */
export async function findRuntime({
  onFetch,
  signal,
  env = process.env,
  installed = isInstalled(),
}: FindOptions = {}): Promise<string> {
  if (installed) return RUNTIME;
  const folder = join(env.XDG_CACHE_HOME ?? join(env.HOME ?? homedir(), '.cache'), 'coalmine', `${RUNTIME}-${VERSION}`);
  if (!existsSync(folder)) {
    if (env.COALMINE_OFFLINE !== undefined)
      throw new MissingRuntime('it is not installed, and COALMINE_OFFLINE forbids fetching it');
    onFetch?.(`fetching ${RUNTIME} ${VERSION} once into ${folder} (about 110 MB)`);
    await fetchInto(folder, env, signal);
  }
  return pathToFileURL(createRequire(join(folder, 'package.json')).resolve(RUNTIME)).href;
}

/** Version of the runtime that `findRuntime` found under this specifier. */
export function runtimeVersion(specifier: string): string {
  const from = createRequire(specifier === RUNTIME ? import.meta.url : specifier);
  return (from(`${RUNTIME}/package.json`) as { version: string }).version;
}

function isInstalled(): boolean {
  try {
    createRequire(import.meta.url).resolve(RUNTIME);
    return true;
  } catch {
    return false;
  }
}

/** Installs the package beside its place and renames, so that an interrupted download leaves nothing that looks complete. */
async function fetchInto(folder: string, env: NodeJS.ProcessEnv, signal?: AbortSignal): Promise<void> {
  const staged = StagedDirectory.open(folder);
  try {
    writeFileAtomic(join(staged.path, 'package.json'), `${JSON.stringify({ private: true })}\n`);
    const install = [
      'install',
      `${RUNTIME}@${VERSION}`,
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--prefix',
      staged.path,
    ];
    await npm(install, { ...env, ONNXRUNTIME_NODE_INSTALL: 'skip' }, staged.path, signal);
    staged.commit();
  } finally {
    staged.abort();
  }
}

function npm(args: readonly string[], env: NodeJS.ProcessEnv, cwd: string, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('npm', args, {
      env,
      cwd,
      stdio: ['ignore', 'ignore', 'pipe'],
      shell: process.platform === 'win32',
    });
    let said = '';
    child.stderr.on('data', (part: Buffer) => {
      said += part.toString();
    });
    signal?.addEventListener('abort', () => child.kill(), { once: true });
    child.on('error', (error) =>
      reject(new MissingRuntime(`it is not installed, and npm cannot be run: ${error.message}`)),
    );
    child.on('exit', (code) => {
      const last = said.split('\n').findLast((line) => line.includes('npm error')) ?? '';
      if (signal?.aborted === true) reject(signal.reason as Error);
      else if (code === 0) resolve();
      else
        reject(
          new MissingRuntime(
            `it is not installed, and npm could not fetch it: ${last.replace('npm error', '').trim()}`,
          ),
        );
    });
  });
}
