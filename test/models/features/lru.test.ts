import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { FeatureCache } from '../../../models/features/lru.ts';
import { LruCache } from '../../../sim/cache/lru.ts';

const values = (entity: number): Float32Array => Float32Array.of(entity, entity + 0.5);

test('hits and misses are those of the simulator, whatever is asked, kept, cleared, and when', () => {
  const step = fc.record({
    key: fc.nat(9),
    laterMs: fc.constantFrom(0, 0, 0, 1, 30),
    act: fc.constantFrom('ask', 'ask', 'ask', 'ask', 'refill', 'clear'),
  });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 100 }),
      fc.array(step, { minLength: 20, maxLength: 80 }),
      (capacity, ttlMs, steps) => {
        const ours = new FeatureCache(capacity, ttlMs);
        const simulated = new LruCache(capacity, 1);
        let nowMs = 0;
        for (const { key, laterMs, act } of steps) {
          nowMs += laterMs;
          if (act === 'clear') {
            ours.clear();
            simulated.clear(0);
            continue;
          }
          const found = ours.get(key, nowMs);
          expect(found !== null).toBe(simulated.lookup(0, key, nowMs));
          if (found !== null) expect(found).toEqual(values(key));
          if (found === null || act === 'refill') {
            ours.put(key, values(key), nowMs);
            simulated.fill(0, key, nowMs + ttlMs);
          }
          expect(ours.size).toBeLessThanOrEqual(capacity);
        }
      },
    ),
    { numRuns: 500 },
  );
});

test('the time to live counts from when an entry was filled; hits do not renew it', () => {
  const cache = new FeatureCache(10, 100);
  cache.put(1, values(1), 0);
  expect(cache.get(1, 60)).toEqual(values(1));
  expect(cache.get(1, 99.9)).toEqual(values(1));
  expect(cache.get(1, 100)).toBeNull();
});

test('a cleared cache is as cold as a new one', () => {
  const cache = new FeatureCache(10, Infinity);
  for (let entity = 0; entity < 10; entity++) cache.put(entity, values(entity), 0);
  cache.clear();
  expect(cache.size).toBe(0);
  for (let entity = 0; entity < 10; entity++) expect(cache.get(entity, 0)).toBeNull();
});

test('a cache without room keeps nothing', () => {
  const cache = new FeatureCache(0, Infinity);
  cache.put(1, values(1), 0);
  expect(cache.get(1, 0)).toBeNull();
});
