/**
 * Starts a program that cannot notice its parent's death, so that it does not outlive it: a shell between them reads a pipe that
 * ends when the parent does, however it ended, and kills the program then. Where the system has `setpriv`, the kernel
 * kills the program when that shell dies.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

/** Each line on standard input is a signal to pass on; its end is the parent's. Last, `times` prints the CPU time used. */
const SCRIPT = `
exec 3<&0
setpriv --pdeathsig KILL true 2>/dev/null && set -- setpriv --pdeathsig KILL "$@"
"$@" </dev/null 3<&- &
child=$!
{ while read -r signal; do kill -s "$signal" $child; done; kill -s KILL $child; } <&3 >/dev/null 2>&1 &
watch=$!
wait $child
code=$?
kill $watch
echo
times
exit $code
`;

export type Watched = ChildProcessByStdio<Writable, Readable, Readable>;

/** Starts `command` under watch, in a process group of its own: Ctrl-C in a terminal reaches the parent alone. */
export function spawnWatched(command: readonly string[], env: NodeJS.ProcessEnv): Watched {
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'sh', ...command], { env, detached: true, stdio: 'pipe' });
  // It may be gone when the last signal is written.
  child.stdin.on('error', () => undefined);
  return child;
}

/** Passes a signal on. */
export function signalWatched(child: Watched, signal: 'TERM' | 'KILL'): void {
  child.stdin.write(`${signal}\n`);
}

const TIMES = /^(\d+)m([\d.]+)s (\d+)m([\d.]+)s$/;

/** CPU time of the program by the last line of the shell's `times` (user and system time of its children), ms; null for another line. */
export function cpuMsOf(line: string): number | null {
  const match = TIMES.exec(line.trim());
  if (match === null) return null;
  const [userMin = 0, userS = 0, systemMin = 0, systemS = 0] = match.slice(1).map(Number);
  return Math.round(((userMin + systemMin) * 60 + userS + systemS) * 1000);
}
