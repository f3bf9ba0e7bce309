/** Compiles the sources to dist/, from nothing, and bundles the what-if page's script: what `npm pack` ships. */
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../scenarios/files.ts';
import { BUILT, bundle } from '../what-if/bundle.ts';

const dist = join(packageRoot, 'dist');
rmSync(dist, { recursive: true, force: true });
process.exitCode = compile('tsconfig.build.json') || compile('tsconfig.k6.json', '--noEmit', 'false', '--outDir', dist);
if (process.exitCode === 0) writeFileSync(join(dist, 'what-if', BUILT), await bundle());

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
