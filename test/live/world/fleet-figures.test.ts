/** Busy time and capacity of real fleets, put together from what replicas tell now and then. */
import { expect, test } from 'vitest';
import { Capacity } from '../../../live/fleet/capacity.ts';
import { ReplicaHandle, type ReplicaProcess } from '../../../live/fleet/replica-handle.ts';
import { mostInFlight } from '../../../live/most-in-flight.ts';
import { loadScenario } from '../../../scenarios/load.ts';

const handle = (state: { alive: boolean; hung: boolean }): ReplicaHandle => {
  const replica = new ReplicaHandle(0, state as ReplicaProcess, 'http://127.0.0.1:1');
  replica.add({ atMs: 100, busyMs: 40, cpuMs: 1 });
  replica.add({ atMs: 300, busyMs: 140, cpuMs: 2 });
  return replica;
};

test('busy time is linear between samples', () => {
  const replica = handle({ alive: true, hung: false });
  expect([100, 200, 300].map((atMs) => replica.busyUntil(atMs, 4))).toEqual([40, 90, 140]);
  expect(replica.sampledMs).toBe(300);
});

test('a replica that stands still keeps all its slots busy; one that is gone, or only late, is credited with nothing it has not told', () => {
  expect(handle({ alive: true, hung: true }).busyUntil(350, 4)).toBe(140 + 4 * 50);
  expect(handle({ alive: false, hung: true }).busyUntil(350, 4)).toBe(140);
  expect(handle({ alive: true, hung: false }).busyUntil(350, 4)).toBe(140);
});

test('capacity is slot time of ready replicas, also at times before the latest change', () => {
  const capacity = new Capacity(4);
  capacity.set(0, 2);
  capacity.set(1000, 1);
  capacity.set(1500, 3);
  expect([0, 500, 1000, 1250, 2000].map((atMs) => capacity.until(atMs))).toEqual([0, 4000, 8000, 9000, 16_000]);
  expect([500, 1250, 2000].map((atMs) => capacity.readyAt(atMs))).toEqual([2, 1, 3]);
});

test('a load plans for twice the requests that are under way on average, for many more when a fault lets them pile up', () => {
  const { scenario } = loadScenario('scenarios/live-slow-tail.yaml');
  // 2 · (45 ms of service + 4.5 ms of fetching) + 20 ms.
  expect(mostInFlight(scenario, 1000)).toBeGreaterThan(115);
  expect(mostInFlight(scenario, 1000)).toBeLessThan(125);
  expect(mostInFlight(scenario, 10)).toBe(64);
  const kind = 'replica-hang';
  const trigger = { on: 'time', atMs: 0 } as const;
  const hang = { name: kind, kind, trigger, forMs: 1000, arm: null, size: 1 } as const;
  expect(mostInFlight({ ...scenario, faults: [hang] }, 400)).toBe(600);
  expect(mostInFlight({ ...scenario, faults: [hang] }, 4000)).toBe(1500);
});
