/** Whatever befalls the candidate: once the decision has fallen no user is sent to it, and the rollback completes. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadScenario } from '../../../scenarios/load.ts';
import { policyFor, runScenario } from '../../../run.ts';
import { tinyFolder, tinyLive } from './support.ts';

/** What is promised of a rollback. */
const TRAFFIC_OFF_MS = 1000;
const COMPLETE_MS = 120_000;

const POLICY = `name: fault-live
evaluateEvery: 1s
stages:
  - { name: shadow, weight: 0%, mirror: 100%, hold: 2s }
  - { name: canary, weight: 50%, hold: 12s }
  - { name: full, weight: 100%, hold: 0 }
guards:
  - { name: scores, metric: score median, breachWhen: { change: 50%, relativeTo: baseline }, sustained: { for: 1s, reading: pooled }, action: roll-back, requiredToAdvance: true, minSamples: 20, stages: [shadow] }
  - { name: errors, metric: error-ratio, breachWhen: "> 20%", sustained: { for: 1s, reading: pooled }, action: roll-back, requiredToAdvance: true, minSamples: 20, stages: [canary] }
  - { name: slow, metric: latency p95, breachWhen: "> 200ms", sustained: { for: 1s, reading: pooled }, action: roll-back, minSamples: 20, stages: [canary] }
rollback: { deadline: 1m, preWarm: true, verify: 1s }
`;

test.each([
  ['upstream-brownout', 'for: infinite, size: 40'],
  ['error-burst', 'for: infinite, size: 80%'],
  ['feature-delay', 'for: infinite, size: 100'],
  ['replica-crash', 'for: infinite, size: 1'],
  ['replica-hang', 'for: 8s, size: 1'],
])('%s: off within a second, complete within two minutes', { timeout: 60_000 }, async (kind, strength) => {
  const faults = `[{ kind: ${kind}, at: { on: stage, stage: canary, after: 500ms }, ${strength}, target: candidate }]`;
  // Without a cache every request reads the store.
  const features = '{ latency: { kind: constant, value: 4ms } }';
  const folder = await tinyFolder(tinyLive({ rate: 120, features, faults, candidate: { timeout: '1s' } }), POLICY);
  const { scenario } = loadScenario(join(folder, 'tiny.yaml'));
  const outcome = await runScenario(scenario, policyFor(scenario), {
    out: null,
    clock: () => performance.now(),
    live: { load: 'builtin', k6: null, redis: null },
  });
  expect(outcome.verdict, outcome.explanation).toBe('rolled-back');
  const { decidedAtMs, trafficOffMs, completeMs } = outcome.rollback!;
  expect(trafficOffMs! - decidedAtMs).toBeLessThanOrEqual(TRAFFIC_OFF_MS);
  expect(completeMs! - decidedAtMs).toBeLessThanOrEqual(COMPLETE_MS);
  const measured = outcome.live!.rollback!;
  expect(measured.routeSwappedAtMs! - measured.decidedAtMs).toBeLessThanOrEqual(TRAFFIC_OFF_MS);
  // Windows after the swap are held against INV-8 by the run itself: one request to the candidate would have thrown.
  expect(outcome.live!.sums.mismatches).toEqual([]);
});
