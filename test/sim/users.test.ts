/** Whose a label is: users keep to their cluster and to their arm, whatever befalls their requests on the way. */
import { describe, expect, test } from 'vitest';
import { WindowChecker } from '../../telemetry/invariants.ts';
import { inclination, USER_CLUSTERS } from '../../sim/users.ts';
import { SimWorld } from '../../sim/world.ts';
import { userOf } from '../../sim/arrivals/open.ts';
import { hashText } from '../../split.ts';
import { goesToCandidate } from '../goes-to-candidate.ts';
import { addClusters, type ClusterCounts, NO_CLUSTERS } from '../../telemetry/clusters.ts';
import type { Window } from '../../telemetry/window.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { fault, type Form, rowsOf, scenarioOf, setWeight, sum } from './support.ts';

const SECOND = 1000;
const BASE: Form = {
  traffic: '{ requests: 4k, rate: 200/s, users: 50, keys: { count: 20, zipf: 0.5 } }',
  arm: 'replicas: 4, slots: 2',
  features: '{ latency: { kind: constant, value: 2ms }, cache: { capacity: 10, hitLatency: 1ms } }',
  outcomes: '{ kind: bernoulli, baseline: 30%, candidate: 30% }',
};

interface Played {
  readonly windows: readonly Window[];
  /** Requests that arrived, copies and retries not counted. */
  readonly requests: number;
}

async function played(scenario: Scenario, users = true, seconds = 30): Promise<Played> {
  const world = await SimWorld.open(scenario, { thresholds: [], content: null, users });
  const checker = new WindowChecker();
  const act = setWeight(40);
  world.apply(act);
  checker.acted([act], 0);
  const { windows } = await world.advance(seconds * SECOND);
  const requests = world.arrivedTotal;
  await world.close();
  for (const window of windows) checker.check(window);
  return { windows, requests };
}

const clusters = (windows: readonly Window[], arm: string): ClusterCounts =>
  rowsOf(windows, arm).reduce((total, row) => addClusters(total, row.users!), NO_CLUSTERS);

/** What the clusters of an arm are once each of these requests is answered. */
function expected(scenario: Scenario, requests: number, candidate: boolean): Map<number, number> {
  const salt = hashText(`${scenario.seed}/split`);
  const counts = new Map<number, number>();
  for (let number = 0; number < requests; number++) {
    const user = userOf(number, scenario.traffic.users);
    if (goesToCandidate(user, salt, 40) !== candidate) continue;
    const cluster = USER_CLUSTERS.clusterOf(user);
    counts.set(cluster, (counts.get(cluster) ?? 0) + 1);
  }
  return counts;
}

describe('labels by user', () => {
  test('are those of the users who asked, in either arm, from the cache or from the store', async () => {
    const scenario = scenarioOf(BASE);
    const { windows, requests } = await played(scenario);
    expect(requests).toBeGreaterThan(5000);
    for (const arm of ['baseline', 'candidate']) {
      const { at, impressions } = clusters(windows, arm);
      const wanted = expected(scenario, requests, arm === 'candidate');
      expect(new Set(at)).toEqual(new Set(wanted.keys()));
      const missing = at.map((cluster, i) => wanted.get(cluster)! - impressions[i]!);
      expect(Math.min(...missing)).toBeGreaterThanOrEqual(0);
      // Those who wait for their answer have no label yet.
      expect(sum(missing, (n) => n)).toBe(rowsOf(windows, arm).at(-1)!.inFlight);
    }
  });

  test('are whose they were when replicas crash, hang and callers ask again', async () => {
    const retried = scenarioOf({
      ...BASE,
      traffic:
        '{ requests: 4k, rate: 200/s, users: 50, keys: { count: 20, zipf: 0.5 }, retries: { attempts: 3, backoff: 40ms } }',
      arm: 'replicas: 4, slots: 1, errorRatio: 20%, timeout: 2s',
    });
    const faults = [fault('replica-hang', 5 * SECOND, SECOND), fault('replica-crash', 9 * SECOND, 2 * SECOND)];
    const { windows, requests } = await played({ ...retried, faults });
    for (const arm of ['baseline', 'candidate']) {
      const { at, impressions } = clusters(windows, arm);
      const own = expected(retried, requests, arm === 'candidate');
      // Nobody is answered more often than they asked, by an arm that is not theirs, or without having asked at all.
      for (const [i, cluster] of at.entries())
        expect(impressions[i]!, `${arm} ${cluster}`).toBeLessThanOrEqual(own.get(cluster) ?? 0);
      const answered = sum(rowsOf(windows, arm), (row) => row.impressions);
      expect(answered).toBeGreaterThan(0.9 * [...own.values()].reduce((a, b) => a + b, 0));
    }
  });

  test('are not kept unless somebody asks, and keeping them changes nothing else', async () => {
    const scenario = scenarioOf(BASE);
    const without = (await played(scenario, false)).windows;
    const kept = (await played(scenario, true)).windows;
    for (const { rows } of without) for (const row of rows) expect(Object.keys(row)).not.toContain('users');
    expect(
      kept.map((window) => ({ ...window, rows: window.rows.map((row) => ({ ...row, users: undefined })) })),
    ).toEqual(without);
  });
});

describe('users who differ', () => {
  const differing = scenarioOf({
    ...BASE,
    traffic: '{ requests: 40k, rate: 2000/s, users: 50 }',
    arm: 'replicas: 40',
    features: '{}',
    outcomes: '{ kind: bernoulli, baseline: 40%, candidate: 40%, betweenUsers: 100% }',
  });

  test('are as likely as their inclination says, the same in every window', async () => {
    const { windows } = await played(differing);
    const places = new Map<number, number[]>();
    for (let user = 0; user < 50; user++) {
      const cluster = USER_CLUSTERS.clusterOf(user);
      places.set(cluster, [...(places.get(cluster) ?? []), user]);
    }
    let seen = 0;
    for (const arm of ['baseline', 'candidate']) {
      const { at, impressions, outcomes } = clusters(windows, arm);
      for (const [i, cluster] of at.entries()) {
        const [user, other] = places.get(cluster)!;
        if (other !== undefined) continue;
        const p = 0.4 * inclination(user!, 1);
        const n = impressions[i]!;
        expect(Math.abs(outcomes[i]! - n * p), `user ${user}`).toBeLessThan(4.5 * Math.sqrt(n * p * (1 - p)) + 1);
        seen++;
      }
    }
    expect(seen).toBeGreaterThan(30);
  });

  test('are spread evenly around the average', () => {
    const all = Array.from({ length: 100_000 }, (_, user) => inclination(user, 0.6));
    const mean = all.reduce((a, b) => a + b, 0) / all.length;
    const variance = all.reduce((a, b) => a + (b - mean) ** 2, 0) / all.length;
    expect(Math.abs(mean - 1)).toBeLessThan(0.005);
    expect(Math.abs(variance - 0.36 / 3)).toBeLessThan(0.002);
    expect(Math.min(...all.slice(0, 10_000))).toBeGreaterThanOrEqual(0.4);
  });

  test('cannot be likelier than certain', () => {
    const form = { outcomes: '{ kind: bernoulli, baseline: 40%, candidate: 60%, betweenUsers: 80% }' };
    expect(() => scenarioOf(form)).toThrow('expected so little that no user is positive with more than 100 %');
  });
});

async function usersOf(users: string): Promise<number | undefined> {
  const traffic = BASE.traffic!.replace('users: 50', `users: ${users}`);
  const world = await SimWorld.open(scenarioOf({ ...BASE, traffic }), { thresholds: [], content: null });
  await world.close();
  return world.header.users;
}

test('a recording says how many users there are where shares may be off by chance', async () => {
  expect(await usersOf('50')).toBe(50);
  expect(await usersOf('999999')).toBe(999_999);
  expect(await usersOf('1M')).toBeUndefined();
});
