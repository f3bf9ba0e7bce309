/** Connections: how they end, and what is said to those who do not speak HTTP. */
import type { Server } from 'node:http';
import { Server as NetServer } from 'node:net';
import type { Duplex } from 'node:stream';

/** How long idle connections stay open while closing: a request that is on its way must not meet a closed one. */
const LINGER_MS = 250;
const LOOK_EVERY_MS = 50;

/**
 * Takes no new connections, lets those that are open send what they have begun, closes each when it is idle, and cuts what is
 * still open after `graceMs`. Answers must say `connection: close` meanwhile. Resolves with whether nothing had to be cut.
 */
export async function drain(server: Server, graceMs: number): Promise<boolean> {
  if (!server.listening) return true;
  let whole = true;
  const closed = new Promise<void>((resolve) => {
    // http's own `close` cuts idle connections at once, also those whose next request is under way: so the one below it.
    NetServer.prototype.close.call(server, () => resolve());
  });
  const closeIdle = (): void => server.closeIdleConnections();
  let looking: NodeJS.Timeout | undefined;
  const linger = setTimeout(
    () => {
      closeIdle();
      looking = setInterval(closeIdle, LOOK_EVERY_MS);
    },
    Math.min(LINGER_MS, graceMs),
  );
  const cut = setTimeout(() => {
    whole = false;
    server.closeAllConnections();
  }, graceMs);
  await closed;
  clearTimeout(linger);
  clearInterval(looking);
  clearTimeout(cut);
  // Ends what http itself still has running for this server.
  server.close();
  return whole;
}

const STATUS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** Answers bytes that are no HTTP request, or no whole one in time, and hangs up. */
export function refuseBadRequest(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const status = STATUS[error.code ?? ''] ?? '400 Bad Request';
  const body = JSON.stringify({ error: `got no valid HTTP request: ${error.message}` });
  socket.end(
    `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
