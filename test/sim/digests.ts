/** Three small scenarios without models (whose bits differ between processors), and the digest of each: also run as a program. */
import { argv } from 'node:process';
import { loadScenario } from '../../scenarios/load.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { policyFor, runScenario } from '../../run.ts';

const arms = (baseline: string, candidate: string): string => `
arms:
  baseline: { service: { kind: lognormal, mean: 20ms, sigma: 0.35 }, replicas: 6, slots: 4, errorRatio: 0.02%, ${baseline} }
  candidate: { service: { kind: lognormal, mean: 20ms, sigma: 0.35 }, replicas: 6, slots: 4, errorRatio: 0.02%, ${candidate} }
features:
  latency: { kind: lognormal, median: 4ms, sigma: 0.5 }
  cache: { capacity: 2k, ttl: 1m, scope: shared, hitLatency: 200us }
outcomes: { kind: bernoulli, baseline: 5%, candidate: 5%, labelDelay: 10s }
`;
const traffic = '{ requests: 100k, over: 19m, keys: { count: 20k, zipf: 0.9 }, users: 100k }';

/** YAML by name: healthy, slow (rolled back, with faults on the way), and scaled (its fleets grow and shrink). */
export const SMALL: Readonly<Record<string, string>> = {
  healthy: `name: healthy\ntraffic: ${traffic}\npolicy: policies/quick.yaml\n${arms('startUp: 5s', 'startUp: 5s')}`,
  slow: `name: slow
traffic: ${traffic}
policy: policies/quick.yaml
${arms('startUp: 5s', 'startUp: 5s')}
faults:
  - { kind: upstream-brownout, at: { on: stage, stage: canary-10, after: 30s }, target: candidate, for: infinite, size: 3 }
  - { kind: replica-crash, at: 100s, target: baseline, for: 5s, size: 2 }
  - { kind: replica-hang, at: 150s, target: both, for: 2s, size: 1 }
  - { kind: cold-cache, at: { on: weight-change } }
truth: { candidate: regressed, onset: 4m }
`,
  scaled: `name: scaled
traffic:
  requests: 100k
  arrivals: { kind: mmpp, rates: [40/s, 200/s], stays: [30s, 20s] }
  keys: { count: 20k, zipf: 0.9 }
policy: policies/quick.yaml
${arms(
  'queueLimit: 40, autoscaler: { min: 2, max: 12, metricLag: 5s, metricWindow: 20s, syncEvery: 5s }, startUp: 3s',
  'timeout: 150ms, autoscaler: { min: 1, max: 12, metricLag: 5s, metricWindow: 20s, syncEvery: 5s }, startUp: 3s',
)}`,
};

export const smallScenario = (name: string, seed = 42): Scenario =>
  loadScenario(`${name}.yaml`, { text: SMALL[name]!, seed }).scenario;

export async function digestOf(name: string, seed?: number): Promise<string> {
  const scenario = smallScenario(name, seed);
  const outcome = await runScenario(scenario, policyFor(scenario), { out: null, clock: () => 0 });
  return `${outcome.verdict} ${outcome.requests.total} requests ${outcome.digest}`;
}

if (argv[1] === import.meta.filename) {
  for (const name of Object.keys(SMALL)) console.log(`${name}: ${await digestOf(name)}`);
}
