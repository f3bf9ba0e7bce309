/** Builds k6 with Go where it is missing. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { builtK6, findK6, type FoundK6, K6_VERSION, MissingK6 } from './find-k6.ts';

/** The oldest Go that the pinned version builds with. */
const GO_MAJOR = 1;
const GO_MINOR = 25;

/**
 * The k6 there is, else one that is built by `go install` at the pinned version, into a folder that git ignores or a cache of
 * the user's. `say` is told before that begins, since it takes a minute or two. Rejects with MissingK6 when Go is missing or
 * too old, or when the build fails; then nothing is left that looks complete.
 */
export async function setupK6(say: (text: string) => void, env: NodeJS.ProcessEnv = process.env): Promise<FoundK6> {
  try {
    return await findK6(env);
  } catch (error) {
    if (!(error instanceof MissingK6) || !error.buildable) throw error;
  }
  refuseGo(env);
  const target = builtK6(env);
  say(`building k6 ${K6_VERSION} once into ${dirname(target)} (a minute or two, about 70 MB)`);
  mkdirSync(dirname(target), { recursive: true });
  const folder = mkdtempSync(`${target}.partial-`);
  try {
    await goInstall({ ...env, CGO_ENABLED: '0', GOBIN: folder });
    renameSync(join(folder, basename(target)), target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return findK6(env);
}

function refuseGo(env: NodeJS.ProcessEnv): void {
  const { stdout } = spawnSync('go', ['env', 'GOVERSION'], { encoding: 'utf8', env });
  const found = /^go(\d+)\.(\d+)/.exec(stdout ?? '');
  if (found === null) throw new MissingK6('it is not here, and there is no Go to build it with', false);
  const [version, major, minor] = [found[0], Number(found[1]), Number(found[2])];
  if (major < GO_MAJOR || (major === GO_MAJOR && minor < GO_MINOR))
    throw new MissingK6(`it is not here, and ${version} is too old to build it with`, false);
}

function goInstall(env: NodeJS.ProcessEnv): Promise<void> {
  const module = `go.k6.io/k6@v${K6_VERSION}`;
  return new Promise((resolve, reject) => {
    const child = spawn('go', ['install', module], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-2000);
    });
    child.on('error', (error) => reject(new MissingK6(`go cannot be run (${error.message})`, false)));
    child.on('close', (code) => {
      const last = said.trim().split('\n').at(-1) ?? '';
      if (code === 0) resolve();
      else reject(new MissingK6(`'go install ${module}' failed (${last})`, false));
    });
  });
}
