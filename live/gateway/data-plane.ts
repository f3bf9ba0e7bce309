import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { GatewayOptions } from './options.ts';
import { factsOf, type RequestFacts } from './request-headers.ts';
import { complain } from './respond.ts';
import type { Router } from './router.ts';

/** Largest body taken, bytes. */
const BODY_LIMIT = 16 * 2 ** 20;

/** The port that users' requests come to: reads each to its last byte, then hands it to the router. */
export class DataPlane {
  readonly server: Server;
  private readonly router: Router;
  private readonly segmentOfRow: Uint8Array | null;
  /** Stands in for the number of a request that has none. */
  private nextNumber = 0;

  constructor(router: Router, { segmentOfRow }: Pick<GatewayOptions, 'segmentOfRow'>) {
    this.router = router;
    this.segmentOfRow = segmentOfRow;
    // Idle connections are the caller's to close: whoever closes first must not be the server (undici's and k6's clients do).
    this.server = createServer({ keepAliveTimeout: 0, noDelay: true }, (request, response) =>
      this.receive(request, response),
    );
  }

  /** Listens on the loopback; 0 takes any free port. Returns the URL. */
  listen(port: number): Promise<string> {
    return listenOnLoopback(this.server, port);
  }

  private receive(request: IncomingMessage, response: ServerResponse): void {
    const { method, url } = request;
    if (method !== 'POST' || !url!.endsWith('/infer')) {
      this.answerOther(request, response);
      return;
    }
    const facts = factsOf(request.rawHeaders);
    const fault = typeof facts === 'string' ? facts : this.rowFault(facts);
    if (fault !== null) {
      this.refuse(request, response, 400, fault);
      return;
    }
    collectBody(request, (body) => {
      if (body === null) this.refuse(request, response, 413, `the body is longer than ${BODY_LIMIT} bytes`);
      else this.received(url!, facts as RequestFacts, body, response);
    });
  }

  private received(path: string, facts: RequestFacts, body: Buffer, response: ServerResponse): void {
    const receivedMs = performance.now();
    const { row, user, forwarded: headers } = facts;
    const number = facts.number < 0 ? this.nextNumber++ : facts.number;
    const segment = this.segmentOfRow === null ? 0 : this.segmentOfRow[row]!;
    this.router.route(
      { number, row, segment, method: 'POST', path, headers, body, receivedMs },
      user < 0 ? number : user,
      response,
    );
  }

  /** Requests are counted by the segment of their row, so they must have one when there are segments. */
  private rowFault({ row }: RequestFacts): string | null {
    const rows = this.segmentOfRow?.length ?? Number.POSITIVE_INFINITY;
    if (this.segmentOfRow === null || (row >= 0 && row < rows)) return null;
    return `x-coalmine-row: got ${row < 0 ? 'none' : row}, expected a row below ${rows}: requests are counted by segment`;
  }

  /** Health is answered here; nothing else is served. */
  private answerOther(request: IncomingMessage, response: ServerResponse): void {
    const { method, url } = request;
    const isHealth = url === '/v2/health/live' || url === '/v2/health/ready';
    if (method !== 'GET' || !isHealth) {
      const known = isHealth || url!.endsWith('/infer');
      this.refuse(request, response, known ? 405 : 404, `got ${method} ${url}, expected POST /v2/models/<name>/infer`);
      return;
    }
    const ready = url.endsWith('live') || this.router.table.upstreams[0].some((upstream) => upstream.healthy);
    response.writeHead(ready ? 200 : 503, ['content-length', '0']);
    response.end();
  }

  private refuse(request: IncomingMessage, response: ServerResponse, status: number, why: string): void {
    this.router.tally.refused++;
    // The rest of its body is of no interest.
    request.resume();
    complain(response, status, why);
  }
}

/** Collects a body; `done` gets null, once, when it is too long. A request whose caller vanishes is forgotten. */
function collectBody(request: IncomingMessage, done: (body: Buffer | null) => void): void {
  let first: Buffer | null = null;
  let rest: Buffer[] | null = null;
  let length = 0;
  request.on('data', (chunk: Buffer) => {
    if (length > BODY_LIMIT) return;
    length += chunk.length;
    if (length > BODY_LIMIT) done(null);
    else if (first === null) first = chunk;
    else if (rest === null) rest = [chunk];
    else rest.push(chunk);
  });
  request.on('end', () => {
    if (length <= BODY_LIMIT) done(rest === null ? (first ?? NO_BODY) : Buffer.concat([first!, ...rest]));
  });
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
