/** How busy a feature store with limited slots was. */
import { expect, test } from 'vitest';
import { SimWorld } from '../../sim/world.ts';
import { mirror, scenarioOf } from './support.ts';

const SECOND = 1000;
const form = (slots: string) => ({
  traffic: '{ requests: 10k, rate: 100/s }',
  arm: 'replicas: 4, slots: 4',
  features: `{ latency: { kind: constant, value: 4ms }, slots: ${slots} }`,
});

test('is the time its slots were taken: a hundred fetches of 4 ms a second on two slots, and twice that when mirrored', async () => {
  const world = await SimWorld.open(scenarioOf(form('2')), { thresholds: [], content: null });
  await world.advance(10 * SECOND);
  world.apply(mirror(100));
  await world.advance(20 * SECOND);
  await world.close();
  const { slots, windowMs, busyUntilMs } = world.storeUse!;
  expect([slots, windowMs, busyUntilMs.length]).toEqual([2, SECOND, 20]);
  const share = (from: number, to: number): number =>
    (busyUntilMs[to - 1]! - (from === 0 ? 0 : busyUntilMs[from - 1]!)) / ((to - from) * windowMs * slots);
  // 1,000 arrivals in ten seconds: their number has a standard deviation of 3 %.
  expect(Math.abs(share(0, 10) - 0.2)).toBeLessThan(0.03);
  expect(Math.abs(share(10, 20) - 0.4)).toBeLessThan(0.06);
});

test('is never more than all of it, however many wait', async () => {
  const world = await SimWorld.open(
    scenarioOf({ ...form('1'), features: '{ latency: { kind: constant, value: 40ms }, slots: 1 }' }),
    { thresholds: [], content: null },
  );
  await world.advance(5 * SECOND);
  await world.close();
  const { busyUntilMs } = world.storeUse!;
  // A hundred a second want 4 s of its one slot.
  for (let i = 1; i < 5; i++) expect(busyUntilMs[i]! - busyUntilMs[i - 1]!).toBeCloseTo(SECOND, 6);
});

test('is not told of a store that is never full', async () => {
  const world = await SimWorld.open(scenarioOf(form('infinite')), { thresholds: [], content: null });
  await world.advance(SECOND);
  expect(world.storeUse).toBeNull();
  await world.close();
});
