/** Upstreams that answer as a replica would, without a model: small servers for the gateway's tests. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One call as the stub saw it. */
export interface Seen {
  readonly number: number;
  readonly row: number;
  readonly mirrored: boolean;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface StubAnswer {
  readonly status?: number;
  readonly timing?: string;
  readonly score?: string;
  /** Answered this much later, ms. */
  readonly afterMs?: number;
  /** Answered once this has come. */
  readonly until?: Promise<void>;
  /** `hang`: never answered; `reset`: the connection is cut instead of an answer; `half`: in the middle of one. */
  readonly how?: 'hang' | 'reset' | 'half';
}

export class Stub {
  readonly seen: Seen[] = [];
  url = '';
  /** What `GET /v2/health/ready` says. */
  ready = true;
  answer: (seen: Seen) => StubAnswer = () => ({});
  /** Connections made to it so far. */
  connections = 0;
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => void this.receive(request, response));
    this.server.on('connection', () => this.connections++);
  }

  static async start(answer: (seen: Seen) => StubAnswer = () => ({})): Promise<Stub> {
    const stub = new Stub();
    stub.answer = answer;
    await new Promise<void>((resolve) => stub.server.listen(0, '127.0.0.1', resolve));
    stub.url = `http://127.0.0.1:${(stub.server.address() as AddressInfo).port}`;
    return stub;
  }

  /** Requests seen, without copies; and copies. */
  get users(): readonly Seen[] {
    return this.seen.filter(({ mirrored }) => !mirrored);
  }

  get copies(): readonly Seen[] {
    return this.seen.filter(({ mirrored }) => mirrored);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === '/v2/health/ready') {
      response.writeHead(this.ready ? 200 : 400).end();
      return;
    }
    if (request.url === '/v2/health/live') {
      // A moment later, so that looks at once need a connection each.
      setTimeout(() => response.end(), 20);
      return;
    }
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { headers } = request;
    const seen: Seen = {
      number: Number(headers['x-coalmine-request']),
      row: Number(headers['x-coalmine-row']),
      mirrored: headers['x-coalmine-mirrored'] === '1',
      headers,
      body,
    };
    this.seen.push(seen);
    const answer = this.answer(seen);
    if (answer.how === 'hang') return;
    if (answer.how === 'reset') {
      response.destroy();
      return;
    }
    await answer.until;
    setTimeout(() => write(response, answer), answer.afterMs ?? 0);
  }
}

function write(response: ServerResponse, { status = 200, timing, score, how }: StubAnswer): void {
  const body = JSON.stringify(status < 400 ? { outputs: [] } : { error: 'as told' });
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': body.length,
    ...(timing === undefined ? {} : { 'x-coalmine-timing': timing }),
    ...(score === undefined ? {} : { 'x-coalmine-score': score }),
  });
  if (how === 'half') {
    response.write(body.slice(0, 2));
    setTimeout(() => response.destroy(), 5);
  } else response.end(body);
}
