/** The healthy systems that negative controls damage, and how a control is read. */
import type { Requests } from '../invariants/checkers.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import type { Action } from '../../world.ts';
import type { Batch } from './batch.ts';
import type { Comparison } from './gate.ts';
import { EXPONENTIAL, type Queue } from './queue.ts';
import { MMC, mmcMetrics } from './rows-markov.ts';
import { simulate } from './simulate.ts';
import { measure, type Stationary } from './stationary.ts';
import { seedOf } from './stats.ts';

/** M/M/1 at ρ = 0.8, judged as row Q1. */
export const mm1: Stationary = {
  id: 'Q1',
  title: 'M/M/1, λ 0.8',
  unitMs: 10,
  queue: { rate: 80, service: EXPONENTIAL, windowMs: 125_000 },
  metrics: () => mmcMetrics(MMC.Q1!),
  relaxation: 72,
};

/** M/M/16 at ρ = 0.8, judged as row Q4. */
export const pool: Stationary = {
  id: 'Q4',
  title: 'M/M/16, λ 12.8',
  unitMs: 10,
  queue: { rate: 1280, service: EXPONENTIAL, slots: 16, windowMs: 7813 },
  metrics: () => mmcMetrics(MMC.Q4!),
  relaxation: 72,
};

/** Measures a damaged row; windows and probe may differ. */
export const damaged = (
  name: string,
  spec: Stationary,
  queue: Partial<Queue>,
  rest: Partial<Stationary>,
  requests: number,
): Promise<readonly Comparison[]> =>
  measure({ audit: false, ...spec, queue: { ...spec.queue, ...queue }, ...rest }, requests, seedOf(name));

/** The comparison of one metric. */
export function of(comparisons: readonly Comparison[], metric: string): Comparison {
  const found = comparisons.find((each) => each.metric === metric);
  if (found === undefined)
    throw new Error(`got no metric '${metric}', only ${comparisons.map((each) => each.metric).join(', ')}`);
  return found;
}

/** The exact value lies outside the interval. */
export const isOutside = (c: Comparison): boolean => Math.abs(c.measured - c.exact) > c.halfWidth;
/** The interval holds `value`: the damage moves the row to where theory says it must. */
export const holds = (c: Comparison, value: number): boolean => Math.abs(c.measured - value) <= c.halfWidth;

/** The records of the first `size` requests of a scenario, ms. */
export async function recordsOf(
  scenario: Scenario,
  size: number,
  options: { damage?: NonNullable<Stationary['damage']>; audit?: boolean; actions?: readonly Action[] } = {},
): Promise<Requests> {
  let records: Batch | null = null;
  await simulate({ scenario, unitMs: 1, warmUp: 0, batches: 1, batchSize: size, ...options }, (batch) => {
    records = batch;
  });
  return records!;
}
