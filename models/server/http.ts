/** Reading bodies and writing answers over node:http. */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { EncodedAnswer } from './encode.ts';
import { type ServerError, ServerError as Failure } from './errors.ts';

/** Bytes of the JSON part of a body that binary tensors follow; on requests and on answers. */
export const JSON_BYTES = 'inference-header-content-length';

/**
 * Calls `done` with the whole body. One that is larger than `maxBytes` is read to its end but not kept, so that the client sees the
 * answer, and `failed` is called with 413. Nothing is called when the client goes away.
 */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
  done: (body: Buffer) => void,
  failed: (error: ServerError) => void,
): void {
  let first: Buffer | null = null;
  let more: Buffer[] | null = null;
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      first = more = null;
    } else if (first === null) first = chunk;
    else if (more === null) more = [first, chunk];
    else more.push(chunk);
  });
  request.on('end', () => {
    if (bytes > maxBytes) failed(new Failure(413, `got a body of ${bytes} bytes, expected at most ${maxBytes}`));
    else done(more === null ? (first ?? EMPTY) : Buffer.concat(more, bytes));
  });
}

const EMPTY: Buffer = Buffer.alloc(0);

/** The same for bodies that nobody is in a hurry for. */
export const wholeBody = (request: IncomingMessage, maxBytes: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    readBody(request, maxBytes, resolve, reject);
    request.on('close', () => reject(new Failure(400, 'got a body that ends early, expected all of it')));
  });

/** Answers with a body. `extra` headers come besides; the connection is closed after it when `last`. */
export function send(
  response: ServerResponse,
  status: number,
  type: string,
  body: string | Buffer,
  last: boolean,
  extra?: OutgoingHttpHeaders,
): void {
  const headers: OutgoingHttpHeaders = {
    'content-type': type,
    'content-length': typeof body === 'string' ? Buffer.byteLength(body) : body.length,
  };
  if (last) headers.connection = 'close';
  if (extra !== undefined) Object.assign(headers, extra);
  response.writeHead(status, headers).end(body);
}

export const sendJson = (response: ServerResponse, status: number, value: unknown, last: boolean): void =>
  send(response, status, 'application/json', JSON.stringify(value), last);

export function sendError(
  response: ServerResponse,
  { status, message }: ServerError,
  last: boolean,
  extra?: OutgoingHttpHeaders,
): void {
  send(response, status, 'application/json', JSON.stringify({ error: message }), last, extra);
}

export function sendAnswer(
  response: ServerResponse,
  { body, jsonBytes }: EncodedAnswer,
  last: boolean,
  extra?: OutgoingHttpHeaders,
): void {
  if (jsonBytes === null) send(response, 200, 'application/json', body, last, extra);
  else send(response, 200, 'application/octet-stream', body, last, { ...extra, [JSON_BYTES]: jsonBytes });
}
