/** The smallest rollout worth rehearsing: no models, no features, ten seconds. One run takes about a second, most of it the report. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const policy = `name: tiny
evaluateEvery: 1s
stages:
  - { name: canary, weight: 50%, hold: 10s }
  - { name: full, weight: 100%, hold: 0 }
guards:
  - name: errors
    metric: error-ratio
    breachWhen: "> 1%"
    sustained: { for: 2s, reading: pooled }
    action: roll-back
    requiredToAdvance: true
    minSamples: 500
`;

/** A scenario of that size; `requests` arrive at 1,000 a second. */
export const tinyScenario = ({
  name = 'tiny',
  requests = '20k',
  errorRatio = '0%',
  more = '',
}: {
  name?: string;
  requests?: string;
  errorRatio?: string;
  more?: string;
} = {}): string => `name: ${name}
traffic: { requests: ${requests}, rate: 1000/s }
arms:
  baseline: { service: { kind: constant, value: 5ms }, replicas: 8 }
  candidate: { service: { kind: constant, value: 5ms }, replicas: 8, errorRatio: ${errorRatio} }
policy: tiny-policy.yaml
window: 1s
${more}`;

/** Puts tiny.yaml and its policy into a folder. */
export function writeTiny(folder: string): void {
  writeFileSync(join(folder, 'tiny-policy.yaml'), policy);
  writeFileSync(join(folder, 'tiny.yaml'), tinyScenario());
}
