/** The command as a user runs it: another process, what it prints and how it ends. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../scenarios/files.ts';

export const BIN: string = join(packageRoot, 'bin', 'coalmine.mjs');

export interface Ended {
  /** Exit code, or null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly wallMs: number;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when stderr holds this text; rejects when the process ends before. */
  says(text: string): Promise<void>;
}

export interface SpawnOptions {
  readonly cwd: string;
  /** All of standard input; null leaves it open. */
  readonly input?: string | null;
  readonly env?: Record<string, string | undefined>;
  /** Options of Node itself, before the script. */
  readonly node?: readonly string[];
}

/** Starts `coalmine …args` under this very Node. */
export const start = (args: readonly string[], options: SpawnOptions): Running =>
  startCommand(process.execPath, [...(options.node ?? []), BIN, ...args], options);

export function startCommand(command: string, args: readonly string[], options: SpawnOptions): Running {
  const startedMs = performance.now();
  const child = spawn(command, args, { cwd: options.cwd, env: environment(options.env), stdio: 'pipe' });
  let stdout = '';
  let stderr = '';
  const listeners = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    for (const listen of listeners) listen();
  });
  // A command that refuses its arguments ends without reading.
  child.stdin.on('error', () => undefined);
  if (options.input !== null) child.stdin.end(options.input ?? '');
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      resolve({ code, signal, stdout, stderr, wallMs: performance.now() - startedMs });
    });
  });
  const says = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const listen = (): void => {
        if (stderr.includes(text)) resolve();
      };
      listeners.add(listen);
      listen();
      ended.then(() => reject(new Error(`ended without saying '${text}':\n${stderr}`)), reject);
    });
  return { child, ended, says };
}

/** Runs `coalmine …args` to its end. */
export const coalmine = (args: readonly string[], options: SpawnOptions): Promise<Ended> => start(args, options).ended;

/** What a shell would pass on, without what the test runner adds. */
function environment(changes: Record<string, string | undefined> = {}): Record<string, string | undefined> {
  const { NO_COLOR: _, FORCE_COLOR: __, NODE_OPTIONS: ___, ...rest } = process.env;
  return { ...rest, ...changes };
}

/** A folder of the test's own under the system's temporary one. */
export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'coalmine-cli-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Names in a folder, leftovers and hidden ones included. */
export const namesIn = (path: string): string[] => readdirSync(path).toSorted();
