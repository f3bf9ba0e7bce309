/** A Redis of the test's own, on a free port; null where there is no redis-server. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { onPath } from '../bench/child.ts';

export interface TestRedis {
  readonly url: string;
  stop(): Promise<void>;
}

export const redisServer: string | null = onPath('redis-server');

export async function startRedis(folder: string): Promise<TestRedis> {
  const port = await freePort();
  const child = spawn(
    redisServer!,
    ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = once(child, 'exit');
  while (!/Ready to accept connections/.test(said)) {
    const [event] = await Promise.race([once(child.stdout, 'data'), ended]);
    if (typeof event !== 'string') throw new Error(`redis-server ended early:\n${said}`);
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
