/** A ratio-sequence that takes users for what is independent (statistics §9.5), through the real controller. */
import { expect, it } from 'vitest';
import type { Test } from '../../../controller/guard-tests.ts';
import { sequenceRadius } from '../../../controller/guards/log-ratio.ts';
import { misfits } from '../../../controller/misfits.ts';
import type { Guard, Policy } from '../../../controller/policy.ts';
import { clusteredRatio } from '../../../statistics/clustered.ts';
import type { ClusterCounts } from '../../../telemetry/clusters.ts';
import type { ArmWindow } from '../../../telemetry/window.ts';
import { within } from '../../statistics/within.ts';
import { headerOf, MINUTE, rehearse, type Run } from '../support.ts';
import { drop, minutely, onClicks, oneStage, SEQUENCE, tested } from './tested.ts';

const BY_USER: Test = { ...SEQUENCE, clusterBy: 'user' };
const clicks = (test: Test): Guard => tested(test, { ...onClicks, name: 'clicks', bound: drop(0) });

/** Users of 100 impressions a minute, of which every second one clicks `more` and the others `less` often. */
const users = (count: number, less: number, more: number): Partial<ArmWindow> => {
  const at = Array.from({ length: count }, (_, i) => i);
  const outcomes = at.map((i) => (i % 2 === 0 ? less : more));
  const cells: ClusterCounts = { at, impressions: at.map(() => 100), outcomes };
  return { impressions: 100 * count, outcomes: outcomes.reduce((a, b) => a + b, 0), users: cells };
};

const asked = (test: Test, candidate: Partial<ArmWindow>, baseline: Partial<ArmWindow>, minutes = 10): Run => {
  const policy: Policy = oneStage([clicks(test)], minutes * MINUTE);
  const world = {
    script: minutely(
      () => candidate,
      () => baseline,
    ),
    windowMs: MINUTE,
  };
  return rehearse(policy, world, { ...headerOf(policy), userClusters: 1000 });
};

/** se(ln R) of users after so many minutes. */
function errorAfter(minutes: number, { users: each }: Partial<ArmWindow>): number {
  const total = (counts: readonly number[]): number[] => counts.map((n) => minutes * n);
  const { ratio, standardError } = clusteredRatio({
    events: total(each!.outcomes),
    samples: total(each!.impressions),
  })!;
  return standardError / ratio;
}

const through = <T>(state: T): T => JSON.parse(JSON.stringify(state)) as T;

it('the standard error of a change is that of users, each with all windows since the stage began', () => {
  const [candidate, baseline] = [users(60, 10, 50), users(400, 12, 50)];
  const { verdicts } = asked(BY_USER, candidate, baseline, 3);
  const { test: found, because } = verdicts.findLast(({ guard }) => guard === 'clicks')!;
  // Three windows: totals are three times as large, and nobody is more than one user.
  const standardError = Math.hypot(errorAfter(3, candidate), errorAfter(3, baseline));
  const n = 3 * (6000 + 40_000);
  const pace = 4167 + 79_166;
  const radius = sequenceRadius('one', standardError, n, 30 * pace, 0.001);
  within(Math.log1p(found!.high!), Math.log(0.3 / 0.31) + radius, 1e-9);
  expect(because).toMatch(/ at every look\), by 60 groups of users since canary began, n = 18,000$/);
});

it('what looks proven of impressions is not proven of users who differ, and is proven of users who do not', () => {
  const [low, high] = [users(60, 10, 46), users(400, 10, 50)];
  expect(asked(SEQUENCE, low, high).state.verdict).toBe('rolled-back');
  expect(asked(BY_USER, low, high).state.verdict).toBe('paused');
  expect(asked(BY_USER, users(60, 27, 29), users(400, 29, 31)).state.verdict).toBe('rolled-back');
});

it('with fewer than fifty groups of users nothing is known', () => {
  const { state, verdicts } = asked(BY_USER, users(49, 1, 2), users(400, 29, 31), 5);
  expect(state.verdict).toBe('paused');
  for (const { verdict, because } of verdicts.filter(({ guard }) => guard === 'clicks'))
    expect([verdict, because]).toEqual([
      'inconclusive',
      expect.stringContaining('49 of 50 groups of users in the smaller arm'),
    ]);
});

it('a run that does not tell users apart is not judged as if it did', () => {
  const policy = oneStage([clicks(BY_USER)]);
  expect(misfits(policy, headerOf(policy))).toEqual([
    'guard clicks needs labels by user, which this run does not keep',
  ]);
  expect(misfits(policy, { ...headerOf(policy), userClusters: 1000 })).toEqual([]);
  expect(misfits(oneStage([clicks(SEQUENCE)]), headerOf(policy))).toEqual([]);
});

it('what it remembers survives JSON', () => {
  const policy = oneStage([clicks(BY_USER)], 4 * MINUTE);
  const script = minutely(
    () => users(60, 10, 50),
    () => users(400, 12, 50),
  );
  const header = { ...headerOf(policy), userClusters: 1000 };
  const plain = rehearse(policy, { script, windowMs: MINUTE }, header);
  expect(rehearse(policy, { script, windowMs: MINUTE, through }, header).verdicts).toEqual(plain.verdicts);
});
