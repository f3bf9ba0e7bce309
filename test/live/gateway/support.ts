import { Pool } from 'undici';
import { onTestFinished } from 'vitest';
import { GatewayProcess } from '../../../live/gateway/client.ts';
import type { GatewayOptions } from '../../../live/gateway/options.ts';
import type { Window } from '../../../telemetry/window.ts';
import { OPTIONS } from './options.ts';
import { Stub, type Seen, type StubAnswer } from './stub.ts';

/** A gateway that is stopped when the test ends. */
export async function startGateway(options: Partial<GatewayOptions> = {}): Promise<GatewayProcess> {
  const gateway = await GatewayProcess.start({ ...OPTIONS, ...options });
  onTestFinished(() => gateway.kill());
  return gateway;
}

export async function startStub(answer?: (seen: Seen) => StubAnswer): Promise<Stub> {
  const stub = await Stub.start(answer);
  onTestFinished(() => stub.close());
  return stub;
}

/** A gateway with one stub per arm, each asked for its answers by `baseline` and `candidate`. */
export async function startPair(
  options: Partial<GatewayOptions> = {},
  answers: { baseline?: (seen: Seen) => StubAnswer; candidate?: (seen: Seen) => StubAnswer } = {},
): Promise<{ gateway: GatewayProcess; baseline: Stub; candidate: Stub }> {
  const [gateway, baseline, candidate] = await Promise.all([
    startGateway(options),
    startStub(answers.baseline),
    startStub(answers.candidate),
  ]);
  await gateway.setUpstreams('baseline', [baseline.url]);
  await gateway.setUpstreams('candidate', [candidate.url]);
  return { gateway, baseline, candidate };
}

export interface Reply {
  readonly status: number;
  readonly arm: string | undefined;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
}

/** Sends requests as a load generator does. */
export class Caller {
  private readonly pool: Pool;

  constructor(gateway: GatewayProcess, connections = 32) {
    this.pool = new Pool(gateway.url, { connections });
    onTestFinished(() => this.pool.destroy());
  }

  async send(number: number, more: { user?: number; row?: number; body?: string } = {}): Promise<Reply> {
    const { statusCode, headers, body } = await this.pool.request({
      method: 'POST',
      path: '/v2/models/model/infer',
      headers: {
        'content-type': 'application/json',
        'x-coalmine-request': String(number),
        'x-coalmine-user': String(more.user ?? number),
        'x-coalmine-row': String(more.row ?? 0),
      },
      body: more.body ?? `{"id":"${number}","inputs":[]}`,
    });
    const arm = headers['x-coalmine-arm'];
    return { status: statusCode, arm: typeof arm === 'string' ? arm : undefined, headers, text: await body.text() };
  }

  /** Sends numbers `from` … `from + count − 1`, as many at a time as there are connections. */
  sendMany(
    count: number,
    from = 0,
    more: (number: number) => { user?: number; row?: number } = () => ({}),
  ): Promise<Reply[]> {
    return Promise.all(Array.from({ length: count }, (_, i) => this.send(from + i, more(from + i))));
  }
}

/** Sends without a break, `width` requests at a time, until it is stopped. */
export class Load {
  sent = 0;
  /** Answers by status. */
  readonly statuses: Map<number, number> = new Map<number, number>();
  private running = true;
  private readonly lanes: readonly Promise<void>[];

  constructor(caller: Caller, width: number) {
    this.lanes = Array.from({ length: width }, () => this.lane(caller));
  }

  async stop(): Promise<void> {
    this.running = false;
    await Promise.all(this.lanes);
  }

  private async lane(caller: Caller): Promise<void> {
    while (this.running) {
      const { status } = await caller.send(this.sent++);
      this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    }
  }
}

/** Collects windows and waits for one. */
export class WindowLog {
  readonly windows: Window[] = [];
  private readonly waiting: (() => void)[] = [];

  constructor(gateway: GatewayProcess) {
    gateway.onWindow((window) => {
      this.windows.push(window);
      for (const wake of this.waiting.splice(0)) wake();
    });
  }

  /** Every window up to number `index`. */
  async until(index: number): Promise<readonly Window[]> {
    while ((this.windows.at(-1)?.index ?? -1) < index) await new Promise<void>((resolve) => this.waiting.push(resolve));
    return this.windows;
  }
}

/** Now, on the clock that all processes share. */
export const epochMs = (): number => performance.timeOrigin + performance.now();
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
