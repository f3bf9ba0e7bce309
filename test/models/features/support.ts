import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FeatureTable } from '../../../models/features/build.ts';
import { onPath } from '../../bench/child.ts';

/** Values that tell entity and place: 1000 · entity + place, and a fraction that float32 must round. */
export const table = (entities: number, width = 4): FeatureTable => ({
  entities,
  width,
  read: (entity, into) => {
    for (let i = 0; i < width; i++) into[i] = 1000 * entity + i + 0.1;
  },
});

export const valuesOf = (entity: number, width = 4): Float32Array =>
  Float32Array.from({ length: width }, (_, i) => 1000 * entity + i + 0.1);

export interface RedisServer {
  readonly url: string;
  /** Kills it without a farewell and waits until it is gone. */
  kill(): Promise<void>;
}

/** Path of a redis-server, or null after saying so: the tests that need one are then skipped. */
export function redisProgram(): string | null {
  const file = onPath('redis-server');
  if (file === null) process.stderr.write('SKIPPED: no redis-server here, so the Redis feature store was not tested\n');
  return file;
}

/** A Redis of the test's own, in memory only; on a free port, or on a given one. */
export async function startRedis(program: string, port?: number): Promise<RedisServer & { readonly port: number }> {
  const taken = port ?? (await freePort());
  const folder = mkdtempSync(join(tmpdir(), 'coalmine-redis-'));
  const args = ['--port', String(taken), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = new Promise<void>((resolve) => {
    child.on('close', () => {
      rmSync(folder, { recursive: true, force: true });
      resolve();
    });
  });
  await new Promise<void>((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (data: Buffer) => {
      text += data.toString();
      if (text.includes('Ready to accept connections')) resolve();
    });
    child.on('error', reject);
    void gone.then(() => reject(new Error(`redis-server ended early:\n${text}`)));
  });
  return {
    url: `redis://127.0.0.1:${taken}`,
    port: taken,
    kill: () => {
      child.kill('SIGKILL');
      return gone;
    },
  };
}

/** A port that was free a moment ago. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
