import type { FeatureStore } from '../scenarios/scenario.ts';
import type { ArmSim } from './arm.ts';
import type { Stream } from './random.ts';
import { RANK_REPLICA, type Timeline } from './timeline.ts';

/** The keys a full cache would hold: the most popular ones, least popular first so that the most popular are newest. */
function* hottestLast(capacity: number, keys: number): Generator<number> {
  for (let key = Math.min(capacity, keys) - 1; key >= 0; key--) yield key;
}

/** Fills an arm's caches as if they had been in use for long: entry ages are spread evenly over the TTL. */
export function startWarm(arm: ArmSim, spec: FeatureStore['cache'], keys: number, ages: Stream): void {
  if (arm.cache === null) return;
  for (const portion of arm.portions()) {
    for (const key of hottestLast(spec.capacity, keys)) {
      arm.cache.fill(portion, key, Number.isFinite(spec.ttlMs) ? spec.ttlMs * (1 - ages.next()) : spec.ttlMs);
    }
  }
}

/** Fetches the popular keys an arm's caches lack, at the store's pre-warming rate; `arm.warming` holds meanwhile. */
export function preWarm(
  arm: ArmSim,
  spec: FeatureStore['cache'],
  keys: number,
  nowMs: number,
  timeline: Timeline,
): void {
  const { cache } = arm;
  if (cache === null || arm.warming) return;
  let lacking = 0;
  for (const portion of arm.portions()) {
    for (const key of hottestLast(spec.capacity, keys)) if (!cache.holds(portion, key, nowMs)) lacking++;
  }
  if (lacking === 0) return;
  arm.warming = true;
  timeline.add(nowMs + (lacking / spec.preWarmPerSecond) * 1000, RANK_REPLICA, (atMs) => {
    for (const portion of arm.portions()) {
      for (const key of hottestLast(spec.capacity, keys)) {
        if (!cache.holds(portion, key, atMs)) cache.fill(portion, key, atMs + spec.ttlMs);
      }
    }
    arm.warming = false;
  });
}
