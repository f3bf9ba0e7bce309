/** Programs measured from outside. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

export interface ChildRun {
  readonly wallMs: number;
  /** Peak resident memory, MB; null where no `/usr/bin/time` counts it. */
  readonly peakRssMb: number | null;
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const TIME = '/usr/bin/time';
const countsMemory = process.platform === 'linux' && existsSync(TIME);

/** Runs a program to its end. Throws when it ends with a status that `accepted` lacks. */
export function runChild(
  command: string,
  args: readonly string[],
  accepted: readonly number[] = [0],
  env: NodeJS.ProcessEnv = process.env,
): ChildRun {
  const folder = mkdtempSync(join(tmpdir(), 'coalmine-bench-'));
  const usage = join(folder, 'usage');
  const line = countsMemory ? [TIME, '-q', '-f', '%M', '-o', usage, command, ...args] : [command, ...args];
  try {
    const startMs = performance.now();
    const child = spawnSync(line[0]!, line.slice(1), { encoding: 'utf8', maxBuffer: 2 ** 28, env });
    const wallMs = performance.now() - startMs;
    const { status, stdout, stderr } = child;
    if (child.error !== undefined) throw child.error;
    if (status === null || !accepted.includes(status))
      throw new Error(
        `${command} ${args.join(' ')}: got exit ${String(status)}, expected ${accepted.join(' or ')}\n${stderr}`,
      );
    const kilobytes = countsMemory ? Number(readFileSync(usage, 'utf8')) : Number.NaN;
    return { wallMs, peakRssMb: Number.isFinite(kilobytes) ? kilobytes / 1024 : null, status, stdout, stderr };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** First program of that name on PATH that `fits`, or null. */
export function onPath(name: string, fits: (file: string) => boolean = () => true): string | null {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const file = folders.map((folder) => join(folder, name)).find((path) => existsSync(path) && fits(path));
  return file ?? null;
}

/** A Node of the system that is too old for us and must hand over to the bundled one; null when there is none. */
export function oldNode(): { readonly file: string; readonly version: string } | null {
  const file = onPath('node', (path) => realpathSync(path) !== realpathSync(process.execPath) && majorOf(path) < 24);
  return file === null ? null : { file, version: versionOf(file) };
}

const versionOf = (node: string): string => spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim();
const majorOf = (node: string): number => Number(versionOf(node).slice(1).split('.')[0]);
