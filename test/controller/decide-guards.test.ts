import { describe, expect, it } from 'vitest';
import type { Guard } from '../../controller/policy.ts';
import { guardOf, MINUTE, policyOf, rehearse, scoresOf, sentences, stageOf, steady } from './support.ts';

const full = stageOf('full', 100, { holdMs: 0, extendMs: 0 });
const FAST = 20_000;

const failing = (from: number) => steady(FAST, (index, requests) => (index >= from ? { errors: requests / 100 } : {}));

const verdictOf = (some: readonly Guard[]) => rehearse(policyOf({ guards: some }), { script: failing(0) }).state;

describe('breaches', () => {
  it('a roll-back guard ends the rollout at the evaluation that finds it, not at the end of the stage', () => {
    const policy = policyOf({ stages: [stageOf('canary', 10, { holdMs: 60 * MINUTE }), full] });
    const { state } = rehearse(policy, { script: failing(12) });
    expect(state.verdict).toBe('rolled-back');
    expect(state.rollback?.decidedAtMs).toBe(3 * MINUTE);
    expect(state.explanation).toBe(
      'rolled back: error ratio 1 % > 0.1 % over the last 1m, n = 12,000 (guard errors, stage canary)',
    );
    expect(state.endedBy).toMatchObject({
      guard: 'errors',
      verdict: 'breach',
      value: 0.01,
      threshold: 0.001,
      samples: 12_000,
    });
  });

  it('the sustained p95 of the reading `every` is told with its minutes and samples', () => {
    const guard = guardOf({
      name: 'p95-sustained',
      metric: { kind: 'latency', quantile: 0.95 },
      bound: { kind: 'absolute', breachWhen: '>', value: 50 },
      sustained: { forMs: 15 * MINUTE, reading: 'every' },
    });
    const policy = policyOf({ guards: [guard], stages: [stageOf('canary-5', 5, { holdMs: 60 * MINUTE }), full] });
    const { state } = rehearse(policy, { script: steady(10_000, (_, requests) => ({ over: [requests * 0.06] })) });
    expect(state.explanation).toBe(
      'rolled back: latency p95 beyond every answer > 50 ms (6 % beyond it) in each of 15 consecutive minutes, n = 45,000 (guard p95-sustained, stage canary-5)',
    );
    expect(state.endedBy).toMatchObject({ sustainedMs: 15 * MINUTE, samples: 3000 });
  });

  it('a hold guard that is not required keeps the stage from advancing', () => {
    const policy = policyOf({
      guards: [
        guardOf({ action: 'hold', requiredToAdvance: false }),
        guardOf({ name: 'any', bound: { kind: 'absolute', breachWhen: '>', value: 0.5 } }),
      ],
    });
    expect(rehearse(policy, { script: failing(0) }).state.explanation).toBe(
      'paused: canary did not pass within 4m: errors: error ratio 1 % > 0.1 % over the last 1m, n = 12,000',
    );
  });

  it('a pause guard pauses at once and leaves the weight alone', () => {
    const run = rehearse(policyOf({ guards: [guardOf({ action: 'pause' })] }), { script: failing(0) });
    expect(run.state).toMatchObject({ verdict: 'paused', decidedAtMs: MINUTE, endedBy: { guard: 'errors' } });
    expect(run.actions).toHaveLength(2);
  });

  it('of several breaches the worst wins, whatever their order', () => {
    const guards = (['alert', 'hold', 'pause', 'roll-back'] as const).map((action) =>
      guardOf({ name: action, action }),
    );
    expect(verdictOf(guards)).toMatchObject({ verdict: 'rolled-back', endedBy: { guard: 'roll-back' } });
    expect(verdictOf(guards.toReversed())).toMatchObject({ verdict: 'rolled-back' });
    expect(verdictOf(guards.slice(0, 3))).toMatchObject({ verdict: 'paused', endedBy: { guard: 'pause' } });
    expect(verdictOf(guards.slice(0, 2))).toMatchObject({ verdict: 'paused', decidedAtMs: 4 * MINUTE });
  });

  it('alerts once per onset, as a decision and as an action', () => {
    const bursts = steady(FAST, (index, requests) => {
      const minute = Math.floor(index / 6);
      return [1, 2, 3, 6].includes(minute) ? { errors: requests / 100 } : {};
    });
    const policy = policyOf({
      guards: [
        guardOf({ action: 'alert', requiredToAdvance: false }),
        guardOf({ name: 'any', bound: { kind: 'absolute', breachWhen: '>', value: 0.5 } }),
      ],
      stages: [stageOf('canary', 10, { holdMs: 9 * MINUTE }), full],
    });
    const run = rehearse(policy, { script: bursts });
    expect(run.decisions.filter(({ kind }) => kind === 'alert').map(({ atMs }) => atMs / MINUTE)).toEqual([2, 7]);
    expect(run.actions.filter(({ action }) => action.kind === 'alert')).toHaveLength(2);
    expect(sentences(run, 'alert')[0]).toBe(
      'error ratio 1 % > 0.1 % over the last 1m, n = 12,000 (guard errors, stage canary)',
    );
    expect(run.state.verdict).toBe('promoted');
  });

  it('a streak starts anew with every stage, unless the guard carries over', () => {
    const every = { sustained: { forMs: 2 * MINUTE, reading: 'every' }, requiredToAdvance: false } as const;
    const verdictOfStreak = (carryOver: boolean): string =>
      rehearse(
        policyOf({
          stages: [stageOf('a', 10, { holdMs: MINUTE }), stageOf('b', 10, { holdMs: MINUTE }), full],
          guards: [
            guardOf({ ...every, carryOver }),
            guardOf({ name: 'any', bound: { kind: 'absolute', breachWhen: '>', value: 0.5 } }),
          ],
        }),
        { script: failing(0) },
      ).state.verdict;
    expect(verdictOfStreak(false)).toBe('promoted');
    expect(verdictOfStreak(true)).toBe('rolled-back');
  });

  it('a relative ratio needs positives in each arm, however many samples there are', () => {
    const guard = guardOf({
      metric: { kind: 'outcome-ratio' },
      bound: { kind: 'relative', to: 'baseline', direction: 'drop', by: 0.02 },
      minPositives: 50,
    });
    const clicks = (candidate: number, baseline: number): string =>
      rehearse(policyOf({ guards: [guard], stages: [stageOf('canary', 50), full] }), {
        script: steady(
          FAST,
          (index, impressions) => ({ impressions, outcomes: index % 6 === 0 ? candidate : 0 }),
          (index, impressions) => ({ impressions, outcomes: index % 6 === 0 ? baseline : 0 }),
        ),
      }).state.explanation;
    expect(clicks(49, 60)).toContain('errors: 49 of 50 positives');
    expect(clicks(60, 49)).toContain('baseline: 49 of 50 positives');
    expect(clicks(50, 60)).toContain('rolled back: outcome ratio');
  });

  it('guards sleep outside their stages', () => {
    const policy = policyOf({
      stages: [stageOf('a', 10), stageOf('b', 50), full],
      guards: [
        guardOf({ stages: ['b'] }),
        guardOf({ name: 'any', bound: { kind: 'absolute', breachWhen: '>', value: 0.5 } }),
      ],
    });
    const { state } = rehearse(policy, { script: failing(0) });
    expect(state.rollback?.decidedAtMs).toBe(3 * MINUTE);
    expect(state.endedBy?.stage).toBe('b');
  });

  it('data that stays away is told as data-loss', () => {
    const guard = guardOf({ sustained: { forMs: 3 * MINUTE, reading: 'every' } });
    const policy = policyOf({
      guards: [guard],
      maxGap: 2,
      stages: [stageOf('a', 10, { holdMs: 8 * MINUTE, extendMs: 0 }), full],
    });
    const run = rehearse(policy, { script: (index, router) => (index < 6 ? steady(FAST)(index, router) : null) });
    expect(run.decisions.filter(({ guard: name }) => name === 'data-loss').map(({ atMs }) => atMs / MINUTE)).toEqual([
      4,
    ]);
    expect(run.actions.some(({ action }) => action.kind === 'alert' && action.guard === 'data-loss')).toBe(true);
    expect(run.state.verdict).toBe('paused');
  });
});

const quiet = (perWindow: number) =>
  rehearse(policyOf(), { script: steady(perWindow, () => ({ requests: 0, arrived: 0 })) }).state;

describe('starved', () => {
  const none = steady(FAST, () => ({ requests: 0, arrived: 0 }));

  it('weight without a request pauses, and says how many were expected', () => {
    const run = rehearse(policyOf(), { script: none });
    expect(run.state).toMatchObject({
      verdict: 'paused',
      decidedAtMs: MINUTE,
      endedBy: { guard: 'starved', verdict: 'breach' },
    });
    expect(run.state.explanation).toBe(
      'paused: no request reached the candidate in 1m at a weight of 10 %, about 12,000 expected (guard starved, stage canary)',
    );
    expect(run.decisions.map(({ kind }) => kind)).toEqual(['start-stage', 'alert', 'pause']);
  });

  it('needs seven expected requests: fewer may be chance', () => {
    expect(quiet(12).endedBy?.guard).toBe('starved');
    expect(quiet(10).endedBy?.guard).toBe('errors');
  });

  it('is not raised in shadow, nor for a candidate that is slow to answer', () => {
    const shadow = policyOf({ stages: [stageOf('shadow', 0, { mirrorPercent: 100 }), full] });
    expect(rehearse(shadow, { script: none }).state.endedBy?.guard).toBe('errors');
    const hanging = steady(FAST, (_, requests) => ({ requests: 0, arrived: requests }));
    expect(rehearse(policyOf(), { script: hanging }).state.endedBy?.guard).toBe('errors');
  });

  it('shadow copies do not hide it', () => {
    const both = policyOf({ stages: [stageOf('canary', 10, { mirrorPercent: 50 }), full] });
    const copies = steady(FAST, (_, requests) => ({ requests, arrived: requests, mirrored: requests }));
    expect(rehearse(both, { script: copies }).state.endedBy?.guard).toBe('starved');
  });
});

const pairs = (baselineBin: number, candidateBin: number, compared: number) => ({
  compared,
  mismatches: 0,
  baselineSum: 0,
  candidateSum: 0,
  absoluteDifferenceSum: 0,
  baselineScores: scoresOf(baselineBin, compared),
  candidateScores: scoresOf(candidateBin, compared),
  slowerSumMs: 0,
  incomplete: 0,
});

/** Predictions that differ in the mirrored pairs and are alike between the arms. */
const shifted = (index: number, router: { weight: number; mirror: number }) =>
  steady(
    FAST,
    (_, requests) => ({ scores: scoresOf(50, requests), shadow: router.mirror > 0 ? pairs(50, 40, requests) : null }),
    (_, requests) => ({ scores: scoresOf(50, requests) }),
  )(index, router);

describe('scores', () => {
  const median: Partial<Guard> = {
    name: 'median',
    metric: { kind: 'score', quantile: 0.5 },
    bound: { kind: 'relative', to: 'baseline', direction: 'either', by: 0.1 },
  };
  it('in shadow the medians of the mirrored pairs are compared', () => {
    const policy = policyOf({
      guards: [guardOf(median)],
      stages: [stageOf('shadow', 0, { mirrorPercent: 100 }), full],
    });
    const { state } = rehearse(policy, { script: shifted });
    expect(state.verdict).toBe('rolled-back');
    expect(state.explanation).toBe(
      "rolled back: score median 0.405, 19.8 % below the baseline's 0.505 (more than 10 %) over the last 1m, n = 120,000 (guard median, stage shadow)",
    );
  });

  it('in a canary the arms themselves are compared', () => {
    const policy = policyOf({
      guards: [guardOf(median)],
      stages: [stageOf('canary', 10, { mirrorPercent: 10 }), full],
    });
    expect(rehearse(policy, { script: shifted }).state.verdict).toBe('promoted');
  });
});
