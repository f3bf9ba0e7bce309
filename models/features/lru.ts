/**
 * A replica's cache of stored features: least recently used out first, each entry for the TTL from when it was *filled*; hits do not
 * renew it. The simulator's caches do the same.
 */
export class FeatureCache {
  readonly capacity: number;
  readonly ttlMs: number;
  /** From least to most recently used: a Map keeps the order of insertion. */
  private readonly entries = new Map<number, Entry>();

  /** `capacity` in entities; 0 = nothing is ever kept. `ttlMs` may be Infinity. */
  constructor(capacity: number, ttlMs: number) {
    this.capacity = capacity;
    this.ttlMs = ttlMs;
  }

  get size(): number {
    return this.entries.size;
  }

  /** The entity's values if they are here and not too old, and marks them as just used. Null is a miss. */
  get(entity: number, nowMs: number): Float32Array | null {
    const entry = this.entries.get(entity);
    if (entry === undefined || !(entry.expiresMs > nowMs)) return null;
    this.entries.delete(entity);
    this.entries.set(entity, entry);
    return entry.values;
  }

  /** Keeps the values, and forgets those least recently used when there is no room. */
  put(entity: number, values: Float32Array, nowMs: number): void {
    if (this.capacity === 0) return;
    if (!this.entries.delete(entity) && this.entries.size >= this.capacity) {
      const [oldest] = this.entries.keys();
      this.entries.delete(oldest!);
    }
    this.entries.set(entity, { values, expiresMs: nowMs + this.ttlMs });
  }

  /** From now on it is as cold as a new one. */
  clear(): void {
    this.entries.clear();
  }
}

interface Entry {
  readonly values: Float32Array;
  readonly expiresMs: number;
}
