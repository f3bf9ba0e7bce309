/** Connections to servers, byte by byte: which answers are understood, and which connections are used again. */
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { GatewayProcess } from '../../../live/gateway/client.ts';
import { Caller, pause, type Reply, startGateway } from './support.ts';

interface RawServer {
  readonly url: string;
  /** Requests it has seen, by connection. */
  readonly seen: number[];
}

/** A server that answers every request with what it is given; `respond` is told the connection and its number. */
async function startRaw(respond: (socket: Socket, connection: number) => void): Promise<RawServer> {
  const seen: number[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    const connection = seen.push(0) - 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      // The tests' requests end with their bodies, and health is asked on connections of its own.
      if (!String(chunk).endsWith(']}')) return;
      seen[connection]!++;
      respond(socket, connection);
    });
  });
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

/** A gateway before such a server whose probes do not matter. */
async function startBefore(respond: (socket: Socket, connection: number) => void): Promise<{
  gateway: GatewayProcess;
  server: RawServer;
  send: (number: number) => Promise<Reply>;
}> {
  const gateway = await startGateway({ health: { everyMs: 60_000, timeoutMs: 1000, failures: 1000 } });
  const server = await startRaw(respond);
  await gateway.setUpstreams('baseline', [server.url]);
  const caller = new Caller(gateway, 1);
  return { gateway, server, send: (number) => caller.send(number) };
}
const OK = 'HTTP/1.1 200 OK\r\n';

test.each([
  ['with a length', `${OK}content-length: 5\r\nx-coalmine-score: 2.5\r\n\r\nhello`],
  ['in chunks', `${OK}transfer-encoding: chunked\r\nx-coalmine-score: 2.5\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n`],
  [
    'after two interim ones',
    `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${OK}x-coalmine-score: 2.5\r\nContent-Length: 5\r\n\r\nhello`,
  ],
])(
  'an answer %s is passed on whole, in one piece or byte by byte, and the connection is used again',
  async (_, bytes) => {
    const { server, send } = await startBefore((socket, connection) => {
      if (server.seen[connection]! % 2 === 1) socket.write(bytes);
      else for (const byte of bytes) socket.write(byte);
    });
    for (let number = 0; number < 4; number++) {
      const reply = await send(number);
      expect(reply).toMatchObject({ status: 200, text: 'hello', arm: 'baseline' });
      expect(reply.headers).toMatchObject({ 'content-length': '5', 'x-coalmine-score': '2.5' });
      expect(reply.headers).not.toHaveProperty('link');
    }
    expect(server.seen).toEqual([4]);
  },
);

test.each([
  ['says that it closes', `${OK}connection: close\r\ncontent-length: 5\r\n\r\nhello`, false],
  ['speaks HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 5\r\n\r\nhello', false],
  ['ends the answer with the connection', `${OK}\r\nhello`, true],
  [
    'sends more than it was asked for',
    `${OK}content-length: 5\r\n\r\nhelloHTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n`,
    false,
  ],
  ['keeps idle connections for a second only', `${OK}keep-alive: timeout=1\r\ncontent-length: 5\r\n\r\nhello`, false],
])('a server that %s is answered for, and has a new connection next time', async (_, bytes, ends) => {
  const { server, send } = await startBefore((socket) => {
    socket.write(bytes);
    if (ends) socket.end();
  });
  for (let number = 0; number < 3; number++) expect(await send(number)).toMatchObject({ status: 200, text: 'hello' });
  expect(server.seen).toEqual([1, 1, 1]);
});

test.each([
  ['no HTTP', 'hello\r\n\r\n'],
  ['a length twice', `${OK}content-length: 5\r\ncontent-length: 5\r\n\r\nhello`],
  ['a length and chunks', `${OK}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
  ['another coding', `${OK}transfer-encoding: gzip\r\n\r\nhello`],
  ['a broken chunk', `${OK}transfer-encoding: chunked\r\n\r\nxy\r\n`],
  ['a broken header', `${OK}content-length : 5\r\n\r\nhello`],
  ['a bare line feed', 'HTTP/1.1 200 OK\ncontent-length: 5\n\nhello'],
  ['another protocol', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n'],
  ['an endless head', `${OK}x-a: ${'a'.repeat(20_000)}\r\n`],
])('an answer that is %s is 502, counts as an error, and its connection is closed', async (_, bytes) => {
  const { gateway, server, send } = await startBefore((socket) => socket.write(bytes));
  expect((await send(0)).status).toBe(502);
  expect((await send(1)).status).toBe(502);
  expect(server.seen).toEqual([1, 1]);
  const { sums } = await gateway.status();
  expect(sums).toMatchObject({ received: 2, broken: 2, retried: 0 });
  expect(sums.upstreams[0]).toMatchObject({ sent: 2, answered: 0, errors: 2 });
});

test('bytes that nobody asked for are never taken for an answer', async () => {
  const { server, send } = await startBefore((socket, connection) => {
    socket.write(`${OK}content-length: 5\r\n\r\nhello`);
    if (connection === 0) setTimeout(() => socket.write(`${OK}content-length: 4\r\n\r\nevil`), 20);
  });
  expect((await send(0)).text).toBe('hello');
  await pause(100);
  expect((await send(1)).text).toBe('hello');
  expect(server.seen).toEqual([1, 1]);
});

test('an idle connection is closed by the gateway before a server would', async () => {
  const ended: number[] = [];
  const { server, send } = await startBefore((socket) => {
    socket.on('end', () => ended.push(1));
    socket.write(`${OK}keep-alive: timeout=2\r\ncontent-length: 5\r\n\r\nhello`);
  });
  await send(0);
  await send(1);
  expect([server.seen, ended]).toEqual([[2], []]);
  while (ended.length === 0) await pause(20);
  expect((await send(2)).text).toBe('hello');
  expect(server.seen).toEqual([2, 1]);
});
