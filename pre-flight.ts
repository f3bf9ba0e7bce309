import type { PreFlight } from './controller/decision.ts';
import { loadModel, rollbackIssues, schemaIssues } from './models/catalogue.ts';
import type { Scenario } from './scenarios/scenario.ts';

/**
 * Compares the models' feature schemas before any request, in both directions: can the candidate take the baseline's traffic, and could
 * the baseline take it back? A scenario without models has nothing to compare.
 */
export function preFlightOf({ arms, features }: Scenario): PreFlight {
  if (arms.baseline.model === null || arms.candidate.model === null) return { schemaIssues: [] };
  const baseline = loadModel(arms.baseline.model);
  return {
    schemaIssues: [
      ...schemaIssues(baseline, loadModel(arms.candidate.model)),
      ...rollbackIssues(baseline, features.migration ?? []),
    ],
  };
}
