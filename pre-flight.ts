import type { PreFlight } from './controller/decision.ts';
import { loadModel, schemaIssues } from './models/catalogue.ts';
import type { Scenario } from './scenarios/scenario.ts';

/** Compares the models' feature schemas before any request; a scenario without models has nothing to compare. */
export function preFlightOf({ arms }: Scenario): PreFlight {
  if (arms.baseline.model === null || arms.candidate.model === null) return { schemaIssues: [] };
  return { schemaIssues: schemaIssues(loadModel(arms.baseline.model), loadModel(arms.candidate.model)) };
}
