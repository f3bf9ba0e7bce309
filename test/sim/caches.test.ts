/** Feature caches against brute force, and the popularity of keys. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FeatureCache, makeCache } from '../../sim/cache/cache.ts';
import { LruCache } from '../../sim/cache/lru.ts';
import { TwoWayCache } from '../../sim/cache/two-way.ts';
import { ZipfKeys } from '../../sim/keys.ts';
import { Stream } from '../../sim/random.ts';
import { mix32 } from '../../split.ts';
import { zipf } from '../theory/formulas.ts';
import { chiSquareQuantile } from '../../statistics/chi-square.ts';
import { chiSquareOf } from '../theory/stats.ts';

const SEED = 13;
const PORTIONS = 2;

type Call =
  | { readonly kind: 'lookup' | 'holds'; readonly portion: number; readonly key: number }
  | { readonly kind: 'fill'; readonly portion: number; readonly key: number; readonly ttlMs: number }
  | { readonly kind: 'clear'; readonly portion: number };

const portion = fc.integer({ min: 0, max: PORTIONS - 1 });
const key = fc.integer({ min: 0, max: 12 });
const call: fc.Arbitrary<Call> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('lookup' as const), portion, key }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('holds' as const), portion, key }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('fill' as const),
      portion,
      key,
      ttlMs: fc.constantFrom(3, 10, Number.POSITIVE_INFINITY),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear' as const), portion }) },
);

/** What a cache should be: per set of places a list of entries, most recently used first. */
class Model implements FeatureCache {
  private readonly sets = new Map<string, { key: number; expiresMs: number }[]>();
  private readonly places: number;
  private readonly setOf: (key: number) => number;

  constructor(places: number, setOf: (key: number) => number) {
    this.places = places;
    this.setOf = setOf;
  }

  readAhead(): void {}

  lookup(p: number, k: number, nowMs: number): boolean {
    const set = this.set(p, k);
    const at = set.findIndex((each) => each.key === k);
    if (at < 0 || set[at]!.expiresMs <= nowMs) return false;
    set.unshift(...set.splice(at, 1));
    return true;
  }

  holds(p: number, k: number, nowMs: number): boolean {
    return this.set(p, k).some((each) => each.key === k && each.expiresMs > nowMs);
  }

  fill(p: number, k: number, expiresMs: number): void {
    const set = this.set(p, k);
    const at = set.findIndex((each) => each.key === k);
    if (at >= 0) set.splice(at, 1);
    set.unshift({ key: k, expiresMs });
    if (set.length > this.places) set.pop();
  }

  clear(p: number): void {
    for (const name of this.sets.keys()) if (name.startsWith(`${p}/`)) this.sets.delete(name);
  }

  private set(p: number, k: number): { key: number; expiresMs: number }[] {
    const name = `${p}/${this.setOf(k)}`;
    const found = this.sets.get(name) ?? [];
    this.sets.set(name, found);
    return found;
  }
}

/** Both do the same calls, one per millisecond, and must give the same answers. */
function compare(cache: FeatureCache, model: FeatureCache, calls: readonly Call[]): void {
  for (const [nowMs, each] of calls.entries()) {
    const answers = [cache, model].map((c) => {
      if (each.kind === 'lookup') return c.lookup(each.portion, each.key, nowMs);
      if (each.kind === 'holds') return c.holds(each.portion, each.key, nowMs);
      if (each.kind === 'fill') return c.fill(each.portion, each.key, nowMs + each.ttlMs);
      return c.clear(each.portion);
    });
    expect(answers[0], `call ${nowMs}: ${JSON.stringify(each)}`).toBe(answers[1]);
  }
}

describe('a cache does what a list of its entries would do', () => {
  const calls = fc.array(call, { maxLength: 300 });

  test('LRU of any capacity', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 14 }), calls, (capacity, all) =>
        compare(new LruCache(capacity, PORTIONS), new Model(capacity, () => 0), all),
      ),
      { seed: SEED, numRuns: 300 },
    );
  });

  test('two-way: LRU of two inside each set', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 14 }), calls, (capacity, all) => {
        const sets = capacity >>> 1;
        compare(new TwoWayCache(capacity, PORTIONS), new Model(2, (k) => Math.floor((mix32(k) / 2 ** 32) * sets)), all);
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  test('one that every key fits into: nothing is evicted', () => {
    const spec = {
      capacity: 13,
      ttlMs: 1,
      scope: 'replica',
      eviction: 'lru',
      warm: false,
      hitLatencyMs: 0,
      preWarmPerSecond: 1,
    } as const;
    fc.assert(
      fc.property(calls, (all) => compare(makeCache(spec, 13, PORTIONS)!, new Model(13, () => 0), all)),
      { seed: SEED, numRuns: 200 },
    );
    expect(makeCache({ ...spec, capacity: 0 }, 13, 1)).toBeNull();
  });
});

describe('keys', () => {
  test.each([
    [8, 0.8],
    [200, 0.9],
    [1000, 0],
    [50, 1.4],
  ])('of %d, Zipf %d, come as often as their popularity says', (count, exponent) => {
    const keys = new ZipfKeys(count, exponent, new Stream(`keys/${count}/${exponent}`));
    const n = 500_000;
    const seen = Array.from({ length: count }, () => 0);
    for (let i = 0; i < n; i++) seen[keys.next()]!++;
    const statistic = chiSquareOf(
      seen,
      zipf(count, exponent).map((p) => p * n),
    );
    expect(statistic).toBeLessThan(chiSquareQuantile(0.999, count - 1));
  });

  test('are independent of the one before', () => {
    const keys = new ZipfKeys(4, 1, new Stream('keys/pairs'));
    const p = zipf(4, 1);
    const seen = Array.from({ length: 16 }, () => 0);
    const n = 400_000;
    let previous = keys.next();
    for (let i = 0; i < n; i++) {
      const next = keys.next();
      seen[4 * previous + next]!++;
      previous = next;
    }
    const expected = seen.map((_, i) => n * p[i >> 2]! * p[i & 3]!);
    expect(chiSquareOf(seen, expected)).toBeLessThan(chiSquareQuantile(0.999, 15));
  });
});
