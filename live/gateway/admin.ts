import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { listenOnLoopback } from './data-plane.ts';
import type { Gateway } from './gateway.ts';
import { metricsText } from './metrics.ts';
import { GATEWAY_ARMS, type GatewayArm } from './options.ts';

/** Largest body taken, characters. */
const BODY_LIMIT = 65_536;

/** What a path offers, by method; the body is parsed JSON, absent for GET. An answer that is text is Prometheus's. */
type Resource = Readonly<Record<string, (body: unknown) => unknown>>;

/**
 * The gateway's second door, for people and scrapers: a port of its own on the loopback, every call with a bearer token. It says and does
 * nothing that the IPC commands do not: both call the same Gateway.
 */
export class Admin {
  private readonly server: Server;
  private readonly tokenHash: Buffer;
  private readonly resources: Readonly<Record<string, Resource>>;

  constructor(gateway: Gateway, token: string) {
    this.tokenHash = hashOf(`Bearer ${token}`);
    this.resources = resourcesOf(gateway);
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  listen(port: number): Promise<string> {
    return listenOnLoopback(this.server, port);
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      // Hashes are equally long and say nothing about how much of a token was right.
      if (!timingSafeEqual(hashOf(request.headers.authorization ?? ''), this.tokenHash)) {
        throw new Refusal(401, 'got no valid token, expected authorization: Bearer <token>');
      }
      const method = request.method!;
      const resource = this.resources[request.url!];
      if (resource === undefined) {
        throw new Refusal(404, `got ${request.url!}, expected one of ${Object.keys(this.resources).join(', ')}`);
      }
      const act = resource[method];
      if (act === undefined) {
        throw new Refusal(405, `got ${method}, expected ${Object.keys(resource).join(' or ')}`);
      }
      send(response, act(method === 'GET' ? undefined : await jsonOf(request)));
    } catch (error) {
      request.resume();
      const status = error instanceof Refusal ? error.status : error instanceof RangeError ? 400 : 500;
      complain(response, status, error instanceof Error ? error.message : String(error));
    }
  }
}

function resourcesOf(gateway: Gateway): Record<string, Resource> {
  const routes = (): unknown => {
    const { weightPercent, mirrorPercent, upstreams } = gateway.router.table;
    const [baseline, candidate] = upstreams.map((each) => each.map(({ url }) => url));
    return { weightPercent, mirrorPercent, segments: gateway.openSegments, upstreams: { baseline, candidate } };
  };
  const health = (): unknown => {
    const upstreams = gateway.status().sums.upstreams.map(({ url, arm, ready }) => ({ url, arm, ready }));
    return { live: true, ready: upstreams.some(({ arm, ready }) => arm === 'baseline' && ready), upstreams };
  };
  const upstreamsOf = (arm: GatewayArm): Resource => ({
    PUT: (body) => {
      if (!Array.isArray(body) || !body.every((url) => typeof url === 'string')) {
        throw new RangeError('upstreams: expected a list of URLs');
      }
      gateway.setUpstreams(arm, body);
      return routes();
    },
  });
  return {
    '/routes': { GET: routes, PUT: (body) => gateway.setRoute(objectOf(body)) },
    '/statistics': { GET: () => gateway.status() },
    '/health': { GET: health },
    '/metrics': { GET: () => metricsText(gateway.status()) },
    ...Object.fromEntries(GATEWAY_ARMS.map((arm) => [`/upstreams/${arm}`, upstreamsOf(arm)])),
  };
}

class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

async function jsonOf(request: IncomingMessage): Promise<unknown> {
  let text = '';
  request.setEncoding('utf8');
  for await (const chunk of request) {
    text += chunk as string;
    if (text.length > BODY_LIMIT) throw new Refusal(413, `the body is longer than ${BODY_LIMIT} characters`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, 'got something else, expected JSON');
  }
}

function objectOf(body: unknown): object {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body;
  throw new RangeError('expected an object with weightPercent or mirrorPercent');
}

function send(response: ServerResponse, answer: unknown): void {
  const isText = typeof answer === 'string';
  response.writeHead(200, { 'content-type': isText ? 'text/plain; version=0.0.4; charset=utf-8' : 'application/json' });
  response.end(isText ? answer : JSON.stringify(answer));
}

const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest();

function complain(response: ServerResponse, status: number, error: string): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ error }));
}
