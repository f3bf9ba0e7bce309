/** Scenario and policy files for sweeps through the command line, and what a sweep leaves. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WORLDS } from './worlds.ts';

/** Rolls back some healthy rollouts and misses some bad ones. */
const POLICY = `name: jumpy
evaluateEvery: 10s
stages:
  - { name: shadow, weight: 0%, mirror: 100%, hold: 60s }
  - { name: canary-10, weight: 10%, hold: 70s }
  - { name: canary-50, weight: 50%, hold: 2m }
  - { name: full, weight: 100%, hold: 0 }
guards:
  - name: errors
    metric: error-ratio
    breachWhen: "> 1%"
    sustained: { for: 30s, reading: pooled }
    action: roll-back
    requiredToAdvance: true
    minSamples: 100
  - name: outcome-within
    metric: outcome-ratio
    breachWhen: { drop: 60%, relativeTo: baseline }
    sustained: { for: 30s, reading: pooled }
    action: hold
    minSamples: 100
    minPositives: 1
    stages: [canary-10, canary-50]
rollback: { deadline: 2m, preWarm: false, verify: 10s }
`;

const NAMES = ['healthy', 'failing'];

/** Puts them into a folder; answers the arguments that name them. */
export function writeSweep(folder: string): readonly string[] {
  writeFileSync(join(folder, 'jumpy.yaml'), POLICY);
  writeFileSync(join(folder, 'calm.yaml'), POLICY.replace('name: jumpy', 'name: calm').replace('> 1%', '> 4%'));
  for (const name of NAMES) writeFileSync(join(folder, `${name}.yaml`), `${WORLDS[name]!}\npolicy: jumpy.yaml\n`);
  return [...NAMES.map((name) => `${name}.yaml`), '--policy', 'jumpy.yaml', '--policy', 'calm.yaml'];
}

export const resultIn = (path: string): string => readFileSync(join(path, 'result.json'), 'utf8');

/** Names of everything a sweep has left, partial files included. */
export const leftIn = (path: string): readonly string[] =>
  readdirSync(path, { recursive: true, encoding: 'utf8' }).toSorted();
