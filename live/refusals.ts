/** What a world of real processes cannot do, said by name before anything is started. */
import type { Issue } from '../config/issues.ts';
import type { LoadedScenario } from '../scenarios/load.ts';

/** Whether this system can stop and continue a process. */
const CAN_FREEZE = process.platform !== 'win32';

/** Issues of a scenario that cannot be rehearsed live; empty when it can. */
export function liveIssues({ scenario, places }: LoadedScenario): Issue[] {
  const { traffic, arms, features, faults, outcomes } = scenario;
  const issues: Issue[] = [];
  if (traffic.content.kind === 'none')
    issues.push(
      places.issue(
        ['traffic', 'content'],
        'got none, expected a content table: live servers run models on real requests',
      ),
    );
  if (outcomes.kind === 'queries' || outcomes.kind === 'plays')
    issues.push(
      places.issue(
        ['outcomes', 'kind'],
        `got '${outcomes.kind}', expected acceptance, bernoulli or none: live gateways know no measures yet`,
      ),
    );
  if (outcomes.kind === 'bernoulli' && outcomes.betweenUsers !== undefined)
    issues.push(
      places.issue(
        ['outcomes', 'betweenUsers'],
        'got users that differ, expected none: live gateways draw labels without asking whose they are',
      ),
    );
  if (Number.isFinite(features.slots))
    issues.push(
      places.issue(
        ['features', 'slots'],
        `got ${features.slots}, expected infinite: live replicas read the store side by side, nobody counts their fetches together`,
      ),
    );
  if (traffic.retries !== undefined)
    issues.push(
      places.issue(
        ['traffic', 'retries'],
        'got callers that ask again, expected none: the live load sends every request once',
      ),
    );
  for (const arm of ['baseline', 'candidate'] as const)
    if (arms[arm].servingSkew !== undefined)
      issues.push(
        places.issue(['arms', arm, 'servingSkew'], 'got a skew, expected none: real stores hold what was trained on'),
      );
  for (const arm of ['baseline', 'candidate'] as const)
    if (arms[arm].slowReplicas !== undefined)
      issues.push(
        places.issue(['arms', arm, 'slowReplicas'], 'got slow replicas, expected none: live replicas are all alike'),
      );
  for (const [i, { kind, segment }] of faults.entries()) {
    if (segment !== undefined)
      issues.push(
        places.issue(
          ['faults', i, 'segment'],
          `got '${segment}', expected none: real replicas do not know whose request they serve`,
        ),
      );
    if (kind === 'replica-hang' && !CAN_FREEZE)
      issues.push(
        places.issue(
          ['faults', i, 'kind'],
          `got '${kind}', expected another fault: this system cannot freeze a process`,
        ),
      );
  }
  return issues;
}

/** What is done otherwise than the scenario says, one sentence each: allowed, and told. */
export function deviationsOf({ features, faults }: LoadedScenario['scenario']): string[] {
  const { cache } = features;
  const hasCache = features.latency !== null && cache.capacity > 0;
  const waits = faults.filter(({ kind, trigger }) => kind === 'traffic-spike' && trigger.on !== 'time');
  return [
    ...(hasCache && cache.scope === 'shared'
      ? ['each replica has a cache of its own of the stated capacity, where the scenario shares one per arm']
      : []),
    ...(hasCache && cache.eviction !== 'lru' ? ['caches are exact LRU, where the scenario says two-way'] : []),
    ...waits.map(
      ({ name }) =>
        `traffic spike ${name} comes when the plan of the rollout says, since the load is fixed before it begins`,
    ),
  ];
}
