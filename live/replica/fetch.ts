import type { FeatureStore as StoreSpec } from '../../scenarios/scenario.ts';
import type { FeatureStore } from '../../models/features/store.ts';
import { FeatureCache } from '../../models/features/lru.ts';
import { FROM_CACHE, FROM_STORE, MISSING } from '../gateway/answer-headers.ts';
import { Draw, TimesByNumber } from './draws.ts';
import type { Holds } from './holds.ts';
import type { ReplicaOrder } from './messages.ts';

/** In the timing header's first field, beside those of answer-headers.ts: the scenario's requests need no stored features. */
const NOT_NEEDED = 3;

/**
 * A replica's way to its stored features: its own LRU cache, else a read from the store. A read is real and then held until the
 * scenario's declared latency has passed, which includes it. A request whose features do not come goes on without.
 */
export class FeatureFetch {
  /** Set by faults. */
  latencyFactor: number;
  missingRatio: number;
  /** Reads that the store answered with an error: nobody had asked for those. */
  failures = 0;
  private readonly spec: StoreSpec;
  private readonly store: FeatureStore;
  private readonly cache: FeatureCache;
  private readonly keys: number;
  private readonly latency: TimesByNumber | null;
  private readonly availability: Draw;
  private readonly holds: Holds;
  private readonly clock: () => number;

  constructor(order: ReplicaOrder, store: FeatureStore, holds: Holds, clock: () => number) {
    const { features, seed, arm, knobs } = order;
    this.spec = features;
    this.store = store;
    this.cache = new FeatureCache(Math.min(features.cache.capacity, order.keys), features.cache.ttlMs);
    this.keys = order.keys;
    this.latency =
      features.latency === null ? null : new TimesByNumber(features.latency, seed, `features/latency/${arm}`);
    this.availability = new Draw(seed, `features/availability/${arm}`);
    this.latencyFactor = knobs.featureLatencyFactor;
    this.missingRatio = knobs.featureMissingRatio;
    this.holds = holds;
    this.clock = clock;
  }

  /** Gets the features of a request's entity, or finds that they cannot be had. Answers where they came from. */
  fetch(entity: number, number: number): number | Promise<number> {
    if (this.latency === null) return NOT_NEEDED;
    if (this.cache.get(entity, this.clock()) !== null) return FROM_CACHE;
    return this.read(entity, this.latency.at(number) * this.latencyFactor, number);
  }

  /** The cache is empty from now on. */
  clear(): void {
    this.cache.clear();
  }

  /** Fills the cache as if it had been in use for long: entry ages are spread evenly over the TTL. */
  async startWarm(ages: Draw): Promise<void> {
    const { ttlMs } = this.spec.cache;
    const spreadMs = Number.isFinite(ttlMs) ? ttlMs : 0;
    await this.fill((key) => this.clock() - spreadMs * ages.uniform(key), null);
  }

  /** Fetches the popular keys the cache lacks, so many per second; answers how many those were. */
  preWarm(perSecond: number): Promise<number> {
    return this.fill(() => this.clock(), perSecond);
  }

  private async read(entity: number, latencyMs: number, number: number): Promise<number> {
    const startMs = this.clock();
    const missing = 1 - this.spec.availability * (1 - this.missingRatio);
    const found = missing === 0 || this.availability.uniform(number) >= missing;
    const { timeoutMs } = this.spec;
    const features = found && latencyMs <= timeoutMs ? await this.readWithin(entity, timeoutMs) : null;
    await this.holds.until(startMs + Math.min(latencyMs, timeoutMs));
    if (features === null) return MISSING;
    this.cache.put(entity, features, this.clock());
    return FROM_STORE;
  }

  /** The store's answer; null when it has none, is gone, or takes longer. */
  private async readWithin(entity: number, timeoutMs: number): Promise<Float32Array | null> {
    const read = this.store.get(entity).catch(() => {
      this.failures++;
      return null;
    });
    if (timeoutMs === Number.POSITIVE_INFINITY) return read;
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), timeoutMs);
    });
    const features = await Promise.race([read, tooLate]);
    clearTimeout(timer);
    return features;
  }

  /** Reads the keys a full cache would hold and it lacks, least popular first so that the most popular are newest. */
  private async fill(filledAtMs: (key: number) => number, perSecond: number | null): Promise<number> {
    const { capacity } = this.spec.cache;
    const lacking: number[] = [];
    for (let key = Math.min(capacity, this.keys) - 1; key >= 0; key--)
      if (this.cache.get(key, this.clock()) === null) lacking.push(key);
    const startMs = this.clock();
    for (let at = 0; at < lacking.length; at += BATCH) {
      const batch = lacking.slice(at, at + BATCH);
      const read = await this.store.getMany(batch);
      for (const [i, key] of batch.entries()) {
        const features = read[i];
        if (features != null) this.cache.put(key, features, filledAtMs(key));
      }
      if (perSecond !== null) await this.holds.until(startMs + ((at + batch.length) / perSecond) * 1000);
    }
    return lacking.length;
  }
}

/** Keys read from the store in one go. */
const BATCH = 200;
