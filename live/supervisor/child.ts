/**
 * A child process that never outlives its purpose: it ends with its parent (see obedience.ts), it can be killed, frozen and
 * woken, and it is stopped in the one order that works on every state: CONT, TERM, wait, KILL.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { LiveFailure } from '../failure.ts';
import { armWaker, type Waker } from './waker.ts';

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Every child that runs; whoever ends this process in whatever way ends them too. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** What a child wrote to stderr last, kept for the error message. */
const KEPT_CHARACTERS = 2000;

export class Child<ToChild extends object, FromChild extends object> {
  readonly name: string;
  readonly pid: number;
  /** Resolves when the process is gone, however that came about. */
  readonly exited: Promise<Exit>;
  private readonly process: ChildProcess;
  private ended: Exit | null = null;
  private expected = false;
  private waker: Waker | null = null;
  private said = '';
  private readonly listeners = new Set<(message: FromChild) => void>();

  private constructor(name: string, child: ChildProcess, pid: number) {
    this.name = name;
    this.process = child;
    this.pid = pid;
    running.add(child);
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.said = (this.said + text).slice(-KEPT_CHARACTERS);
    });
    child.on('message', (message) => {
      for (const listen of this.listeners) listen(message as FromChild);
    });
    // A message to a process that is just ending is lost with it; `exited` tells.
    child.on('error', () => undefined);
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        running.delete(child);
        this.ended = { code, signal };
        this.wake();
        resolve(this.ended);
      });
    });
  }

  /**
   * Starts `module` under this very Node. It has a process group of its own, so that Ctrl-C reaches the parent alone, which
   * then stops its children in order. Rejects with LiveFailure when no process can be made.
   */
  static async start<T extends object, F extends object>(name: string, module: URL): Promise<Child<T, F>> {
    const child = fork(module, [], {
      execPath: process.execPath,
      execArgv: [],
      serialization: 'advanced',
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: environment(),
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error) => reject(new LiveFailure(`${name} cannot be started: ${error.message}`)));
    });
    return new Child<T, F>(name, child, child.pid!);
  }

  get alive(): boolean {
    return this.ended === null;
  }

  /** Whether it is standing still by `hang`. */
  get hung(): boolean {
    return this.waker !== null;
  }

  /** Whether its end was brought about by `stop` or `kill`. */
  get endExpected(): boolean {
    return this.expected;
  }

  send(message: ToChild): void {
    if (this.alive && this.process.connected) this.process.send(message, () => undefined);
  }

  /** Calls `listen` with every message from now on; the function returned stops that. */
  onMessage(listen: (message: FromChild) => void): () => void {
    this.listeners.add(listen);
    return () => this.listeners.delete(listen);
  }

  /** The first message that `pick` makes something of; rejects with LiveFailure when the process ends before. */
  next<T>(pick: (message: FromChild) => T | null): Promise<T> {
    return new Promise((resolve, reject) => {
      const stop = this.onMessage((message) => {
        const picked = pick(message);
        if (picked === null) return;
        stop();
        resolve(picked);
      });
      void this.exited.then((exit) => {
        stop();
        reject(new LiveFailure(`${this.name} ended early, ${describeExit(exit)}${this.lastWords()}`));
      });
    });
  }

  /** Dies at once with all its work, as in a crash. */
  kill(): void {
    this.expected = true;
    this.process.kill('SIGKILL');
  }

  /** Stands still: its kernel socket still accepts connections, nothing answers. Wakes by `wake`, or by itself a second after `forMs`. */
  async hang(forMs: number): Promise<void> {
    if (!this.alive || this.hung) return;
    this.waker = await armWaker(this.pid, forMs + 1000);
    if (this.alive) this.process.kill('SIGSTOP');
  }

  wake(): void {
    const { waker } = this;
    this.waker = null;
    if (waker === null) return;
    if (this.alive) this.process.kill('SIGCONT');
    waker.disarm();
  }

  /** Asks it to end, waits `graceMs`, then insists. Resolves when it is gone. */
  async stop(graceMs: number): Promise<Exit> {
    this.expected = true;
    if (!this.alive) return this.exited;
    // A stopped process is not told of SIGTERM before it is continued.
    this.process.kill('SIGCONT');
    this.wake();
    this.process.kill('SIGTERM');
    const insist = setTimeout(() => this.process.kill('SIGKILL'), graceMs);
    const exit = await this.exited;
    clearTimeout(insist);
    return exit;
  }

  private lastWords(): string {
    const line =
      this.said
        .trim()
        .split('\n')
        .findLast((each) => /\w*Error|: /.test(each)) ?? this.said.trim();
    return line === '' ? '' : `: ${line.trim()}`;
  }
}

export const describeExit = ({ code, signal }: Exit): string =>
  signal === null ? `with code ${code}` : `killed by ${signal}`;

/** The environment without what a test runner or debugger put there for this process alone. */
function environment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, NODE_CHANNEL_FD: __, VITEST: ___, ...rest } = process.env;
  return rest;
}
