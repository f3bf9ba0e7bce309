import { type AddressInfo, createServer, type Server } from 'node:net';
import { Caller, type Counter } from './caller.ts';
import type { GatewayOptions } from './options.ts';
import { sayNow } from './respond.ts';
import type { Router } from './router.ts';
import { bad } from './wire/refusal.ts';
import type { RequestHead } from './wire/request-head.ts';

/** Longest time a request may take to come, from its first byte to its last: that of Node's server. */
const SLOWEST_MS = 300_000;

/**
 * The port that users' requests come to: takes each when it has been received to its last byte and hands it to the router. HTTP/1.1 is read by wire/, since
 * Node's server alone costs more than all else that a gateway does.
 */
export class DataPlane implements Counter {
  readonly server: Server;
  private readonly router: Router;
  private readonly segmentOfRow: Uint8Array | null;
  private readonly callers = new Set<Caller>();
  private readonly slow: NodeJS.Timeout;
  /** Stands in for the number of a request that has none. */
  private nextNumber = 0;

  constructor(router: Router, { segmentOfRow }: Pick<GatewayOptions, 'segmentOfRow'>, slowestMs: number = SLOWEST_MS) {
    this.router = router;
    this.segmentOfRow = segmentOfRow;
    // Idle connections are the caller's to close: whoever closes first must not be the server.
    this.server = createServer({ noDelay: true }, (socket) => {
      this.callers.add(new Caller(socket, this, (caller) => this.callers.delete(caller)));
    });
    this.slow = setInterval(() => this.giveUpSlow(slowestMs), slowestMs / 10).unref();
  }

  /** Listens on the loopback; 0 takes any free port. Returns the URL. */
  listen(port: number): Promise<string> {
    return listenOnLoopback(this.server, port);
  }

  /** Takes nobody new; whoever is being served is the last of his connection. */
  close(): void {
    this.server.close();
    for (const caller of this.callers) caller.finish();
  }

  cutOff(): void {
    clearInterval(this.slow);
    for (const caller of this.callers) caller.cutOff();
  }

  serve(head: RequestHead, body: Buffer, caller: Caller): void {
    const { method, path, row } = head;
    if (method !== 'POST' || !path.endsWith('/infer')) {
      this.answerOther(head, caller);
      return;
    }
    const rows = this.segmentOfRow?.length ?? Number.POSITIVE_INFINITY;
    // Requests are counted by the segment of their row, so they must have one when there are segments.
    if (this.segmentOfRow !== null && (row < 0 || row >= rows)) {
      const got = row < 0 ? 'none' : row;
      caller.refuse(bad(`x-coalmine-row: got ${got}, expected a row below ${rows}: requests are counted by segment`));
      return;
    }
    const number = head.number < 0 ? this.nextNumber++ : head.number;
    const segment = this.segmentOfRow === null ? 0 : this.segmentOfRow[row]!;
    const ask = { number, row, segment, path, lines: head.kept, body, receivedMs: performance.now() };
    this.router.route(ask, head.user < 0 ? number : head.user, caller);
  }

  refused(): void {
    this.router.tally.refused++;
  }

  /** Health is answered here; nothing else is served. */
  private answerOther({ method, path }: RequestHead, caller: Caller): void {
    const isHealth = path === '/v2/health/live' || path === '/v2/health/ready';
    if (method !== 'GET' || !isHealth) {
      const known = isHealth || path.endsWith('/infer');
      caller.refuse(bad(`got ${method} ${path}, expected POST /v2/models/<name>/infer`, known ? 405 : 404));
      return;
    }
    const ready = path.endsWith('live') || this.router.table.upstreams[0].some((upstream) => upstream.healthy);
    sayNow(caller, ready ? 200 : 503, '', NO_BODY);
  }

  private giveUpSlow(slowestMs: number): void {
    const before = performance.now() - slowestMs;
    for (const caller of this.callers) if (caller.sinceMs > 0 && caller.sinceMs < before) caller.giveUp();
  }
}

const NO_BODY = Buffer.alloc(0);

/** Starts a server on 127.0.0.1 and resolves with its URL. */
export function listenOnLoopback(server: Server, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    });
  });
}
