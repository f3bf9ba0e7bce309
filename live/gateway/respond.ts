import type { ServerResponse } from 'node:http';
import type { Exchange } from './exchange.ts';
import { GATEWAY_ARMS } from './options.ts';

/** Says which arm answered. */
export const ARM_HEADER = 'x-coalmine-arm';

/** Headers that concern one connection, not the answer; the length is written anew. */
const OF_CONNECTION = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'content-length',
  'trailer',
  'upgrade',
]);

/** Passes the upstream's answer on. False when the caller has gone. */
export function forward(response: ServerResponse, exchange: Exchange): boolean {
  if (isGone(response)) return false;
  const { headers, status, arm, body } = exchange;
  const lines: string[] = [ARM_HEADER, GATEWAY_ARMS[arm as 0 | 1], 'content-length', String(body.length)];
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || OF_CONNECTION.has(name)) continue;
    if (typeof value === 'string') lines.push(name, value);
    else for (const each of value) lines.push(name, each);
  }
  response.writeHead(status, lines);
  response.end(body);
  return true;
}

/** The gateway's own answer to a request that no server answered. False when the caller has gone. */
export function refuse(response: ServerResponse, arm: number, status: number, why: string): boolean {
  if (isGone(response)) return false;
  complain(response, status, why, [ARM_HEADER, GATEWAY_ARMS[arm as 0 | 1]]);
  return true;
}

/** Answers with an error in the protocol's form. */
export function complain(response: ServerResponse, status: number, error: string, more: readonly string[] = []): void {
  const body = JSON.stringify({ error });
  const lines = ['content-type', 'application/json', 'content-length', String(Buffer.byteLength(body)), ...more];
  response.writeHead(status, lines);
  response.end(body);
}

const isGone = (response: ServerResponse): boolean => response.destroyed || response.socket === null;
