/** Compiles the sources to dist/, from nothing: what `npm pack` ships. */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../scenarios/files.ts';

const dist = join(packageRoot, 'dist');
rmSync(dist, { recursive: true, force: true });
process.exitCode = compile('tsconfig.build.json') || compile('tsconfig.k6.json', '--noEmit', 'false', '--outDir', dist);

/** Runs the compiler and returns its exit code. */
function compile(project: string, ...options: readonly string[]): number {
  const tsc = join(packageRoot, 'node_modules', '.bin', 'tsc');
  const { status, error } = spawnSync(tsc, ['-p', project, ...options], {
    cwd: packageRoot,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (error !== undefined) process.stderr.write(`cannot run ${tsc}: ${error.message}\n`);
  return status ?? 1;
}
