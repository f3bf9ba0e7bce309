/** What is known before the first request: whether the models answer with what the scenario's outcomes are about. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BadInput } from '../../config/issues.ts';
import { liveIssues } from '../../live/refusals.ts';
import { preFlightOf } from '../../pre-flight.ts';
import { packageRoot } from '../../scenarios/files.ts';
import { loadScenario } from '../../scenarios/load.ts';
import type { Scenario } from '../../scenarios/scenario.ts';

const load = (name: string) => loadScenario(join(packageRoot, 'scenarios', `${name}.yaml`));
const withModels = (scenario: Scenario, baseline: string, candidate: string): Scenario => ({
  ...scenario,
  arms: {
    baseline: { ...scenario.arms.baseline, model: baseline },
    candidate: { ...scenario.arms.candidate, model: candidate },
  },
});

const asked = (scenario: Scenario) => () => preFlightOf(scenario);

test('plays need models that answer with lists, acceptance models that answer with a number', () => {
  const { scenario: lists } = load('netflix-shadow');
  const { scenario: numbers } = load('seed-healthy');
  expect(preFlightOf(lists).schemaIssues).toEqual([]);
  expect(preFlightOf(numbers).schemaIssues).toEqual([]);
  expect(asked(withModels(lists, 'rank-baseline', 'eta-candidate'))).toThrow(BadInput);
  expect(asked(withModels(lists, 'rank-baseline', 'eta-candidate'))).toThrow(
    'got outcomes of kind plays and eta-candidate, which answers with a number, expected a model that answers with lists',
  );
  expect(asked(withModels(numbers, 'rank-baseline', 'rank-better'))).toThrow(
    'got outcomes of kind acceptance and rank-baseline, which answers with lists',
  );
});

test('a ranking model cannot stand in for one that answers with a number, whatever the outcomes', () => {
  const { scenario } = load('seed-healthy');
  const mixed = { ...withModels(scenario, 'eta-baseline', 'rank-better'), outcomes: { kind: 'none' as const } };
  expect(preFlightOf(mixed).schemaIssues.length).toBeGreaterThan(0);
});

test('live worlds refuse outcomes that are measured, by name', () => {
  for (const name of ['netflix-shadow', 'google-ranking'])
    expect(liveIssues(load(name)).map(({ path }) => path)).toContain('outcomes.kind');
});
