/** Pythons with packages of other people, to compare or to talk with. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onPath } from './child.ts';

/** pip asks once and does not wait long: without a network this ends soon. */
const PIP = [
  '-m',
  'pip',
  'install',
  '--quiet',
  '--disable-pip-version-check',
  '--retries',
  '1',
  '--timeout',
  '15',
  '-r',
];
const STEP_MS = 120_000;

/**
 * The program of a Python with the packages pinned in the file, made once in the temporary folder; why there is none otherwise.
 * `what` is what they are for.
 */
export function pythonWith(requirements: string, what: string): string | { readonly missing: string } {
  const python3 = onPath('python3');
  if (python3 === null) return { missing: `no python3 here, so ${what} was not run` };
  const digest = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const home = join(tmpdir(), `coalmine-bench-python-${digest}`);
  const python = join(home, 'bin', 'python');
  if (existsSync(join(home, 'complete'))) return python;
  // Made under its final name, since an environment cannot be moved; a mark says that it is whole.
  rmSync(home, { recursive: true, force: true });
  const steps = [
    [python3, '-m', 'venv', home],
    [python, ...PIP, requirements],
    [python, '-c', `open(${JSON.stringify(join(home, 'partial'))}, 'w').close()`],
  ] as const;
  for (const [command, ...args] of steps) {
    const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8', timeout: STEP_MS });
    if (status !== 0)
      return { missing: `${what} cannot be installed: ${(error?.message ?? stderr).trim().slice(-200)}` };
  }
  renameSync(join(home, 'partial'), join(home, 'complete'));
  return python;
}
