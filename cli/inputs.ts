/** The files a user names: found, loaded, and checked against each other. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Issue, refuse } from '../config/issues.ts';
import { packageRoot } from '../config/package-root.ts';
import { didYouMean } from '../config/suggest.ts';
import { STARVED } from '../controller/guards/starved.ts';
import { loadPolicyWithPlaces } from '../controller/load-policy.ts';
import { EACH, perSegment } from '../controller/per-segment.ts';
import type { Policy } from '../controller/policy.ts';
import type { Places } from '../config/places.ts';
import { measuresOf } from '../scenarios/measures.ts';
import type { LoadedScenario } from '../scenarios/load.ts';
import { firstSeeds, type Suite } from '../nightly/suite.ts';
import { Findings } from './options.ts';
import { smallStages } from './small-stages.ts';

/** A file the user names: as it is, else the one that came with the package. */
export const shipped = (file: string): string =>
  ['', '-'].includes(file) || existsSync(file) || !existsSync(join(packageRoot, file)) ? file : join(packageRoot, file);

/**
 * What neither file knows alone: stages that faults wait for, segments that guards read, and the guard that is expected to
 * decide, which only the scenario's own policy need have. Throws BadInput with every issue, also those of the policy itself.
 */
export function checkTogether(loaded: LoadedScenario, policyFile: string = loaded.scenario.policy): void {
  const { policy, places } = loadPolicyWithPlaces(policyFile);
  const { segments } = loaded.scenario.traffic;
  const known = ['all', ...(segments.length === 0 ? [] : [EACH]), ...segments];
  refuse([
    ...stageIssues(loaded, policy),
    ...(policyFile === loaded.scenario.policy ? expectedGuardIssues(loaded, policy) : []),
    ...measureIssues(loaded, policy, places),
    ...policy.guards.flatMap(({ segment }, i) =>
      known.includes(segment)
        ? []
        : [
            places.issue(
              ['guards', i, 'segment'],
              `got '${segment}', expected one of the segments of ${loaded.scenario.name}: ${listed(segment, known)}`,
            ),
          ],
    ),
    ...policy.stages.flatMap((stage, i) =>
      (stage.segments ?? []).flatMap((segment, k) =>
        segments.includes(segment)
          ? []
          : [
              places.issue(
                ['stages', i, 'segments', k],
                segments.length === 0
                  ? `got '${segment}', expected no segments: ${loaded.scenario.name} has none`
                  : `got '${segment}', expected one of the segments of ${loaded.scenario.name}: ${listed(segment, segments)}`,
              ),
            ],
      ),
    ),
  ]);
}

/** The same for every rehearsal of a suite: seeds apart, each once. Answers the warnings. Throws BadInput with every issue. */
export function checkRehearsals({ rehearsals }: Suite): Issue[] {
  const found = new Findings();
  const each = firstSeeds(rehearsals);
  for (const { loaded, policyFile } of each) found.of(() => checkTogether(loaded, policyFile));
  found.refuse();
  return each.flatMap(({ loaded, policyFile }) => [...loaded.warnings, ...smallStages(loaded, policyFile)]);
}

/** A measure that the scenario's requests do not have would be missing for ever. */
function measureIssues({ scenario }: LoadedScenario, policy: Policy, places: Places): Issue[] {
  const { measures, pairMeasures } = measuresOf(scenario.outcomes) ?? { measures: [], pairMeasures: [] };
  const names = [...measures, ...pairMeasures].map(({ name }) => name);
  return policy.guards.flatMap(({ metric, bound }, i) => {
    if (metric.kind !== 'measure') return [];
    const issue = (field: string, message: string): Issue[] => [places.issue(['guards', i, field], message)];
    if (names.length === 0)
      return issue('metric', `got '${metric.name}', expected no measure: the outcomes of ${scenario.name} have none`);
    if (!names.includes(metric.name))
      return issue(
        'metric',
        `got '${metric.name}', expected one of the measures of ${scenario.name}: ${listed(metric.name, names)}`,
      );
    const isOfPairs = pairMeasures.some(({ name }) => name === metric.name);
    return isOfPairs && bound?.kind === 'relative'
      ? issue(
          'breachWhen',
          `got a change of '${metric.name}', expected an absolute bound: it compares both arms already`,
        )
      : [];
  });
}

/** A fault that waits for a stage the policy does not have would never happen. */
function stageIssues({ scenario, places }: LoadedScenario, policy: Policy): Issue[] {
  const names = policy.stages.map((stage) => stage.name);
  return scenario.faults.flatMap(({ trigger }, i) =>
    trigger.on === 'stage' && !names.includes(trigger.stage)
      ? [
          places.issue(
            ['faults', i, 'at', 'stage'],
            `got stage '${trigger.stage}', expected one of the policy's: ${listed(trigger.stage, names)}`,
          ),
        ]
      : [],
  );
}

/** An expectation that names no guard of the policy could never be met; a pause for want of data bears the controller's own name. */
function expectedGuardIssues({ scenario, places }: LoadedScenario, policy: Policy): Issue[] {
  const names = perSegment(policy, scenario.traffic.segments).guards.map((guard) => guard.name);
  const guard = scenario.expect?.guard ?? null;
  return guard === null || guard === STARVED || names.includes(guard)
    ? []
    : [
        places.issue(
          ['expect', 'guard'],
          `got '${guard}', expected one of the policy's guards: ${listed(guard, names)}`,
        ),
      ];
}

const listed = (given: string, names: readonly string[]): string => names.join(', ') + didYouMean(given, names);
