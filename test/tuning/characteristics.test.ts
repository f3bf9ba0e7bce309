/** Rates, intervals, spreads and paired comparisons against values worked out by hand or from statistics §17. */
import { describe, expect, test } from 'vitest';
import type { JobResult, PolicyResult } from '../../tuning/job.ts';
import { boundOf, characteristicsOf } from '../../tuning/characteristics.ts';
import { rateOf, spreadOf } from '../../tuning/distribution.ts';
import type { Rehearsed } from '../../tuning/full-rehearsal.ts';
import { mcnemar, mcnemarP } from '../../tuning/mcnemar.ts';
import type { Plan } from '../../tuning/plan.ts';
import { rolloutsOf } from '../../tuning/rollouts.ts';
import { within } from '../statistics/within.ts';

test('rates carry the Clopper-Pearson interval, and none without trials', () => {
  const few = rateOf(5, 50);
  within(few.low!, 0.0332750936);
  within(few.high!, 0.218135366);
  const none = rateOf(0, 1000);
  expect(none.low).toBe(0);
  within(none.high!, 0.0036820839);
  expect(rateOf(0, 0)).toEqual({ events: 0, of: 0, ratio: null, low: null, high: null });
});

const times = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => 1000 + i);

test('the longest of 59 rollbacks bounds 95 %, of 299 99 %, with a confidence of 95 %', () => {
  within(boundOf(times(59))!.confidence95!, 0.951505475);
  within(boundOf(times(299))!.confidence99!, 0.950463743);
  expect(boundOf(times(59))).toMatchObject({ longestMs: 1058, n: 59 });
  expect(boundOf([])).toBeNull();
});

test('a single rollback that stays incomplete leaves no time that bounds anything', () => {
  const none = { longestMs: null, confidence95: null, confidence99: null };
  expect(boundOf([...times(59), ...Array.from({ length: 20 }, () => null)])).toEqual({
    ...none,
    n: 79,
    incomplete: 20,
  });
  expect(boundOf([null])).toEqual({ ...none, n: 1, incomplete: 1 });
});

test('spreads are nearest-rank quantiles', () => {
  expect(spreadOf([])).toBeNull();
  expect(spreadOf([3])).toEqual({ n: 1, mean: 3, min: 3, p10: 3, p50: 3, p90: 3, max: 3 });
  const ten = Array.from({ length: 10 }, (_, i) => 10 - i);
  expect(spreadOf(ten)).toEqual({ n: 10, mean: 5.5, min: 1, p10: 1, p50: 5, p90: 9, max: 10 });
});

/** Σ(x − x̄)². */
const scatter = (values: readonly number[]): number => {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  return values.reduce((sum, x) => sum + (x - mean) ** 2, 0);
};
const pairsOf = (n: number, pair: readonly [boolean, boolean]) => Array.from({ length: n }, () => pair);

describe('McNemar', () => {
  test('is exact', () => {
    within(mcnemarP(5, 15), 0.0413894653);
    within(mcnemarP(0, 12), 0.00048828125);
    within(mcnemarP(140, 100), 0.0116640923);
    expect(mcnemarP(0, 0)).toBe(1);
    expect(mcnemarP(3, 3)).toBe(1);
  });
  test.each([
    [1514, 777, 777, 2.9316787],
    [570, 346, 346, 3.97994725],
    [3000, 3000, 2700, 7],
  ])('%i and %i of 10,000 err, %i of them in both: shared rollouts are worth %f times as many', (p1, p2, p12, gain) => {
    const pairs = [
      ...pairsOf(p12, [true, true]),
      ...pairsOf(p1 - p12, [true, false]),
      ...pairsOf(p2 - p12, [false, true]),
      ...pairsOf(10_000 - p1 - p2 + p12, [false, false]),
    ];
    within(mcnemar(pairs).gain!, gain);
    // By another way: the variance of the difference itself against that of two rates.
    const [first, second] = [pairs.map(([x]) => Number(x)), pairs.map(([, y]) => Number(y))];
    within((scatter(first) + scatter(second)) / scatter(first.map((x, i) => x - second[i]!)), gain);
  });
  test('nothing is known of what sharing is worth where the two never differ', () => {
    expect(mcnemar([]).gain).toBeNull();
    expect(mcnemar([[true, true]]).gain).toBeNull();
    expect(
      mcnemar([
        [true, false],
        [true, false],
      ]).gain,
    ).toBeNull();
  });
  test('counts only what one of the two did', () => {
    const pairs = [
      [true, true],
      [true, false],
      [true, false],
      [false, true],
      [false, false],
    ] as const;
    expect(mcnemar(pairs)).toEqual({ both: 1, onlyFirst: 2, onlySecond: 1, neither: 1, p: 1, gain: 0.48 / 0.56 });
  });
});

const harm = { requestsToCandidate: 100, excessErrors: 3, excessSlow: null, lostOutcomes: -2 };
const rehearsal: Rehearsed = {
  verdict: 'rolled-back',
  decidedAtMs: 90,
  guard: 'late',
  harm: { ...harm, excessErrors: 9 },
  rollbackMs: 12,
  withinDeadline: true,
};
const judged = (changes: Partial<PolicyResult>): PolicyResult => ({
  policy: 0,
  verdict: 'promoted',
  decidedAtMs: 500,
  stage: 'full',
  guard: null,
  harm,
  rehearsed: null,
  ...changes,
});
const RESULTS: readonly Partial<PolicyResult>[] = [
  {},
  { verdict: 'rolled-back', decidedAtMs: 30, guard: 'errors' },
  {
    verdict: 'rolled-back',
    decidedAtMs: 80,
    guard: 'errors',
    rehearsed: { ...rehearsal, decidedAtMs: 80, guard: 'errors' },
  },
  { verdict: 'off-schedule', decidedAtMs: 60, rehearsed: rehearsal },
  { verdict: 'paused', decidedAtMs: 70, guard: 'gate' },
  { verdict: 'refused', decidedAtMs: 0 },
];

function characteristics(
  truth: { candidate: 'healthy' | 'regressed'; onsetMs: number | null },
  endings: readonly Partial<PolicyResult>[] = RESULTS,
) {
  const plan = { scenarios: [{ scenario: { truth: { ...truth, cause: null } } }] } as unknown as Plan;
  // In any order: seeds put them right.
  const results = endings.map((each, i) => ({ scenario: 0, seed: i, results: [judged(each)] }) as unknown as JobResult);
  const rollouts = rolloutsOf(plan, results.toReversed())(0, 0);
  expect(rollouts.map(({ seed }) => seed)).toEqual(endings.map((_, seed) => seed));
  const { candidate } = truth;
  return characteristicsOf({ scenario: 's', family: 's', variation: null, candidate, policy: 'p' }, rollouts);
}

describe('operating characteristics', () => {
  test('of a healthy candidate: every rollback and refusal is false, by the guard that fired', () => {
    const found = characteristics({ candidate: 'healthy', onsetMs: null });
    expect(found.verdicts).toEqual({ promoted: 1, rolledBack: 3, paused: 1, refused: 1 });
    expect(found.falseRollback).toMatchObject({ events: 4, of: 6 });
    expect(found.falseRollbackByGuard.map(({ guard, events }) => [guard, events])).toEqual([
      ['errors', 2],
      ['late', 1],
      ['refused', 1],
    ]);
    expect([found.missedRegression, found.detected, found.detectionDelayMs]).toEqual([null, null, null]);
    expect(found.paused).toMatchObject({ events: 1, of: 6 });
    expect(found.timeToPromoteMs).toMatchObject({ n: 1, p50: 500 });
  });

  test('of a regressed one: what was stopped before the onset is false, the rest is detected from the onset on', () => {
    const found = characteristics({ candidate: 'regressed', onsetMs: 50 });
    // At 30, and the refusal at 0: the candidate was healthy then.
    expect(found.falseRollback.events).toBe(2);
    expect(found.detected!.events).toBe(2);
    expect(found.missedRegression!.events).toBe(1);
    expect(found.detectionDelayMs).toMatchObject({ n: 2, min: 30, max: 40 });
  });

  test('a rollout that left the schedule is what its rehearsal says, the others are what was judged', () => {
    const found = characteristics({ candidate: 'healthy', onsetMs: null });
    expect([found.offSchedule, found.confirmed]).toEqual([1, 1]);
    expect(found.rollbackMs).toMatchObject({ n: 2, p50: 12 });
    expect(found.rollbackWithinDeadline).toMatchObject({ events: 2, of: 2 });
    expect(found.rollbackBound).toMatchObject({ longestMs: 12, n: 2, incomplete: 0 });
    expect(found.harm.excessErrors).toMatchObject({ n: 6, max: 9, min: 3 });
    expect(found.harm.excessSlow).toBeNull();
  });

  test('a rollback that had not finished when its rehearsal ended is in the bound, and in no spread', () => {
    const unfinished = { ...rehearsal, rollbackMs: null, withinDeadline: false };
    const found = characteristics({ candidate: 'healthy', onsetMs: null }, [
      ...RESULTS,
      { verdict: 'off-schedule', decidedAtMs: 60, rehearsed: unfinished },
    ]);
    expect(found.rollbackBound).toMatchObject({ longestMs: null, n: 3, incomplete: 1, confidence95: null });
    expect(found.rollbackMs).toMatchObject({ n: 2 });
    expect(found.rollbackWithinDeadline).toMatchObject({ events: 2, of: 3 });
  });
});
