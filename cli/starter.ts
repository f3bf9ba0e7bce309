/** What `coalmine init` writes: one rollout in numbers everybody has, the policy it is under, and a job that rehearses both. */

/** Texts by their path in the new project. `version` is the package's own; the schemas are the published ones. */
export const starterFiles = (
  version: string,
  schemas: { readonly scenario: string; readonly policy: string },
): Readonly<Record<string, string>> => ({
  'rollout.yaml': SCENARIO,
  'policy.yaml': POLICY,
  'schemas/scenario.schema.json': schemas.scenario,
  'schemas/policy.schema.json': schemas.policy,
  '.github/workflows/rehearse.yml': workflow(version),
});

const SCENARIO = `# yaml-language-server: $schema=schemas/scenario.schema.json
# What is rehearsed. Replace the figures with those of your service, then: coalmine rehearse rollout.yaml
name: rollout
description: The new version is a little slower and otherwise as good.
seed: 1

# How busy the service is.
traffic:
  rate: 800/s
  over: 4m
  keys: { count: 10k, zipf: 0.9 } # entities whose features are fetched: a few are popular
  users: 200k # a user stays on one version

# The two versions: how long one slot works on one request, and what stands ready.
arms:
  baseline:
    service: { kind: lognormal, mean: 18ms, p95: 30ms }
    replicas: 16
    slots: 2
    errorRatio: 0.02%
  candidate:
    service: { kind: lognormal, mean: 19ms, p95: 32ms }
    replicas: 16
    slots: 2
    errorRatio: 0.02%

# The feature store and the cache in front of it.
features:
  latency: { kind: lognormal, median: 4ms, sigma: 0.5 }
  cache: { capacity: 4k, ttl: 10m, warm: true }

# How often an answer is a success, and how long it takes to know.
outcomes: { kind: bernoulli, baseline: 20%, candidate: 20%, labelDelay: 30s }

# What goes wrong. Delete, or add more: kinds and fields are completed by editors that read the schema above.
faults:
  - { kind: cold-cache, at: { on: weight-change }, target: candidate }

# What is true, and what the policy should make of it: the exit code is 0 when it does, 3 when it decides otherwise.
truth: { candidate: healthy }
policy: policy.yaml
expect: { verdict: promoted }
`;

const POLICY = `# yaml-language-server: $schema=schemas/policy.schema.json
# When the rollout advances, pauses and rolls back. Make the stages as long as yours: virtual time costs nothing.
name: rollout
description: Shadow, then 10 % and 50 % of the traffic, then all of it.

# Guards look at windows this wide.
evaluateEvery: 30s

stages:
  - { name: shadow, weight: 0%, mirror: 100%, hold: 4m }
  - { name: canary-10, weight: 10%, hold: 6m }
  - { name: canary-50, weight: 50%, hold: 6m }
  - { name: full, weight: 100%, hold: 0 } # reaching it is the promotion

guards:
  # To advance, the last three minutes together must be fast enough ...
  - name: p95-gate
    metric: latency p95
    breachWhen: ">= 50ms"
    sustained: { for: 3m, reading: pooled }
    action: hold
    requiredToAdvance: true

  # ... and six slow half-minutes in a row end the rollout.
  - name: p95-sustained
    metric: latency p95
    breachWhen: "> 50ms"
    sustained: { for: 3m, reading: every }
    action: roll-back
    stages: [canary-10, canary-50]

  - name: errors
    metric: error-ratio
    breachWhen: "> 0.1%"
    sustained: { for: 3m, reading: pooled }
    action: roll-back
    requiredToAdvance: true
    minSamples: 5000
    stages: [canary-10, canary-50]

  - name: success-drop
    metric: outcome-ratio
    breachWhen: { drop: 10%, relativeTo: baseline }
    sustained: { for: 5m, reading: pooled }
    action: roll-back
    stages: [canary-10, canary-50]

rollback: { deadline: 2m, preWarm: true, verify: 10s }
`;

const workflow = (
  version: string,
): string => `# Rehearses the rollout whenever scenario or policy change: red when the policy decides something else than expected.
name: rehearse
on:
  push:
  pull_request:
jobs:
  rehearse:
    runs-on: ubuntu-latest
    env:
      ONNXRUNTIME_NODE_INSTALL: skip # no GPU libraries
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with: { node-version: 24 }
      - run: npx --yes coalmine@${version} validate rollout.yaml policy.yaml
      - run: npx --yes coalmine@${version} rehearse rollout.yaml --out rehearsal
      - uses: actions/upload-artifact@v4
        if: always()
        with: { name: rehearsal, path: rehearsal, if-no-files-found: ignore }
`;
