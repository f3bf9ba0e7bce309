import { mix32 } from '../../split.ts';
import type { FeatureCache } from './cache.ts';

/** Numbers per set: key and expiry of the more recently used entry, then of the other. */
const SET = 4;

/**
 * Two-way set-associative cache with least-recently-used eviction inside each set: a key can live in one of two
 * places side by side, so a lookup touches one cache line. Its hit ratio is a little below exact LRU of the same capacity.
 */
export class TwoWayCache implements FeatureCache {
  /** Free places have key −1 and expire at −Infinity. */
  private readonly entries: Float64Array;
  private readonly sets: number;

  constructor(capacity: number, portions: number) {
    this.sets = Math.max(1, capacity >>> 1);
    this.entries = new Float64Array(SET * this.sets * portions);
    for (let portion = 0; portion < portions; portion++) this.clear(portion);
  }

  lookup(portion: number, key: number, nowMs: number): boolean {
    const { entries } = this;
    const at = this.placeOf(portion, key);
    if (entries[at] === key) return entries[at + 1]! > nowMs;
    if (entries[at + 2] !== key) return false;
    const expiresMs = entries[at + 3]!;
    if (expiresMs <= nowMs) return false;
    entries[at + 2] = entries[at]!;
    entries[at + 3] = entries[at + 1]!;
    entries[at] = key;
    entries[at + 1] = expiresMs;
    return true;
  }

  holds(portion: number, key: number, nowMs: number): boolean {
    const at = this.placeOf(portion, key);
    if (this.entries[at] === key) return this.entries[at + 1]! > nowMs;
    return this.entries[at + 2] === key && this.entries[at + 3]! > nowMs;
  }

  fill(portion: number, key: number, expiresMs: number): void {
    const { entries } = this;
    const at = this.placeOf(portion, key);
    if (entries[at] !== key) {
      entries[at + 2] = entries[at]!;
      entries[at + 3] = entries[at + 1]!;
    }
    entries[at] = key;
    entries[at + 1] = expiresMs;
  }

  clear(portion: number): void {
    for (let at = SET * this.sets * portion; at < SET * this.sets * (portion + 1); at += 2) {
      this.entries[at] = -1;
      this.entries[at + 1] = Number.NEGATIVE_INFINITY;
    }
  }

  private placeOf(portion: number, key: number): number {
    // hash·sets/2³² spreads the hashes evenly over the sets without a division.
    return SET * (portion * this.sets + ((mix32(key) * (this.sets / 4294967296)) | 0));
  }
}
