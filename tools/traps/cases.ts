/** The traps: which scenario shows what, under a policy that falls for it and one that does not. */
import { join } from 'node:path';
import type { Outcome } from '../../outcome.ts';
import { policyFor, runScenario } from '../../run.ts';
import { packageRoot } from '../../scenarios/files.ts';
import { loadScenario } from '../../scenarios/load.ts';

export interface TrapRun {
  /** Name of a scenario and of a policy. */
  readonly scenario: string;
  readonly policy: string;
}

export interface Trap {
  readonly title: string;
  readonly runs: readonly TrapRun[];
}

const under = (scenario: string, ...policies: readonly string[]): TrapRun[] =>
  policies.map((policy) => ({ scenario, policy }));

/** Each trap's own scenario first, under the policy that falls for it; then what does not, and the twin. */
export const TRAPS: readonly Trap[] = [
  {
    title: 'Mean fine, p99.9 broken',
    runs: [...under('tail-999', 'quick', 'tail'), ...under('seed-healthy', 'tail')],
  },
  {
    title: 'Restart with cold caches',
    runs: [...under('restart-cold-cache', 'hasty', 'quick'), ...under('restart-slow-tail', 'quick')],
  },
  {
    title: 'Before and after, in the morning',
    runs: [...under('diurnal-before-after', 'before-after', 'concurrent'), ...under('diurnal-slow', 'concurrent')],
  },
  {
    title: 'Bimodal replicas',
    runs: [...under('bimodal-replicas', 'quick', 'tail'), ...under('seed-healthy', 'quick')],
  },
  {
    title: 'Retry storm',
    runs: [...under('retry-storm', 'patient'), ...under('retry-budget', 'patient')],
  },
  {
    title: 'Late labels',
    runs: [...under('late-labels', 'young-labels', 'ripe-labels'), ...under('ctr-drop', 'ripe-labels')],
  },
  {
    title: 'Canary too small to conclude',
    runs: [...under('canary-too-small', 'hasty', 'sequential'), ...under('error-creep', 'sequential')],
  },
  {
    title: 'Few users, many impressions',
    runs: [...under('heavy-users', 'by-impression', 'by-user'), ...under('heavy-users-drop', 'by-user')],
  },
];

/** Rehearses it at full size, in this process. */
export function rehearseTrap({ scenario: name, policy: by }: TrapRun): Promise<Outcome> {
  const { scenario } = loadScenario(join(packageRoot, 'scenarios', `${name}.yaml`));
  const policy = policyFor(scenario, join(packageRoot, 'policies', `${by}.yaml`));
  return runScenario(scenario, policy, { out: null, clock: () => 0 });
}
