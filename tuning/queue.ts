/** The queue between those who start sweeps and those who do their jobs: BullMQ on Redis. Results never go through it. */
import type { ConnectionOptions } from 'bullmq';

/** Every sweep uses the same one: a job says what it belongs to. */
export const QUEUE = 'coalmine';

/** What a worker is told; everything else stands in the sweep's directory, which both sides must see. */
export interface QueuedJob {
  /** Identity of the plan. */
  readonly sweep: string;
  /** Where the sweep is, on the machine that started it. */
  readonly directory: string;
  /** Key of the job. */
  readonly key: string;
}

/** What the queue knows a job by: BullMQ allows no colon, so the key without its `sha256:`. A job that is there already is not added again. */
export const queueId = (key: string): string => key.slice('sha256:'.length);

/** A queue that cannot be reached, or used: something this machine lacks. */
export class MissingQueue extends Error {
  override readonly name = 'MissingQueue';
}

/** How a long-lived client must be set up: it waits for Redis to come back rather than give up. */
export const connectionTo = (url: string): ConnectionOptions => ({ url, maxRetriesPerRequest: null });

/** Rejects with MissingQueue unless a Redis answers at `url` (redis:// or rediss://). */
export async function expectRedis(url: string): Promise<void> {
  if (!/^rediss?:\/\//.test(url)) throw new MissingQueue(`got the queue '${url}', expected redis://host:port`);
  const { Redis } = await import('ioredis').catch(() => {
    throw new MissingQueue('got no ioredis here, expected the optional dependencies bullmq and ioredis');
  });
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 5000,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  // What went wrong is in the rejection too.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.ping();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MissingQueue(`cannot reach the queue at ${url}: ${reason}`);
  } finally {
    client.disconnect();
  }
}
