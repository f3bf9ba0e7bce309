/** What cannot be rehearsed live is refused by name, before anything is started. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { liveScenario, plannedStages, trafficMs } from '../../../live-run.ts';
import { deviationsOf } from '../../../live/refusals.ts';
import { policyFor } from '../../../policy-for.ts';
import { loadScenario } from '../../../scenarios/load.ts';
import { coalmine } from '../../cli/process.ts';
import { tinyScenario as withoutContent, writeTiny } from '../../cli/tiny.ts';
import { tinyFolder, tinyLive } from './support.ts';

test('without contents there is nothing for models to answer', async () => {
  const cwd = await tinyFolder(withoutContent());
  writeTiny(cwd);
  const { code, stderr } = await coalmine(['rehearse', 'tiny.yaml', '--live', '--load', 'builtin'], { cwd });
  expect(code).toBe(2);
  expect(stderr).toMatch(/tiny\.yaml:\d+:\d+ .*got none, expected a content table: live servers run models/);
});

test('a store that serves only so many at once is refused with its place', async () => {
  const cwd = await tinyFolder(tinyLive({ features: '{ latency: { kind: constant, value: 4ms }, slots: 3 }' }));
  const { code, stderr } = await coalmine(['rehearse', 'tiny.yaml', '--live', '--load', 'builtin'], { cwd });
  expect(code).toBe(2);
  expect(stderr).toMatch(/tiny\.yaml:\d+:\d+ features\.slots: got 3, expected infinite/);
});

test.each([
  [['--load', 'builtin'], "got 'builtin' without --live, expected both"],
  [['--features', 'redis://127.0.0.1'], 'without --live, expected both'],
  [['--live', '--load', 'wrk'], "--load:1:1: got 'wrk', expected k6 or builtin"],
  [['--live', '--load', 'builtin', '--features', 'x'], "--features:1:1: got 'x', expected a URL such as redis://"],
  [
    ['--live', '--load', 'builtin', '--time-scale', '4'],
    '--time-scale:1:1: got 4, expected at most 1: guards would look every 250 ms',
  ],
])('%j is refused', async (args, message) => {
  const cwd = await tinyFolder(tinyLive());
  const { code, stderr } = await coalmine(['rehearse', 'tiny.yaml', ...args], { cwd });
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
});

test('without k6 the command ends with 4 and says how to get it or do without', async () => {
  const cwd = await tinyFolder(tinyLive());
  const { code, stderr } = await coalmine(['rehearse', 'tiny.yaml', '--live'], { cwd, env: { K6_BIN: '/no/such/k6' } });
  expect([code, stderr]).toEqual([4, expect.stringContaining("'--load builtin' does without")]);
});

test('a feature store that cannot be reached ends with 4, and nothing is left running', async () => {
  const cwd = await tinyFolder(tinyLive());
  // Nothing listens on port 1.
  const args = ['rehearse', 'tiny.yaml', '--live', '--load', 'builtin', '--features', 'redis://127.0.0.1:1'];
  const { code, stderr } = await coalmine(args, { cwd });
  expect([code, stderr]).toEqual([4, expect.stringContaining('redis://127.0.0.1:1 cannot be reached')]);
});

test('what is done otherwise than the scenario says is told', async () => {
  const cwd = await tinyFolder(
    tinyLive({
      features: '{ latency: { kind: constant, value: 4ms }, cache: { capacity: 100 } }',
      faults: '[{ name: rush, kind: traffic-spike, at: { on: weight-change }, for: 1s, size: 2 }]',
    }),
  );
  const { scenario } = loadScenario(join(cwd, 'tiny.yaml'));
  expect(deviationsOf(scenario)).toEqual([
    expect.stringContaining('a cache of its own'),
    expect.stringContaining('exact LRU'),
    expect.stringContaining('traffic spike rush comes when the plan'),
  ]);
});

test('windows are at least a second long, also on a compressed schedule, and evaluations hold whole ones', () => {
  const { scenario } = loadScenario('scenarios/seed-healthy.yaml', { timeScale: 25 });
  const policy = policyFor(scenario);
  expect([scenario.windowMs, policy.evaluateEveryMs]).toEqual([400, 2400]);
  const adapted = liveScenario(scenario, policy);
  expect(adapted.scenario.windowMs).toBe(1200);
  expect(adapted.deviations).toEqual(['telemetry windows are 1200 ms long, where the compressed schedule says 400 ms']);
  const full = loadScenario('scenarios/live-healthy.yaml').scenario;
  expect(liveScenario(full, policyFor(full)).scenario).toBe(full);
});

test('the load is planned for the longest way of the policy, its stages for the shortest', () => {
  const { scenario } = loadScenario('scenarios/live-healthy.yaml');
  const policy = policyFor(scenario);
  expect(plannedStages(policy).map(({ name, startMs }) => [name, startMs])).toEqual([
    ['shadow', 0],
    ['canary-1', 12_000],
    ['canary-5', 27_000],
    ['canary-25', 39_000],
    ['full', 51_000],
  ]);
  const extended = policy.stages.reduce((sum, { holdMs, extendMs }) => sum + holdMs + extendMs, 0);
  expect(trafficMs(policy)).toBeGreaterThan(extended + policy.rollback.deadlineMs);
});
