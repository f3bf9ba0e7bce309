/** Compiles the sources to dist/, from nothing: what `npm pack` ships. */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../scenarios/files.ts';

rmSync(join(packageRoot, 'dist'), { recursive: true, force: true });
const tsc = join(packageRoot, 'node_modules', '.bin', 'tsc');
const { status, error } = spawnSync(tsc, ['-p', 'tsconfig.build.json'], {
  cwd: packageRoot,
  stdio: 'inherit',
  shell: process.platform === 'win32',
});
if (error !== undefined) process.stderr.write(`cannot run ${tsc}: ${error.message}\n`);
process.exitCode = status ?? 1;
