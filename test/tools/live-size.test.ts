/** Every shipped scenario is rehearsed in both worlds by `npm run compare:all`, or has a reason why not. */
import { expect, test } from 'vitest';
import { checkTogether } from '../../cli/inputs.ts';
import { livePolicyIssues } from '../../live-run.ts';
import { liveIssues } from '../../live/refusals.ts';
import { policyFor } from '../../policy-for.ts';
import { loadScenario } from '../../scenarios/load.ts';
import { allCases, BUSY, notRun } from '../../tools/compare-all/cases.ts';

test.each(allCases().map(({ name, file }) => [name, file] as const))('%s can be rehearsed live', (_, file) => {
  const loaded = loadScenario(file);
  expect([...liveIssues(loaded), ...livePolicyIssues(policyFor(loaded.scenario))]).toEqual([]);
  expect(() => checkTogether(loaded)).not.toThrow();
  // Two cores make no more.
  const { baseline, candidate } = loaded.scenario.arms;
  expect(baseline.replicas + candidate.replicas).toBeLessThanOrEqual(6);
  expect(loaded.scenario.traffic.requests).toBeLessThanOrEqual(20_000);
});

test('whoever is not rehearsed live is named with a reason', () => {
  const reasons =
    /^(cannot be played by real servers: .+: got .+|is refused before anything starts, .+|is `live-healthy` for .+)$/;
  expect(notRun().filter(({ why }) => !reasons.test(why))).toEqual([]);
});

test('three loads are among the cases', () => {
  const names = allCases().map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining([...BUSY]));
});
