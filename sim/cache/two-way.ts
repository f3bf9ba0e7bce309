import type { FeatureCache } from './cache.ts';

/** Numbers per set: key and expiry of the more recently used entry, then of the other. */
const SET = 4;
/** Expiry is kept in whole ticks of 1/8 ms, so that a set is 16 bytes; ticks last for three days of simulated time. */
const TICKS_PER_MS = 8;
const NEVER = 0x7fffffff;
const FREE = -1;

/**
 * Two-way set-associative cache with least-recently-used eviction inside each set: a key can live in one of two
 * places side by side, so a lookup touches one cache line. Keys are numbered by popularity, so that "key modulo sets" spreads
 * the popular ones evenly; the hit ratio is close to exact LRU of the same capacity.
 */
export class TwoWayCache implements FeatureCache {
  private readonly entries: Int32Array;
  private readonly sets: number;

  constructor(capacity: number, portions: number) {
    this.sets = Math.max(1, capacity >>> 1);
    this.entries = new Int32Array(SET * this.sets * portions).fill(FREE);
  }

  lookup(portion: number, key: number, nowMs: number): boolean {
    const { entries } = this;
    const at = SET * (portion * this.sets + (key < this.sets ? key : key % this.sets));
    if (entries[at] === key) return entries[at + 1]! > nowMs * TICKS_PER_MS;
    if (entries[at + 2] !== key) return false;
    const expires = entries[at + 3]!;
    if (expires <= nowMs * TICKS_PER_MS) return false;
    entries[at + 2] = entries[at]!;
    entries[at + 3] = entries[at + 1]!;
    entries[at] = key;
    entries[at + 1] = expires;
    return true;
  }

  holds(portion: number, key: number, nowMs: number): boolean {
    const { entries } = this;
    const at = SET * (portion * this.sets + (key < this.sets ? key : key % this.sets));
    if (entries[at] === key) return entries[at + 1]! > nowMs * TICKS_PER_MS;
    return entries[at + 2] === key && entries[at + 3]! > nowMs * TICKS_PER_MS;
  }

  fill(portion: number, key: number, expiresMs: number): void {
    const { entries } = this;
    const at = SET * (portion * this.sets + (key < this.sets ? key : key % this.sets));
    if (entries[at] !== key) {
      entries[at + 2] = entries[at]!;
      entries[at + 3] = entries[at + 1]!;
    }
    entries[at] = key;
    entries[at + 1] = Math.min(Math.round(expiresMs * TICKS_PER_MS), NEVER);
  }

  clear(portion: number): void {
    this.entries.fill(FREE, SET * this.sets * portion, SET * this.sets * (portion + 1));
  }
}
