import { mix32 } from '../../split.ts';
import type { FeatureCache } from './cache.ts';

const NONE = -1;

/**
 * Exact least-recently-used cache: per portion a hash table (open addressing, at most half full) of places, and a doubly
 * linked list of the places from most to least recently used.
 */
export class LruCache implements FeatureCache {
  private readonly portions: Portion[];

  constructor(capacity: number, portions: number) {
    this.portions = Array.from({ length: portions }, () => new Portion(capacity));
  }

  lookup(portion: number, key: number, nowMs: number): boolean {
    const p = this.portions[portion]!;
    const place = p.find(key);
    if (place === NONE || !(p.expires[place]! > nowMs)) return false;
    p.moveToFront(place);
    return true;
  }

  holds(portion: number, key: number, nowMs: number): boolean {
    const p = this.portions[portion]!;
    const place = p.find(key);
    return place !== NONE && p.expires[place]! > nowMs;
  }

  fill(portion: number, key: number, expiresMs: number): void {
    this.portions[portion]!.put(key, expiresMs);
  }

  clear(portion: number): void {
    this.portions[portion]!.clear();
  }
}

class Portion {
  readonly expires: Float64Array;
  private readonly keys: Int32Array;
  private readonly newer: Int32Array;
  private readonly older: Int32Array;
  private readonly table: Int32Array;
  private readonly mask: number;
  private used = 0;
  private newest = NONE;
  private oldest = NONE;

  constructor(capacity: number) {
    this.expires = new Float64Array(capacity);
    this.keys = new Int32Array(capacity);
    this.newer = new Int32Array(capacity);
    this.older = new Int32Array(capacity);
    const size = 2 ** Math.ceil(Math.log2(2 * capacity));
    this.table = new Int32Array(size).fill(NONE);
    this.mask = size - 1;
  }

  find(key: number): number {
    for (let i = mix32(key) & this.mask; ; i = (i + 1) & this.mask) {
      const place = this.table[i]!;
      if (place === NONE || this.keys[place] === key) return place;
    }
  }

  put(key: number, expiresMs: number): void {
    let place = this.find(key);
    if (place === NONE) {
      if (this.used < this.keys.length) place = this.used++;
      else {
        place = this.oldest;
        this.forget(this.keys[place]!);
        this.unlink(place);
      }
      this.keys[place] = key;
      this.remember(key, place);
      this.linkFirst(place);
    } else this.moveToFront(place);
    this.expires[place] = expiresMs;
  }

  moveToFront(place: number): void {
    if (place === this.newest) return;
    this.unlink(place);
    this.linkFirst(place);
  }

  clear(): void {
    this.table.fill(NONE);
    this.used = 0;
    this.newest = this.oldest = NONE;
  }

  private linkFirst(place: number): void {
    this.newer[place] = NONE;
    this.older[place] = this.newest;
    if (this.newest === NONE) this.oldest = place;
    else this.newer[this.newest] = place;
    this.newest = place;
  }

  private unlink(place: number): void {
    const newer = this.newer[place]!;
    const older = this.older[place]!;
    if (newer === NONE) this.newest = older;
    else this.older[newer] = older;
    if (older === NONE) this.oldest = newer;
    else this.newer[older] = newer;
  }

  private remember(key: number, place: number): void {
    let i = mix32(key) & this.mask;
    while (this.table[i] !== NONE) i = (i + 1) & this.mask;
    this.table[i] = place;
  }

  /** Removes the key from the table and moves later entries of its run back (Knuth 6.4, algorithm R): no tombstones. */
  private forget(key: number): void {
    let hole = mix32(key) & this.mask;
    while (this.keys[this.table[hole]!] !== key) hole = (hole + 1) & this.mask;
    for (let i = (hole + 1) & this.mask; this.table[i] !== NONE; i = (i + 1) & this.mask) {
      const home = mix32(this.keys[this.table[i]!]!) & this.mask;
      if (((i - home) & this.mask) >= ((i - hole) & this.mask)) {
        this.table[hole] = this.table[i]!;
        hole = i;
      }
    }
    this.table[hole] = NONE;
  }
}
