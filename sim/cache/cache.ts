import type { FeatureStore } from '../../scenarios/scenario.ts';
import { FullCache } from './full.ts';
import { LruCache } from './lru.ts';
import { TwoWayCache } from './two-way.ts';

/**
 * A feature cache in `portions` (one per replica, or a single shared one). An entry lives for the TTL from when it was
 * *filled*; hits do not renew it.
 */
export interface FeatureCache {
  /** True when the key is there and has not expired at `nowMs`; marks it as recently used. */
  lookup(portion: number, key: number, nowMs: number): boolean;
  /** Puts the key in, expiring at `expiresMs`, evicting the least recently used entry when full. */
  fill(portion: number, key: number, expiresMs: number): void;
  /** Like lookup, without marking anything. */
  holds(portion: number, key: number, nowMs: number): boolean;
  clear(portion: number): void;
}

/** The cache a scenario asks for, empty; null when it has none. */
export function makeCache(spec: FeatureStore['cache'], keys: number, portions: number): FeatureCache | null {
  if (spec.capacity === 0) return null;
  if (spec.capacity >= keys) return new FullCache(keys, portions);
  return spec.eviction === 'lru' ? new LruCache(spec.capacity, portions) : new TwoWayCache(spec.capacity, portions);
}
