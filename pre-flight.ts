import { type Issue, fileIssue, refuse } from './config/issues.ts';
import type { PreFlight } from './controller/decision.ts';
import { loadModel, rollbackIssues, schemaIssues } from './models/catalogue.ts';
import type { Scenario } from './scenarios/scenario.ts';

/**
 * Compares the models' feature schemas before any request, in both directions: can the candidate take the baseline's traffic, and could
 * the baseline take it back? A scenario without models has nothing to compare. Throws BadInput when the models answer with something else
 * than the scenario's outcomes are about.
 */
export function preFlightOf(scenario: Scenario): PreFlight {
  const { arms, features } = scenario;
  if (arms.baseline.model === null || arms.candidate.model === null) return { schemaIssues: [] };
  refuse([...outcomeIssues(scenario, arms.baseline.model), ...outcomeIssues(scenario, arms.candidate.model)]);
  const baseline = loadModel(arms.baseline.model);
  return {
    schemaIssues: [
      ...schemaIssues(baseline, loadModel(arms.candidate.model)),
      ...rollbackIssues(baseline, features.migration ?? []),
    ],
  };
}

/** Plays come from lists, acceptance from numbers. */
function outcomeIssues({ outcomes, file }: Scenario, model: string): Issue[] {
  const hasLists = loadModel(model).task === 'ranking';
  const wrong = (outcomes.kind === 'plays' && !hasLists) || (outcomes.kind === 'acceptance' && hasLists);
  if (!wrong) return [];
  const [got, expected] = hasLists ? ['lists', 'numbers'] : ['a number', 'lists'];
  return [
    fileIssue(
      file,
      `got outcomes of kind ${outcomes.kind} and ${model}, which answers with ${got}, expected a model that answers with ${expected}`,
    ),
  ];
}
