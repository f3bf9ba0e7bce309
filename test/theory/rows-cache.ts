/** Rows Q37–Q39: feature caches under independent references to eight keys, Zipf 0.8, ten per second. */
import { SimWorld } from '../../sim/world.ts';
import { cacheHit } from './batch.ts';
import { type Comparison, judge, type Row } from './gate.ts';
import { type Queue, scenarioOf } from './queue.ts';
import { stationary } from './stationary.ts';

export const CACHE_VALUES = {
  ttl: 0.472173662,
  ttlRenewed: 0.591891901,
  lru: 0.478768426,
  fifo: 0.461421323,
  misses: [
    [0.5, 3.43632819],
    [1, 5.16557104],
    [2, 6.77081119],
  ],
} as const;

/** A store that answers after 1 µs, so that a hit is a request that had its features at once. */
export const cached = (cache: string): Queue => ({
  rate: 10,
  service: '{ kind: constant, value: 1ms }',
  slots: 64,
  keys: '{ count: 8, zipf: 0.8 }',
  features: `{ latency: { kind: constant, value: 1us }, cache: { ${cache}, warm: false } }`,
  windowMs: 1_000_000,
});

export const TTL_CACHE = 'capacity: infinite, ttl: 600ms';
export const LRU_CACHE = 'capacity: 3, eviction: lru';

const COLD_STARTS = 20_000;
const COLD_EVERY_MS = 2500;
/** For scaling the predicted half-width: 2e6 requests stand for 20,000 starts. */
const REQUESTS_PER_START = 100;

/** One cache, emptied again and again: every emptying is a cold start. */
async function coldStarts(requests: number, seed: number): Promise<readonly Comparison[]> {
  const startedMs = performance.now();
  const starts = Math.min(4 * COLD_STARTS, Math.round((COLD_STARTS * requests) / 2e6));
  const base = scenarioOf(cached('capacity: infinite'), seed);
  const faults = Array.from({ length: starts }, (_, i) => ({
    name: `cold-${i}`,
    kind: 'cold-cache' as const,
    trigger: { on: 'time' as const, atMs: i * COLD_EVERY_MS },
    forMs: 0,
    arm: null,
    size: 1,
  }));
  const misses = CACHE_VALUES.misses.map(() => new Uint8Array(starts));
  const probe = {
    dispatched(_arm: number, _replica: number, arrivalMs: number, queuedMs: number): void {
      if (queuedMs === arrivalMs) return;
      const start = Math.floor(arrivalMs / COLD_EVERY_MS);
      const age = (arrivalMs - start * COLD_EVERY_MS) / 1000;
      for (const [k, [by]] of CACHE_VALUES.misses.entries()) if (age <= by) misses[k]![start]!++;
    },
  };
  const world = await SimWorld.open({ ...base, faults }, { thresholds: [], content: null, probe });
  await world.advance(starts * COLD_EVERY_MS);
  await world.close();
  const seconds = (performance.now() - startedMs) / 1000;
  return CACHE_VALUES.misses.map(([by, exact], k) => {
    const mean = misses[k]!.reduce((sum, n) => sum + n, 0) / starts;
    const variance = misses[k]!.reduce((sum, n) => sum + (n - mean) ** 2, 0) / (starts - 1);
    const row = { id: 'Q39', title: 'cold unlimited cache' };
    const estimate = { mean, standardError: Math.sqrt(variance / starts), lag1: 0 };
    return judge(
      row,
      { name: `mean misses by ${by} s`, exact, h: 0.003 },
      estimate,
      starts * REQUESTS_PER_START,
      seconds,
    );
  });
}

export const CACHE: readonly Row[] = [
  stationary({
    id: 'Q37',
    title: 'TTL cache, 8 keys Zipf 0.8, 10/s, TTL 0.6 s',
    unitMs: 1000,
    queue: cached(TTL_CACHE),
    metrics: () => [{ name: 'hit ratio', exact: CACHE_VALUES.ttl, h: 0.00056, terms: cacheHit }],
    relaxation: 20,
  }),
  stationary({
    id: 'Q38',
    title: 'LRU cache of 3, the same keys',
    unitMs: 1000,
    queue: cached(LRU_CACHE),
    metrics: () => [{ name: 'hit ratio', exact: CACHE_VALUES.lru, h: 0.00091, terms: cacheHit }],
    relaxation: 20,
  }),
  { id: 'Q39', title: 'cold unlimited cache, the same keys', kind: 'core', run: coldStarts },
];
