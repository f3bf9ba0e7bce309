/** Poisson arrivals see time averages; others do not, and the check must say so. Every run here is checked for INV-2, 4, 5 and FIFO too. */
import { describe, expect, test } from 'vitest';
import { recordsOf } from '../theory/controls.ts';
import { EXPONENTIAL, type Queue, scenarioOf } from '../theory/queue.ts';
import { seedOf } from '../theory/stats.ts';
import { causality, departures, earliestStart, fifo, pasta, type Requests, slotsAndWork } from './checkers.ts';

const NEVER = [{ queueTimeout: Number.POSITIVE_INFINITY, timeout: Number.POSITIVE_INFINITY }];
const records = (name: string, queue: Omit<Queue, 'service' | 'windowMs'>): Promise<Requests> =>
  recordsOf(scenarioOf({ service: EXPONENTIAL, windowMs: 100_000, ...queue }, seedOf(`pasta/${name}`)), 200_000);

function healthy(r: Requests, slots: number): void {
  expect(causality(r, NEVER)).toBeNull();
  expect(slotsAndWork(r, [slots])).toBeNull();
  expect(earliestStart(r, [slots])).toBeNull();
  expect(fifo(r)).toBeNull();
}

describe('PASTA', () => {
  test.each([
    [1, 80],
    [16, 1280],
  ])('holds on %d slots with Poisson arrivals', async (slots, rate) => {
    const r = await records(`M/M/${slots}`, { rate, slots });
    expect(pasta(r, slots)).toBeNull();
    healthy(r, slots);
    if (slots === 1) expect(departures(r)).toBeNull();
  });

  test('fails with regular arrivals, which see 0.63 where time sees 0.8', async () => {
    const r = await records('D/M/1', { rate: 80, arrivals: 'regular' });
    expect(pasta(r, 1)).toMatch(/find all slots busy -0\.1[67]/);
    healthy(r, 1);
  });

  test('fails the other way with MMPP-2 arrivals, which see 0.85 where time sees 0.7', async () => {
    const r = await records('MMPP/M/1', {
      arrivals: '{ kind: mmpp, rates: [20/s, 120/s], stays: [200ms, 200ms] }',
    });
    expect(pasta(r, 1)).toMatch(/find all slots busy 0\.1[3-7]/);
    healthy(r, 1);
  });
});
