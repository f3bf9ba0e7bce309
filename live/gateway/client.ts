import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { histogramsReady } from '../../telemetry/histogram.ts';
import type { Window } from '../../telemetry/window.ts';
import type {
  Addresses,
  Command,
  Commands,
  FinalSums,
  GatewayFault,
  GatewayStatus,
  Reply,
  RouteAck,
  RouteChange,
} from './messages.ts';
import type { GatewayArm, GatewayOptions } from './options.ts';
import { windowOf } from './window-rows.ts';

const MAIN = new URL(import.meta.url.endsWith('.ts') ? './main.ts' : './main.js', import.meta.url);
/** How long after its answer to `stop` the process may take to end. */
const EXIT_MS = 2000;
export const DRAIN_MS = 5000;

/** The gateway, in a process of its own. When that process ends unasked, every pending and later call rejects and says how it ended. */
export class GatewayProcess {
  readonly url: string;
  /** The admin API; calls need `authorization: Bearer <token>`. */
  readonly adminUrl: string;
  readonly token: string;
  private readonly calls: Calls;

  private constructor(calls: Calls, { url, adminUrl, token }: Addresses) {
    this.calls = calls;
    this.url = url;
    this.adminUrl = adminUrl;
    this.token = token;
  }

  /** Forks the process and waits until both of its ports are open. */
  static async start(options: GatewayOptions): Promise<GatewayProcess> {
    await histogramsReady();
    const calls = new Calls();
    try {
      return new GatewayProcess(calls, await calls.call('start', { options }));
    } catch (error) {
      calls.kill();
      throw error;
    }
  }

  /** Process id, for CPU figures and for tests that kill it. */
  get pid(): number {
    return this.calls.pid;
  }

  /** Resolves, in words, when the process has ended, asked or not. */
  get ended(): Promise<string> {
    return this.calls.ended;
  }

  /** Rehearsal time 0 is at `startAtMs` (epoch ms, with fraction). Requests that arrive before are in the sums but in no window. */
  begin(startAtMs: number): Promise<void> {
    return this.calls.call('begin', { startAtMs });
  }

  /** One atomic swap of the split; what is left out stays. */
  setRoute(change: RouteChange): Promise<RouteAck> {
    return this.calls.call('setRoute', { change });
  }

  /** The arm's servers from now on, `http://host:port`. Those no longer named keep what they have and get nothing new. */
  setUpstreams(arm: GatewayArm, urls: readonly string[]): Promise<void> {
    return this.calls.call('setUpstreams', { arm, urls });
  }

  /** Opens so many connections to each of the arm's servers; resolves when they are there, or cannot be. */
  connect(arm: GatewayArm, perUpstream: number): Promise<void> {
    return this.calls.call('connect', { arm, perUpstream });
  }

  /** These faults are active from now on, and no others. */
  setFaults(faults: readonly GatewayFault[]): Promise<void> {
    return this.calls.call('setFaults', { faults });
  }

  /** Every closed window, in order. The fleet's figures are null: see withFleetFigures. */
  onWindow(listener: (window: Window) => void): void {
    this.calls.onWindow = listener;
  }

  status(): Promise<GatewayStatus> {
    return this.calls.call('status', {});
  }

  /** Lets what is under way end, for at most `graceMs`, and ends the process. */
  async stop(graceMs: number = DRAIN_MS): Promise<FinalSums> {
    const sums = await this.calls.call('stop', { graceMs });
    await this.calls.gone(EXIT_MS);
    return sums;
  }

  /** Ends the process at once. */
  async kill(): Promise<void> {
    this.calls.kill();
    await this.calls.ended;
  }
}

/** Calls to the process and their answers, joined by number. */
class Calls {
  onWindow: ((window: Window) => void) | null = null;
  readonly ended: Promise<string>;
  private readonly child: ChildProcess;
  private readonly pending = new Map<number, { resolve: (answer: never) => void; reject: (error: Error) => void }>();
  private nextId = 0;
  private end: string | null = null;

  constructor() {
    this.child = fork(fileURLToPath(MAIN), [], {
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.child.on('message', (reply: Reply) => this.hear(reply));
    this.ended = new Promise((resolve) => {
      this.child.once('error', (error) => resolve(this.finish(error.message)));
      this.child.once('exit', (code, signal) => resolve(this.finish(signal === null ? `exit ${code}` : signal)));
    });
  }

  get pid(): number {
    return this.child.pid!;
  }

  call<C extends Command>(command: C, args: Omit<Commands[C], 'answer'>): Promise<Commands[C]['answer']> {
    return new Promise((resolve, reject) => {
      if (this.end !== null) {
        reject(new Error(this.end));
        return;
      }
      const id = this.nextId++;
      this.pending.set(id, { resolve, reject });
      this.child.send({ id, command, args }, (error) => {
        if (error !== null) this.reject(id, error.message);
      });
    });
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  /** Waits for the process to end by itself, and ends it when it does not. */
  async gone(withinMs: number): Promise<void> {
    const timer = setTimeout(() => this.kill(), withinMs);
    await this.ended;
    clearTimeout(timer);
  }

  private hear(reply: Reply): void {
    if ('window' in reply) {
      this.onWindow?.(windowOf(reply.window));
      return;
    }
    if ('error' in reply) {
      this.reject(reply.id, reply.error);
      return;
    }
    this.pending.get(reply.id)?.resolve(reply.answer as never);
    this.pending.delete(reply.id);
  }

  private reject(id: number, why: string): void {
    this.pending.get(id)?.reject(new Error(`gateway: ${why}`));
    this.pending.delete(id);
  }

  private finish(how: string): string {
    this.end = `the gateway's process has ended: ${how}`;
    for (const id of this.pending.keys()) this.reject(id, this.end);
    return how;
  }
}
