/** The sequential policy on shipped scenarios, compressed: evidence lets the healthy one through and stops the others. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Outcome } from '../../outcome.ts';
import { policyFor, runScenario } from '../../run.ts';
import { packageRoot } from '../../scenarios/files.ts';
import { loadScenario } from '../../scenarios/load.ts';

const LONG = 120_000;

async function rehearsed(name: string, requests: number): Promise<Outcome> {
  const { scenario } = loadScenario(join(packageRoot, 'scenarios', `${name}.yaml`), { requests });
  const policy = policyFor(scenario, join(packageRoot, 'policies', 'sequential.yaml'));
  return runScenario(scenario, policy, { out: null, clock: () => 0 });
}

test('seed-healthy is promoted, everything it had to prove being proven', { timeout: LONG }, async () => {
  const outcome = await rehearsed('seed-healthy', 1e6);
  expect(outcome.explanation).toMatch(/^promoted: all 4 required guards passed in their stages/);
  expect(outcome.classification).toBe('true-promotion');
});

test('ctr-drop is rolled back by the proof that it is worse than the margin', { timeout: LONG }, async () => {
  const outcome = await rehearsed('ctr-drop', 1e6);
  expect(outcome).toMatchObject({
    verdict: 'rolled-back',
    guard: { name: 'outcome' },
    classification: 'true-rollback',
  });
  expect(outcome.explanation).toMatch(/\(more than 2 %\), proven at α 0.1 %/);
});

test('score-skew does not leave the shadow', { timeout: LONG }, async () => {
  const outcome = await rehearsed('score-skew', 500e3);
  expect(outcome).toMatchObject({ verdict: 'rolled-back', guard: { name: 'median-shift' } });
  expect(outcome.harm.requestsToCandidate).toBe(0);
});
