/** Every shipped scenario is rehearsed in both worlds by `npm run compare:all`, or has a reason why not. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkTogether } from '../../cli/inputs.ts';
import { livePolicyIssues } from '../../live-run.ts';
import { liveIssues } from '../../live/refusals.ts';
import { policyFor } from '../../policy-for.ts';
import { runScenario } from '../../run.ts';
import { readCalibration } from '../../scenarios/calibration.ts';
import { packageRoot } from '../../scenarios/files.ts';
import { loadScenario } from '../../scenarios/load.ts';
import { REFERENCE } from '../../scenarios/schema/distribution.ts';
import { allCases, BUSY, expectedVerdict, notRun, TWICE } from '../../tools/compare-all/cases.ts';

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

test('the loads whose figures are shown are among the cases, and so is what is played twice', () => {
  const names = allCases().map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining([...BUSY.map(({ name }) => name), TWICE]));
});

// Both worlds agree easily about a rollout in which nothing happens.
test.each(allCases().flatMap((each) => (expectedVerdict(each) === null ? [] : [[each.name, each] as const])))(
  '%s ends in the simulator as what it stands for is expected to',
  async (_, each) => {
    const { scenario } = loadScenario(each.file);
    const calibration = readCalibration(join(packageRoot, REFERENCE));
    const options = { out: null, calibration, clock: () => 0 };
    const { verdict, explanation } = await runScenario(scenario, policyFor(scenario), options);
    expect(verdict, explanation).toBe(expectedVerdict(each));
  },
  60_000,
);
