/** What tests of the load share: slices of a small scenario, a server that notes what reaches it, k6 where there is one. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { findK6, type FoundK6 } from '../../../live/load/find-k6.ts';
import type { GeneratorKind, LoadPlan } from '../../../live/load/plan.ts';
import { type SliceOptions, writeSlices } from '../../../live/load/slices.ts';
import { type Load, type LoadOptions, startLoad, startUpMs } from '../../../live/load/start.ts';
import type { Scenario } from '../../../scenarios/scenario.ts';
import { scenarioOf } from '../../sim/support.ts';

const home = mkdtempSync(join(tmpdir(), 'coalmine-load-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
let folders = 0;
export const newFolder = (): string => join(home, `slices-${folders++}`);

export const k6: FoundK6 | null = await findK6().catch(() => null);
if (k6 === null) console.warn('NOT TESTED: the load by k6 (npm run setup:k6 builds it)');

/** The generators that can run here. */
export const GENERATORS: readonly GeneratorKind[] = k6 === null ? ['builtin'] : ['builtin', 'k6'];

/** Slices of a scenario with this traffic. */
export async function slicesOf(
  rate: string,
  untilMs: number,
  options: SliceOptions = {},
): Promise<{ dir: string; scenario: Scenario }> {
  const scenario = scenarioOf({
    traffic: `{ requests: 1k, rate: ${rate}, keys: { count: 500, zipf: 0.9 }, users: 300 }`,
  });
  const dir = newFolder();
  await writeSlices(scenario, dir, untilMs, options);
  return { dir, scenario };
}

export interface Received {
  /** Epoch ms. */
  readonly atMs: number;
  readonly number: number;
  readonly user: number;
  readonly content: number;
  readonly body: unknown;
}

export interface Server {
  readonly url: string;
  readonly received: readonly Received[];
  close(): Promise<void>;
}

/** Answers inference requests by `answer`, told the request's number; anything else at once. */
export async function serve(answer: (number: number, response: ServerResponse) => void): Promise<Server> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    if (request.method !== 'POST') return response.end('{}');
    const atMs = now();
    void textOf(request).then((text) => {
      const [number, user, content] = ['request', 'user', 'row'].map((name) =>
        Number(request.headers[`x-coalmine-${name}`]),
      );
      received.push({ atMs, number: number!, user: user!, content: content!, body: JSON.parse(text) });
      answer(number!, response);
    });
  });
  // Longer than any pause of a client.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v2/models/eta/infer`,
    received,
    close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request) text += String(part);
  return text;
}

/** Answers with this status after this long. */
export const after =
  (ms: number, status: (number: number) => number = () => 200) =>
  (number: number, response: ServerResponse): void => {
    setTimeout(() => response.writeHead(status(number), { 'content-type': 'application/json' }).end('{}'), ms);
  };

export const now = (): number => performance.timeOrigin + performance.now();

/** Limits that a busy machine does not reach: for tests of something else. */
export const NO_LIMITS: LoadOptions = { limits: { latenessMsP99: Number.MAX_VALUE, cpuShare: Number.MAX_VALUE } };

/** Starts a load in time, or as much too late as `lateMs` says. */
export function begin(
  kind: GeneratorKind,
  plan: Pick<LoadPlan, 'slices' | 'url'> & Partial<LoadPlan>,
  options: LoadOptions = NO_LIMITS,
): Load {
  const expectedMaxInFlight = plan.expectedMaxInFlight ?? 40;
  const startAtMs = now() + startUpMs(kind, { expectedMaxInFlight });
  const whole = { expectedMaxInFlight, startAtMs, timeoutMs: 5000, ...plan };
  return startLoad(kind, whole, { ...(k6 === null ? {} : { k6 }), ...options });
}
