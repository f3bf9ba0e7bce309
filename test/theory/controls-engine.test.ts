/** Negative controls (§6) that damage the simulator itself, by patching its classes from outside. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { utilisationLaw } from '../invariants/checkers.ts';
import type { FeatureCache } from '../../sim/cache/cache.ts';
import { FullCache } from '../../sim/cache/full.ts';
import { LruCache } from '../../sim/cache/lru.ts';
import { Fleet } from '../../sim/fleet.ts';
import * as random from '../../sim/random.ts';
import { Cell } from '../../telemetry/cell.ts';
import { SimWorld } from '../../sim/world.ts';
import { cacheHit } from './batch.ts';
import { damaged, holds, isOutside, mm1, of, pool, recordsOf } from './controls.ts';
import { REQUESTS } from './gate.ts';
import { EXPONENTIAL, scenarioOf } from './queue.ts';
import { CACHE_VALUES, cached, LRU_CACHE, TTL_CACHE } from './rows-cache.ts';
import type { Stationary } from './stationary.ts';
import { seedOf } from './stats.ts';

/** Half the quick tier: the damage is large. */
const N = REQUESTS.quick / 2;

/** What the simulator's streams are made of; controls change it. */
const streams = vi.hoisted(() => ({ service: 'own' as 'own' | 'same' | 'antithetic' }));

vi.mock('../../sim/random.ts', async (original) => {
  const real = await original<typeof random>();
  class Antithetic extends real.Stream {
    override fill(into: Float64Array): void {
      super.fill(into);
      // Draws are multiples of 2⁻³², and stay so.
      for (let i = 0; i < into.length; i++) into[i] = 1 - 2 ** -32 - into[i]!;
    }
  }
  const streamsOf: typeof real.streamsOf = (seed) => {
    const make = real.streamsOf(seed);
    return (purpose) => {
      if (purpose !== 'service/baseline' || streams.service === 'own') return make(purpose);
      return streams.service === 'same' ? make('arrivals') : new Antithetic(`${seed}/arrivals`);
    };
  };
  return { ...real, streamsOf };
});

afterEach(() => {
  vi.restoreAllMocks();
  streams.service = 'own';
});

describe('streams that are not independent', () => {
  test.each([
    ['N6', 'same', 1.389, 0.02],
    ['N7', 'antithetic', 6.42, 0.35],
  ] as const)(
    '%s: a service with the %s draw as the gap moves Wq from 4 to %d ± %d',
    async (name, service, wq, tolerance) => {
      streams.service = service;
      const row = await damaged(name, mm1, {}, {}, N);
      expect(isOutside(of(row, 'Wq'))).toBe(true);
      expect(Math.abs(of(row, 'Wq').measured - wq)).toBeLessThan(tolerance);
    },
  );

  test('left alone, the same row is green', async () => {
    const row = await damaged('N6/left-alone', mm1, {}, { audit: true }, N);
    expect(isOutside(of(row, 'Wq'))).toBe(false);
  });
});

describe('counters and slots', () => {
  test.each([
    ['is not counted', 0],
    ['is counted twice', 2],
  ])('N11: INV-1 sees that one completion in 1,000 %s', async (_, times) => {
    let calls = 0;
    // oxlint-disable-next-line typescript/unbound-method -- called with `apply`
    const real = Cell.prototype.answered;
    const spy = vi.spyOn(Cell.prototype, 'answered').mockImplementation(function (this: Cell, ...given) {
      const count = ++calls % 1000 === 0 ? times : 1;
      for (let i = 0; i < count; i++) real.apply(this, given);
    });
    const run = recordsOf(scenarioOf(pool.queue, seedOf('N11')), 20_000);
    await expect(run).rejects.toThrow(/INV-1 conservation: window \d+ .* baseline\/all/);
    expect(spy).toHaveBeenCalled();
  });

  test('N12: the utilisation law and the drain check see that one slot in 1,000 completions is not freed; INV-1 cannot', async () => {
    expect(await drained(5)).toEqual({ stuck: 0, law: null });
    leak();
    const few = await drained(5);
    expect(few.law).toMatch(/utilisation law: arm 0: slots were busy for/);
    // Sixteen slots are gone after 16,000 requests: whoever comes then waits for ever.
    const all = await drained(20);
    expect(all.stuck).toBeGreaterThan(1000);
    await expect(recordsOf(scenarioOf(pool.queue, seedOf('N12')), 5000)).rejects.toThrow(/busyMs/);
  });
});

/** One slot in 1,000 completions is never freed. */
function leak(): void {
  let calls = 0;
  // oxlint-disable-next-line typescript/unbound-method -- called with `call`
  const real = Fleet.prototype.occupy;
  const never = 1e12;
  vi.spyOn(Fleet.prototype, 'occupy').mockImplementation(function (this: Fleet, replica, startMs, finishMs) {
    real.call(this, replica, startMs, ++calls % 1000 === 0 ? never : finishMs);
  });
}

/** M/M/16 for `seconds`, then silence: what is left in flight at the end, and the utilisation law. INV-1 is checked on the way. */
async function drained(seconds: number): Promise<{ stuck: number; law: string | null }> {
  const points = `[{ at: 0, rate: 1280/s }, { at: ${seconds}s, rate: 0/s }]`;
  const scenario = scenarioOf(
    {
      arrivals: `{ kind: profile, period: 1000s, points: ${points} }`,
      service: EXPONENTIAL,
      slots: 16,
      windowMs: 100_000,
    },
    seedOf('N12'),
  );
  const lines: [start: number, finish: number][] = [];
  const probe = {
    dispatched(_a: number, _r: number, _arrival: number, _queued: number, start: number, finish: number): void {
      lines.push([start, finish]);
    },
  };
  const world = await SimWorld.open(scenario, { thresholds: [], content: null, probe });
  const end = 900_000;
  let busyMs = 0;
  let stuck = 0;
  for (const { rows } of (await world.advance(end)).windows) {
    busyMs += rows[0]!.busyMs!;
    stuck = rows[0]!.inFlight;
  }
  const size = lines.length;
  const start = Float64Array.from(lines, ([from]) => from);
  const finish = Float64Array.from(lines, ([, to]) => to);
  const none = { arrival: start, queued: start, done: finish, replica: new Int32Array(size) };
  const records = { size, start, finish, arm: new Uint8Array(size), status: new Uint8Array(size), ...none };
  return { stuck, law: utilisationLaw(records, 0, busyMs, end) };
}

const hits = (id: string, cache: string, exact: number): Stationary => ({
  id,
  title: 'cache',
  unitMs: 1000,
  queue: cached(cache),
  metrics: () => [{ name: 'hit ratio', exact, h: 0.0008, terms: cacheHit }],
});

describe('caches', () => {
  type Lookup<C extends FeatureCache> = (this: C, portion: number, key: number, nowMs: number) => boolean;
  const undo: (() => void)[] = [];
  afterEach(() => {
    for (const each of undo.splice(0)) each();
  });

  /** Replaces a cache's lookup until the test ends; tells whether it was called. (A spy would keep a million calls.) */
  function patch<C extends FeatureCache>(prototype: C, lookup: Lookup<C>): () => boolean {
    // oxlint-disable-next-line typescript/unbound-method -- put back below
    const real = prototype.lookup;
    let called = false;
    prototype.lookup = function (this: C, ...given) {
      called = true;
      return lookup.apply(this, given);
    };
    undo.push(() => {
      prototype.lookup = real;
    });
    return () => called;
  }

  test('N18: a TTL renewed by hits moves the hit ratio from 0.472 to 0.592', async () => {
    // oxlint-disable-next-line typescript/unbound-method -- called with `call`
    const real = FullCache.prototype.lookup;
    const applied = patch(FullCache.prototype, function (this: FullCache, portion, key, nowMs) {
      const hit = real.call(this, portion, key, nowMs);
      if (hit) this.fill(portion, key, nowMs + 600);
      return hit;
    });
    const row = await damaged('N18', hits('Q37', TTL_CACHE, CACHE_VALUES.ttl), {}, {}, N);
    expect(applied()).toBe(true);
    expect(isOutside(of(row, 'hit ratio'))).toBe(true);
    expect(holds(of(row, 'hit ratio'), CACHE_VALUES.ttlRenewed)).toBe(true);
  });

  test('N19: FIFO eviction in place of LRU moves the hit ratio from 0.479 to 0.461', async () => {
    const applied = patch(LruCache.prototype, function (this: LruCache, portion, key, nowMs) {
      return this.holds(portion, key, nowMs);
    });
    const row = await damaged('N19', hits('Q38', LRU_CACHE, CACHE_VALUES.lru), {}, {}, N);
    expect(applied()).toBe(true);
    expect(isOutside(of(row, 'hit ratio'))).toBe(true);
    expect(holds(of(row, 'hit ratio'), CACHE_VALUES.fifo)).toBe(true);
  });
});
