/** A Node older than Coalmine needs, as many machines have one: found on PATH outside the project. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { packageRoot } from '../../scenarios/files.ts';

const MINIMUM_MAJOR = 24;

export interface OldNode {
  readonly path: string;
  readonly version: string;
}

/** The first one, or null. */
export function findOldNode(): OldNode | null {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/bin', '/usr/bin'];
  for (const folder of folders.filter((each) => each !== '' && !each.startsWith(packageRoot))) {
    const path = join(folder, 'node');
    if (!existsSync(path)) continue;
    const version = spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout?.trim() ?? '';
    const major = Number(/^v(\d+)\./.exec(version)?.[1] ?? Number.NaN);
    if (major < MINIMUM_MAJOR) return { path, version };
  }
  return null;
}
