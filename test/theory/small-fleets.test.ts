/**
 * The small-fleet penalty (statistics §5.3): the p95 latency of few servers at the same load. Published by simulation, four times 10^7 requests a cell;
 * service lognormal, 20 ms on average, log-sd 0.35, Poisson arrivals, one queue.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeBuckets } from '../../controller/decode-times.ts';
import { timeQuantile } from '../../controller/guards/times.ts';
import { histogramsReady } from '../../telemetry/histogram.ts';
import { rowsOf, run, scenarioOf } from '../sim/support.ts';
import { tier } from './gate.ts';

const REQUESTS = tier === 'full' ? 5_000_000 : 250_000;
const BATCHES = 20;
/** Of a published cell, and half a unit of its last digit. */
const PUBLISHED_ERROR = 0.11;
const PRINTED = 0.05;

/** The p95 of each of the batches of a run, the first one (while queues fill) left out, ms. */
async function p95s(servers: number, load: number): Promise<readonly number[]> {
  const rate = (1000 * load * servers) / 20;
  const windowMs = (1000 * REQUESTS) / rate / (BATCHES + 1);
  const scenario = scenarioOf({
    traffic: `{ requests: ${REQUESTS}, rate: ${rate}/s }`,
    arm: `replicas: 1, slots: ${servers}, service: { kind: lognormal, mean: 20ms, sigma: 0.35 }`,
    window: `${Math.round(windowMs)}ms`,
    seed: 11 * servers,
  });
  const { windows } = await run(scenario, (BATCHES + 1) * Math.round(windowMs));
  return rowsOf(windows)
    .slice(1, BATCHES + 1)
    .map(
      ({ latency, requests }) =>
        timeQuantile({ buckets: decodeBuckets(latency.encoded), maxMs: latency.maxMs }, 0.95, requests)!,
    );
}

describe('p95 of a fleet of one-slot servers, ms', () => {
  beforeAll(histogramsReady);

  it.each([
    [1, 0.5, 69.7],
    [2, 0.5, 45.0],
    [8, 0.5, 33.8],
    [2, 0.6, 52.8],
    [2, 0.7, 66.4],
    [4, 0.7, 44.4],
    [16, 0.7, 34.0],
    [4, 0.8, 57.1],
    [32, 0.8, 33.9],
  ])('c = %i at a load of %f: %f', async (servers, load, published) => {
    const found = await p95s(servers, load);
    const mean = found.reduce((sum, each) => sum + each, 0) / found.length;
    const variance = found.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (found.length - 1);
    const error = Math.sqrt(variance / found.length + PUBLISHED_ERROR ** 2);
    expect(Math.abs(mean - published), `got ${mean.toFixed(2)} ± ${error.toFixed(2)}`).toBeLessThan(
      4 * error + PRINTED,
    );
    // Narrow enough to tell the neighbouring cells apart.
    expect(error).toBeLessThan(0.02 * published);
  });
});
