/** A command on a pseudo-terminal, as a person runs it: its stdin, stdout and stderr are one terminal, and ^C reaches all of it. */
import { spawnSync } from 'node:child_process';
import { type Ended, type Running, startCommand } from './process.ts';

/** Whether Python is here: its standard library has the pseudo-terminals that Node lacks. */
export const hasTerminal: boolean = spawnSync('python3', ['-c', 'import pty']).status === 0;

/** Copies between a new terminal and our stdin and stdout; everything it shows is repeated on stderr, where `says` looks. */
const PTY = `
import os, pty, sys
def read(fd):
    data = os.read(fd, 65536)
    os.write(2, data)
    return data
status = pty.spawn(sys.argv[1:], read)
sys.exit(os.waitstatus_to_exitcode(status))
`;

export interface Terminal {
  readonly cwd: string;
  readonly columns?: number;
  readonly env?: Record<string, string>;
}

/** A person's terminal shows colours; Node takes them away where CI is set or the terminal is dumb. */
const A_TERMINAL = { TERM: 'xterm-256color', CI: undefined };

/** What the terminal shows is stdout. */
export function onTerminal(command: string, args: readonly string[], { cwd, columns = 100, env }: Terminal): Running {
  const shell = ['sh', '-c', `stty cols ${columns} && exec "$@"`, 'sh', command, ...args];
  return startCommand('python3', ['-c', PTY, ...shell], { cwd, env: { ...A_TERMINAL, ...env }, input: null });
}

/** The key that interrupts. */
export const CTRL_C = '\u0003';

/** Erases the line it stands in. */
export const ERASE = '\r\u001b[K';

/** Everything that was drawn after an erasure and before the next one, and the text after the last one. */
export function frames({ stdout }: Ended): { readonly drawn: readonly string[]; readonly rest: string } {
  const parts = stdout.split(ERASE);
  return { drawn: parts.slice(1, -1), rest: parts.at(-1)! };
}
