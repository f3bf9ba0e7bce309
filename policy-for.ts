import { loadPolicy } from './controller/load-policy.ts';
import type { Policy } from './controller/policy.ts';
import { scalePolicy } from './controller/scale-policy.ts';
import type { Scenario } from './scenarios/scenario.ts';

/** The policy a scenario is rehearsed under (its own, or another file's), on the scenario's own schedule. Throws BadInput. */
export function policyFor(scenario: Scenario, file: string = scenario.policy, text?: string): Policy {
  return scalePolicy(loadPolicy(file, text), scenario.timeScale);
}
