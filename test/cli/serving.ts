/** `coalmine serve` as a process, and connections of our own to it. */
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { type Running, start } from './process.ts';

export interface Served extends Running {
  readonly url: string;
  readonly port: number;
}

/** Starts it on a free port with `--json`, and waits until it says where it is; killed after the test if still there. */
export async function serve(cwd: string, ...args: readonly string[]): Promise<Served> {
  const run = start(['serve', ...args, '--port', '0', '--json'], { cwd });
  onTestFinished(async () => {
    run.child.kill('SIGKILL');
    await run.ended;
  });
  const url = await new Promise<string>((resolve, reject) => {
    let text = '';
    run.child.stdout!.on('data', (data: string) => {
      text += data;
      if (text.includes('\n')) resolve((JSON.parse(text) as { url: string }).url);
    });
    run.ended.then(({ stderr }) => reject(new Error(`ended early:\n${stderr}`)), reject);
  });
  return { ...run, url, port: Number(new URL(url).port) };
}

const BODY = JSON.stringify({
  inputs: [{ name: 'features', datatype: 'FP32', shape: [1, 9], data: [100, 0, 1, 0, 1, 5, 5, 5, 5] }],
});
const REQUEST = `POST /v2/models/eta-baseline/infer HTTP/1.1\r\nhost: x\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`;

export interface Client {
  sent: number;
  answered: number;
  /** Answers that were not 200. */
  refused: number;
  /** Resolves when the connection has ended. */
  readonly ended: Promise<void>;
}

/** One connection that sends a request, waits for the whole answer, and so on until an answer is the last. */
export function keepAsking(port: number): Client {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  const client: Client = {
    sent: 0,
    answered: 0,
    refused: 0,
    ended: new Promise((resolve) => {
      socket.on('close', () => resolve());
    }),
  };
  const send = (): void => {
    client.sent++;
    socket.write(REQUEST);
  };
  socket.on('connect', send);
  socket.on('error', () => undefined);
  socket.on('data', (data) => {
    text += data.toString();
    const head = text.indexOf('\r\n\r\n');
    const length = Number(/content-length: (\d+)/.exec(text)?.[1]);
    if (head < 0 || text.length < head + 4 + length) return;
    client.answered++;
    if (!text.startsWith('HTTP/1.1 200 ')) client.refused++;
    const isLast = /\r\nconnection: close\r\n/i.test(text);
    text = '';
    if (isLast) socket.end();
    else send();
  });
  return client;
}

/** A connection that has sent half a request. */
export const halfRequest = (port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(REQUEST.slice(0, -10), () => resolve(socket));
    });
    socket.on('error', reject);
    onTestFinished(() => void socket.destroy());
  });

/** Whether nobody listens there any more. */
export const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(false);
    });
    socket.on('error', () => resolve(true));
  });
