import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildFeatureStore } from '../../models/features/build.ts';
import { FeatureCache } from '../../models/features/lru.ts';
import { type FeatureStore, openFeatureStore } from '../../models/features/store.ts';
import { Stream } from '../../sim/random.ts';
import { redisProgram, startRedis, table } from '../models/features/support.ts';
import type { Bench, Figure } from './bench.ts';

const WIDTH = 32;
const TOGETHER = 16;

/** Mean time of `act` over `count` calls, once per round, after one round to warm up: this process's processor time, and time by the clock. */
async function perCall(
  what: string,
  rounds: number,
  count: number,
  act: (entity: number) => unknown,
  entities: number,
): Promise<Figure[]> {
  const cpu: number[] = [];
  const wall: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const draws = new Stream(`entities/${round}`);
    const startMs = performance.now();
    const before = process.cpuUsage();
    for (let i = 0; i < count; i++) await act(Math.floor(draws.next() * entities));
    const { user, system } = process.cpuUsage(before);
    if (round === 0) continue;
    cpu.push((user + system) / count);
    wall.push(((performance.now() - startMs) * 1000) / count);
  }
  return [
    { what, unit: 'CPU-µs', values: cpu },
    { what, unit: 'µs', values: wall },
  ];
}

async function readings(name: string, store: FeatureStore, rounds: number, reads: number): Promise<Figure[]> {
  const { entities } = store;
  const several = (from: number): unknown =>
    store.getMany(Array.from({ length: TOGETHER }, (_, i) => (from + i * 37) % entities));
  return [
    ...(await perCall(`${name}: one entity`, rounds, reads, (entity) => store.get(entity), entities)),
    ...(await perCall(`${name}: ${TOGETHER} entities at once`, rounds, reads / 10, several, entities)),
  ];
}

export const featureStore: Bench = {
  name: 'feature-store',
  about: `reading ${WIDTH} features of an entity, drawn uniformly, one after another`,
  async run({ small }) {
    const entities = small ? 1000 : 100_000;
    const [rounds, reads] = small ? [1, 500] : [5, 20_000];
    const folder = mkdtempSync(join(tmpdir(), 'coalmine-bench-'));
    const figures: Figure[] = [];
    const notes: string[] = [];
    try {
      const file = join(folder, 'features.db');
      const startMs = performance.now();
      await buildFeatureStore(file, table(entities, WIDTH));
      const seconds = (performance.now() - startMs) / 1000;
      figures.push({ what: 'SQLite: filling', unit: 'k/s', values: [entities / seconds / 1000] });
      const store = await openFeatureStore(file);
      figures.push(...(await readings('SQLite', store, rounds, reads)));
      const cache = new FeatureCache(entities, Infinity);
      for (let entity = 0; entity < entities; entity++) cache.put(entity, (await store.get(entity))!, 0);
      const hit = (entity: number): unknown => cache.get(entity, 1);
      figures.push(...(await perCall('cache in the process: a hit', rounds, reads, hit, entities)));
      await store.close();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    const program = redisProgram();
    if (program === null) notes.push('no redis-server here, so that store was not measured');
    else {
      const redis = await startRedis(program);
      try {
        await buildFeatureStore(redis.url, table(entities, WIDTH));
        const store = await openFeatureStore(redis.url);
        figures.push(...(await readings('Redis on this machine', store, rounds, small ? 200 : 5000)));
        await store.close();
      } finally {
        await redis.kill();
      }
    }
    return { figures, notes };
  },
};
