/** Small worlds for tuning: a few thousand requests, four minutes, with a healthy or a regressed candidate. */
import { loadScenario } from '../../scenarios/load.ts';
import type { Scenario } from '../../scenarios/scenario.ts';

const world = (name: string, candidate: string, more: string): string => `
name: ${name}
traffic: { requests: 12k, rate: 100/s, keys: { count: 2k, zipf: 0.9 }, users: 10k }
arms:
  baseline: { service: { kind: lognormal, mean: 20ms, sigma: 0.35 }, replicas: 4, slots: 1, errorRatio: 0.5% }
  candidate: { service: { kind: lognormal, mean: 20ms, sigma: 0.35 }, replicas: 4, slots: 1, ${candidate} }
features:
  latency: { kind: lognormal, median: 4ms, sigma: 0.5 }
  availability: 99%
  cache: { capacity: 1k, ttl: 1m, scope: shared, hitLatency: 200us }
outcomes: { kind: bernoulli, baseline: 5%, candidate: 5%, labelDelay: 20s }
${more}`;

export const WORLDS: Readonly<Record<string, string>> = {
  healthy: world('healthy', 'errorRatio: 0.5%', 'truth: { candidate: healthy }'),
  failing: world(
    'failing',
    'errorRatio: 0.5%',
    `faults: [{ kind: error-burst, at: 110s, for: infinite, target: candidate, size: 6% }]
truth: { candidate: regressed, onset: 110s }`,
  ),
  slow: world(
    'slow',
    'errorRatio: 0.5%',
    `faults:
  - { kind: upstream-brownout, at: { on: stage, stage: canary-10, after: 20s }, target: candidate, for: infinite, size: 2 }
  - { kind: cold-cache, at: { on: weight-change } }
truth: { candidate: regressed, onset: 80s }`,
  ),
  // The traffic ends during canary-50.
  ending: world('ending', 'errorRatio: 0.5%', 'limit: 3m15s'),
};

export const worldOf = (name: string, seed = 1): Scenario =>
  loadScenario(`${name}.yaml`, { text: WORLDS[name]!, seed }).scenario;
