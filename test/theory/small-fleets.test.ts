/**
 * The small-fleet penalty (statistics §5.3): the p95 latency of few servers at the same load. Published by simulation, four times 10^7 requests a cell;
 * service lognormal, 20 ms on average, log-sd 0.35, Poisson arrivals, one queue.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { bucketHighMs, decodeBuckets } from '../../controller/decode-times.ts';
import { timeQuantile } from '../../controller/guards/times.ts';
import { NO_SCATTER, scattered, varianceInflation } from '../../controller/guards/variance-inflation.ts';
import { histogramsReady } from '../../telemetry/histogram.ts';
import type { ArmWindow } from '../../telemetry/window.ts';
import { rowsOf, run, scenarioOf } from '../sim/support.ts';
import { tier } from './gate.ts';

const REQUESTS = tier === 'full' ? 5_000_000 : 200_000;
const BATCHES = 20;
/** Of a published cell, and half a unit of its last digit. */
const PUBLISHED_ERROR = 0.11;
const PRINTED = 0.05;
const PRINTED_SHARE = 5e-6;

/** `windows` windows of a fleet, after a first one in which its queue fills. */
async function served(servers: number, ratePerS: number, windowMs: number, windows: number): Promise<ArmWindow[]> {
  const scenario = scenarioOf({
    traffic: `{ requests: 100M, rate: ${ratePerS}/s }`,
    arm: `replicas: 1, slots: ${servers}, service: { kind: lognormal, mean: 20ms, sigma: 0.35 }`,
    window: `${windowMs}ms`,
    seed: 11 * servers,
  });
  const { windows: all } = await run(scenario, (windows + 1) * windowMs);
  return rowsOf(all).slice(1, windows + 1);
}

/** The p95 of each of the batches of a run, ms. */
async function p95s(servers: number, load: number): Promise<readonly number[]> {
  const rate = (1000 * load * servers) / 20;
  const rows = await served(servers, rate, Math.round((1000 * REQUESTS) / rate / (BATCHES + 1)), BATCHES);
  return rows.map(
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

describe('answers of 50 ms and more, minute by minute: how much more they scatter than independent ones (§11)', () => {
  beforeAll(histogramsReady);

  const minutes = tier === 'full' ? 3000 : 120;
  // Servers, requests per second, share of 50 ms and more, variance inflation; from 20,000 minutes each.
  it.each([
    [2, 69.45, 0.12433, 12.3],
    [3, 69.45, 0.00755, 2.3],
    [1, 13.89, 0.0419, 2.1],
  ])('c = %i, %f a second: %f of them, scattering %f times as much', async (servers, ratePerS, share, inflation) => {
    const rows = await served(servers, ratePerS, 60_000, minutes);
    const counts = rows.map(({ latency, requests }) => {
      const { at, counts: each } = decodeBuckets(latency.encoded);
      return { events: each.reduce((sum, n, i) => sum + (bucketHighMs(at[i]!) >= 50 ? n : 0), 0), samples: requests };
    });
    const total = counts.reduce((sum, { events }) => sum + events, 0);
    const of = counts.reduce((sum, { samples }) => sum + samples, 0);
    const error = Math.sqrt((share * (1 - share) * inflation) / of);
    expect(Math.abs(total / of - share), `got ${total / of}`).toBeLessThan(4 * error + PRINTED_SHARE);
    const found = varianceInflation(counts.reduce(scattered, NO_SCATTER))!;
    // Of a variance of so many minutes; published ones have theirs.
    const scatter = inflation * Math.sqrt(2 / minutes + 2 / 20_000);
    expect(Math.abs(found - inflation), `got ${found}`).toBeLessThan(4 * scatter + PRINTED);
  });
});
