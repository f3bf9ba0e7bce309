/** Three small scenarios without models (whose bits differ between processors), and the digest of each: also run as a program. */
import { argv } from 'node:process';
import { loadScenario } from '../../scenarios/load.ts';
import type { Policy } from '../../controller/policy.ts';
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
const traffic = '{ requests: 400k, over: 19m, keys: { count: 20k, zipf: 0.9 }, users: 100k }';

/** Guards that need no scores, on a schedule of eight minutes. */
const POLICY = `
name: small
evaluateEvery: 30s
stages:
  - { name: shadow, weight: 0%, mirror: 100%, hold: 1m }
  - { name: canary-10, weight: 10%, hold: 3m }
  - { name: canary-50, weight: 50%, hold: 3m }
  - { name: full, weight: 100%, hold: 0 }
guards:
  - name: p95-sustained
    metric: latency p95
    breachWhen: "> 50ms"
    sustained: { for: 1m, reading: every }
    action: roll-back
    stages: [canary-10, canary-50]
  - name: errors
    metric: error-ratio
    breachWhen: "> 1%"
    sustained: { for: 1m, reading: pooled }
    action: roll-back
    requiredToAdvance: true
    minSamples: 1000
rollback: { deadline: 2m, preWarm: true, verify: 10s }
`;

export const smallPolicy = (scenario: Scenario): Policy => policyFor(scenario, 'small-policy.yaml', POLICY);

/** YAML by name: healthy, slow (rolled back, with faults on the way), and scaled (its fleets grow and shrink). */
export const SMALL: Readonly<Record<string, string>> = {
  healthy: `name: healthy\ntraffic: ${traffic}\n${arms('startUp: 5s', 'startUp: 5s')}`,
  slow: `name: slow
traffic: ${traffic}
${arms('startUp: 5s', 'startUp: 5s')}
faults:
  - { kind: upstream-brownout, at: { on: stage, stage: canary-10, after: 30s }, target: candidate, for: infinite, size: 3 }
  - { kind: replica-crash, at: 20s, target: baseline, for: 5s, size: 2 }
  - { kind: replica-hang, at: 40s, target: both, for: 2s, size: 1 }
  - { kind: cold-cache, at: { on: weight-change } }
truth: { candidate: regressed, onset: 90s }
`,
  scaled: `name: scaled
traffic:
  requests: 400k
  arrivals: { kind: mmpp, rates: [150/s, 600/s], stays: [30s, 20s] }
  keys: { count: 20k, zipf: 0.9 }
${arms(
  'queueLimit: 40, autoscaler: { min: 2, max: 12, metricLag: 5s, metricWindow: 20s, syncEvery: 5s }, startUp: 3s',
  'timeout: 150ms, autoscaler: { min: 1, max: 12, metricLag: 5s, metricWindow: 20s, syncEvery: 5s }, startUp: 3s',
)}`,
};

export const smallScenario = (name: string, seed = 42): Scenario =>
  loadScenario(`${name}.yaml`, { text: SMALL[name]!, seed }).scenario;

export async function digestOf(name: string, seed?: number): Promise<string> {
  const scenario = smallScenario(name, seed);
  const outcome = await runScenario(scenario, smallPolicy(scenario), { out: null, clock: () => 0 });
  return `${outcome.verdict} ${outcome.requests.total} requests ${outcome.digest}`;
}

if (argv[1] === import.meta.filename) {
  for (const name of Object.keys(SMALL)) console.log(`${name}: ${await digestOf(name)}`);
}
