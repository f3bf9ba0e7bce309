import type { FeatureCache } from './cache.ts';

/** A cache in which every key has a place: nothing is ever evicted, entries only expire. */
export class FullCache implements FeatureCache {
  private readonly expires: Float64Array;
  private readonly keys: number;

  constructor(keys: number, portions: number) {
    this.keys = keys;
    this.expires = new Float64Array(keys * portions).fill(Number.NEGATIVE_INFINITY);
  }

  lookup(portion: number, key: number, nowMs: number): boolean {
    return this.expires[portion * this.keys + key]! > nowMs;
  }

  holds(portion: number, key: number, nowMs: number): boolean {
    return this.lookup(portion, key, nowMs);
  }

  fill(portion: number, key: number, expiresMs: number): void {
    this.expires[portion * this.keys + key] = expiresMs;
  }

  clear(portion: number): void {
    this.expires.fill(Number.NEGATIVE_INFINITY, portion * this.keys, (portion + 1) * this.keys);
  }
}
