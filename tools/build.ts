/** Compiles the sources to dist/, from nothing: what `npm pack` ships. */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../scenarios/files.ts';

rmSync(join(packageRoot, 'dist'), { recursive: true, force: true });
const { status } = spawnSync('tsc', ['-p', 'tsconfig.build.json'], { cwd: packageRoot, stdio: 'inherit' });
process.exitCode = status ?? 1;
