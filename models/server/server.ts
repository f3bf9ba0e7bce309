/** An Open Inference Protocol v2 server (REST) for ONNX models, over bare node:http. */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { packageRoot } from '../../config/package-root.ts';
import { drain, refuseBadRequest } from './connections.ts';
import { asServerError, type ServerError } from './errors.ts';
import { readBody, sendError } from './http.ts';
import { infer, type Serving } from './infer.ts';
import { LIMITS, type Limits, type ServerOptions } from './options.ts';
import { Repository } from './repository.ts';
import { decodeName, findRoute, type RouteContext, WrongMethod } from './routes.ts';

export type { InferenceCall, Infer, ServerHooks } from './hooks.ts';
export type { Limits, ServerOptions } from './options.ts';

export interface InferenceServer {
  /** Its models: what is loaded, what is ready. */
  readonly repository: Repository;
  /** Takes connections from now on; port 0 = any free one. Resolves with the base URL. Rejects when the port is taken. */
  listen(port: number, host: string): Promise<string>;
  /** Loads every model; readiness comes with the last. Rejects with the first reason why one cannot be loaded. */
  load(): Promise<void>;
  /** Tells the hook to forget what it cached for requests. */
  clearCaches(): void;
  /** Refuses new connections, answers what came in before, frees the models; connections still open after `graceMs` are cut. True when none was. */
  close(graceMs: number): Promise<boolean>;
}

const PRODUCT = {
  name: 'coalmine',
  version: (JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }).version,
};

/** A server that does not listen yet. */
export const createInferenceServer = (options: ServerOptions): InferenceServer => new OipServer(options);

const INFER = /^\/v2\/models\/([^/]+)(?:\/versions\/([^/]+))?\/infer(?:\?|$)/;

class OipServer implements InferenceServer, Serving, RouteContext {
  readonly repository: Repository;
  readonly limits: Limits;
  readonly allowUploads: boolean;
  readonly product: RouteContext['product'] = PRODUCT;
  readonly clock: () => number;
  readonly hooks: Serving['hooks'];
  closing = false;
  private readonly server: Server;

  constructor(options: ServerOptions) {
    this.limits = { ...LIMITS, ...options.limits };
    this.allowUploads = options.allowUploads ?? true;
    this.clock = options.clock;
    this.hooks = options.hooks;
    this.repository = new Repository(options, this.limits);
    this.server = createServer({ keepAliveTimeout: this.limits.keepAliveMs }, this.answer);
    this.server.on('clientError', refuseBadRequest);
  }

  listen(port: number, host: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, () => {
        this.server.off('error', reject);
        const { address, family, port: bound } = this.server.address() as AddressInfo;
        resolve(`http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`);
      });
    });
  }

  async load(): Promise<void> {
    for (const name of this.repository.names) await this.repository.load(name);
  }

  clearCaches(): void {
    this.hooks?.clearCaches?.();
  }

  async close(graceMs: number): Promise<boolean> {
    this.closing = true;
    const whole = await drain(this.server, graceMs);
    await this.repository.close(!whole);
    return whole;
  }

  private readonly answer = (request: IncomingMessage, response: ServerResponse): void => {
    const url = request.url ?? '/';
    const match = request.method === 'POST' ? INFER.exec(url) : null;
    if (match === null) void this.route(url, request, response);
    else {
      readBody(
        request,
        this.limits.maxBodyBytes,
        (body) => this.infer(match, request, response, body),
        (error) => this.fail(response, error),
      );
    }
  };

  private infer(match: RegExpExecArray, request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    try {
      const [, name, version] = match;
      const model = this.repository.serving(decodeName(name!), version === undefined ? version : decodeName(version));
      infer(this, model, request.headers, body, response);
    } catch (error) {
      this.fail(response, asServerError(error));
    }
  }

  private async route(url: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { act, names } = findRoute(request.method, url);
      await act(this, names, request, response);
    } catch (error) {
      this.fail(response, asServerError(error));
    }
  }

  private fail(response: ServerResponse, error: ServerError): void {
    if (response.headersSent) response.destroy();
    else sendError(response, error, this.closing, error instanceof WrongMethod ? { allow: error.allow } : undefined);
  }
}
