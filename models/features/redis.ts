/** The shared store: a Redis server, one key per entity with all its values as bytes. */
import type { Redis } from 'ioredis';
import type { FeatureTable } from './build.ts';
import { type FeatureStore, StoreUnavailable } from './store.ts';

const NAMESPACE = 'coalmine';
const CONNECT_MS = 3000;
/** A command that takes longer fails; the caller has better things to do than to wait for one entity. */
const COMMAND_MS = 2000;
/** Entities per round trip when filling, keys per round trip when removing. */
const BULK = 1000;
/** The longest pause between attempts to get a lost connection back. */
const RETRY_MS = 1000;

/** Without credentials, which have no place in messages. */
const shown = (url: string): string => url.replace(/\/\/[^@/]*@/, '//');

const keyOf = (namespace: string, entity: number): string => `${namespace}:features:${entity}`;
const aboutKey = (namespace: string): string => `${namespace}:features:about`;

/** A connected client. Later on, commands fail at once while the connection is lost, and it is sought again. */
async function connect(url: string): Promise<Redis> {
  const { Redis: Client } = await import('ioredis').catch((error: Error) => {
    throw new StoreUnavailable(
      `a Redis feature store needs the package ioredis, which does not load (${error.message.split('\n')[0]}): npm install ioredis`,
    );
  });
  const client = new Client(url, {
    lazyConnect: true,
    connectTimeout: CONNECT_MS,
    commandTimeout: COMMAND_MS,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    retryStrategy: (times) => Math.min(RETRY_MS, 50 * times),
  });
  let reason = '';
  client.on('error', (error: Error) => {
    reason = error.message;
  });
  try {
    await client.connect();
    return client;
  } catch (error) {
    client.disconnect();
    throw new StoreUnavailable(
      `the feature store ${shown(url)} cannot be reached: ${reason === '' ? (error as Error).message : reason}`,
    );
  }
}

/** Fills `namespace` of the server; what was there under it is removed first. Rejects with StoreUnavailable. */
export async function buildRedisStore(
  url: string,
  { entities, width, read }: FeatureTable,
  namespace: string = NAMESPACE,
): Promise<void> {
  await withClient(url, async (client) => {
    await removeAll(client, namespace);
    const values = new Float32Array(width);
    for (let from = 0; from < entities; from += BULK) {
      const pairs: (string | Buffer)[] = [];
      for (let entity = from; entity < Math.min(entities, from + BULK); entity++) {
        read(entity, values);
        pairs.push(keyOf(namespace, entity), Buffer.from(values.slice().buffer));
      }
      await client.mset(pairs);
    }
    // Last of all: whoever finds it finds everything.
    await client.set(aboutKey(namespace), JSON.stringify({ entities, width }));
  });
}

/** Removes what `buildRedisStore` put under the namespace. */
export const dropRedisStore = (url: string, namespace: string = NAMESPACE): Promise<void> =>
  withClient(url, (client) => removeAll(client, namespace));

async function withClient(url: string, use: (client: Redis) => Promise<void>): Promise<void> {
  const client = await connect(url);
  try {
    await use(client);
  } catch (error) {
    throw new StoreUnavailable(`the feature store ${shown(url)} failed: ${(error as Error).message}`);
  } finally {
    client.disconnect();
  }
}

async function removeAll(client: Redis, namespace: string): Promise<void> {
  const found = await client.get(aboutKey(namespace));
  if (found === null) return;
  const { entities } = JSON.parse(found) as { entities: number };
  await client.del(aboutKey(namespace));
  for (let from = 0; from < entities; from += BULK) {
    const count = Math.min(BULK, entities - from);
    await client.unlink(Array.from({ length: count }, (_, i) => keyOf(namespace, from + i)));
  }
}

/** Opens a filled store. Rejects with StoreUnavailable when the server cannot be reached or has nothing under the namespace. */
export async function openRedisStore(url: string, namespace: string = NAMESPACE): Promise<FeatureStore> {
  const client = await connect(url);
  try {
    const found = await client.get(aboutKey(namespace));
    if (found === null) throw new StoreUnavailable(`the feature store ${shown(url)} has no features of '${namespace}'`);
    const { entities, width } = JSON.parse(found) as { entities: number; width: number };
    return new RedisStore(client, namespace, entities, width);
  } catch (error) {
    client.disconnect();
    if (error instanceof StoreUnavailable) throw error;
    throw new StoreUnavailable(`the feature store ${shown(url)} failed: ${(error as Error).message}`);
  }
}

class RedisStore implements FeatureStore {
  readonly entities: number;
  readonly width: number;
  private readonly client: Redis;
  private readonly namespace: string;

  constructor(client: Redis, namespace: string, entities: number, width: number) {
    this.client = client;
    this.namespace = namespace;
    this.entities = entities;
    this.width = width;
  }

  async get(entity: number): Promise<Float32Array | null> {
    return this.valuesOf(await reading(this.client.getBuffer(keyOf(this.namespace, entity))));
  }

  async getMany(entities: readonly number[]): Promise<(Float32Array | null)[]> {
    if (entities.length === 0) return [];
    const keys = entities.map((entity) => keyOf(this.namespace, entity));
    const found = await reading(this.client.mgetBuffer(keys));
    return found.map((bytes) => this.valuesOf(bytes));
  }

  async close(): Promise<void> {
    this.client.disconnect();
  }

  /** A copy of their own: the client's bytes are not aligned. */
  private valuesOf(bytes: Buffer | null): Float32Array | null {
    if (bytes === null) return null;
    const values = new Float32Array(this.width);
    new Uint8Array(values.buffer).set(bytes.subarray(0, values.byteLength));
    return values;
  }
}

async function reading<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw new StoreUnavailable(`the feature store cannot be read: ${(error as Error).message}`);
  }
}
