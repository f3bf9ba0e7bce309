import { loadPolicy } from './controller/load-policy.ts';
import { perSegment } from './controller/per-segment.ts';
import type { Policy } from './controller/policy.ts';
import { scalePolicy } from './controller/scale-policy.ts';
import type { Scenario } from './scenarios/scenario.ts';

/** A policy as it is applied to a scenario: on the scenario's own schedule, its guards asked of the scenario's segments. */
export const policyOn = (policy: Policy, { timeScale, traffic }: Pick<Scenario, 'timeScale' | 'traffic'>): Policy =>
  scalePolicy(perSegment(policy, traffic.segments), timeScale);

/** The policy a scenario is rehearsed under: its own, or another file's. Throws BadInput. */
export const policyFor = (scenario: Scenario, file: string = scenario.policy, text?: string): Policy =>
  policyOn(loadPolicy(file, text), scenario);
