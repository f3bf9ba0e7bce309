/** Connections to one server, asked directly: what the router is told when they fail, and how they are closed. */
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { ConnectionPool } from '../../../live/gateway/connection-pool.ts';
import { Exchange } from '../../../live/gateway/exchange.ts';
import { Upstream } from '../../../live/gateway/upstream.ts';

/** A server that is told of every request's bytes, and a pool of connections to it. */
async function start(
  respond: (socket: Socket) => void,
  silenceMs = 0,
): Promise<{ pool: ConnectionPool; url: string; sockets: Set<Socket> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('data', () => respond(socket));
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const pool = new ConnectionPool(url, silenceMs);
  onTestFinished(() => {
    pool.destroy();
    server.close();
  });
  return { pool, url, sockets };
}

/** Sends one request; resolves in words with what became of it. */
function send(pool: ConnectionPool, url: string): { exchange: Exchange; end: Promise<string> } {
  const { promise, resolve } = Promise.withResolvers<string>();
  const ask = { number: 0, row: 0, segment: 0, path: '/infer', lines: '', body: Buffer.from('{}'), receivedMs: 0 };
  const keeper = {
    answered: ({ status, body }: Exchange) => resolve(`${status} ${String(body)}`),
    broke: ({ started }: Exchange, fellSilent: boolean) =>
      resolve(`broke${started ? ' started' : ''}${fellSilent ? ' silent' : ''}`),
  };
  const exchange = new Exchange(keeper, ask, 0, null, null, false);
  exchange.upstream = new Upstream(url, 0, 1000);
  pool.dispatch(exchange);
  return { exchange, end: promise };
}
const answer = (socket: Socket): void => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
const nothing = (): void => undefined;

test('a server that falls silent is told apart from one that hangs up, and from one that is not there', async () => {
  const silent = await start(nothing, 50);
  expect(await send(silent.pool, silent.url).end).toBe('broke started silent');
  const rude = await start((socket) => socket.destroy(), 50);
  expect(await send(rude.pool, rude.url).end).toBe('broke started');
  const nowhere = 'http://127.0.0.1:1';
  expect(await send(new ConnectionPool(nowhere, 50), nowhere).end).toBe('broke');
});

test('an exchange that is given up while its connection is made is never sent, and the connection serves the next one', async () => {
  const { pool, url, sockets } = await start(answer);
  const first = send(pool, url);
  first.exchange.settled = true;
  first.exchange.abort();
  while (sockets.size === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await send(pool, url).end).toBe('200 ok');
  expect([first.exchange.started, sockets.size]).toEqual([false, 1]);
});

test('an exchange that is given up under way takes its connection with it', async () => {
  const { pool, url, sockets } = await start(nothing);
  const { exchange } = send(pool, url);
  while (!exchange.started || sockets.size === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  exchange.settled = true;
  exchange.abort();
  while (sockets.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
});

test('a pool that is closed lets what is under way end, and takes nothing new', async () => {
  const { pool, url, sockets } = await start((socket) => setTimeout(() => answer(socket), 50));
  const under = send(pool, url);
  while (!under.exchange.started) await new Promise((resolve) => setTimeout(resolve, 5));
  pool.close();
  expect(await send(pool, url).end).toBe('broke');
  expect(await under.end).toBe('200 ok');
  while (sockets.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
});

test('a pool that is destroyed says at once what broke', async () => {
  const { pool, url } = await start(nothing);
  const all = [send(pool, url), send(pool, url)];
  while (!all.every(({ exchange }) => exchange.started)) await new Promise((resolve) => setTimeout(resolve, 5));
  const waits = send(pool, url);
  pool.destroy();
  expect(await Promise.all([...all, waits].map(({ end }) => end))).toEqual(['broke started', 'broke started', 'broke']);
});
