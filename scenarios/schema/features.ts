/** The feature store and the caches in front of it. */
import { z } from 'zod';
import { duration, durationOrInfinite, fraction, positiveSize, rate, sizeOrInfinite } from '../../config/fields.ts';
import { between } from '../../config/rules.ts';
import type { FeatureChange, FeatureStore } from '../scenario.ts';
import { measuredWord, type TimesForm, timesMap } from './distribution.ts';

/** As many as memory holds; `infinite` takes as many as there are keys. */
const MOST_ENTRIES = 100_000_000;

const cache = z
  .strictObject({
    capacity: sizeOrInfinite.prefault(0).describe('entries; 0 = no cache'),
    ttl: durationOrInfinite.prefault('infinite').describe('an entry expires this long after it was filled'),
    scope: z.enum(['shared', 'replica']).default('shared').describe('one cache per arm, or one per replica'),
    eviction: z.enum(['two-way', 'lru']).default('two-way').describe('two-way set-associative (fast), or exact LRU'),
    warm: z.boolean().default(true).describe('start full of the most popular keys'),
    hitLatency: duration.prefault(0).describe('time a hit takes'),
    preWarmRate: rate.prefault('5k/s').describe('keys per second that pre-warming fetches'),
  })
  .check(
    between([
      ({ capacity }, report) =>
        capacity !== Infinity &&
        capacity > MOST_ENTRIES &&
        report(['capacity'], `expected at most ${MOST_ENTRIES}, or infinite`),
    ]),
  )
  .transform(({ ttl, hitLatency, preWarmRate, ...rest }): FeatureStore['cache'] => ({
    ...rest,
    ttlMs: ttl,
    hitLatencyMs: hitLatency,
    preWarmPerSecond: preWarmRate,
  }));

const change = z
  .union([
    z.strictObject({
      feature: z.string().min(1).describe('a stored feature'),
      unit: z.string().min(1).describe('unit it is written in from then on'),
    }),
    z.strictObject({
      feature: z.string().min(1).describe('a stored feature'),
      dropped: z.literal(true).describe('it is no longer written'),
    }),
  ])
  .transform((given): FeatureChange => ({ feature: given.feature, unit: 'unit' in given ? given.unit : null }));

/** The store as its file states it. */
export type FeaturesForm = Omit<FeatureStore, 'latency'> & { readonly latency: TimesForm | null };

export const features: z.ZodType<FeaturesForm> = z
  .strictObject({
    latency: z
      .union([z.literal('none').transform(() => null), measuredWord, timesMap])
      .prefault('none')
      .describe('time a fetch takes; none: requests need no features'),
    slots: z
      .union([z.literal('infinite').transform(() => Infinity), positiveSize])
      .prefault('infinite')
      .describe('fetches the store serves at once, all arms together; more wait'),
    availability: fraction.prefault('100%').describe('share of the fetches that return the features'),
    timeout: durationOrInfinite.prefault('infinite').describe('a longer fetch counts as missing features'),
    migration: z
      .array(change)
      .min(1)
      .optional()
      .describe("what the candidate's rollout changes in the store, as the baseline would find it after a rollback"),
    cache: cache.prefault({}).describe('cache in front of the store'),
  })
  .transform(
    ({ timeout, migration, ...rest }): FeaturesForm => ({
      ...rest,
      timeoutMs: timeout,
      ...(migration === undefined ? {} : { migration }),
    }),
  );
