import { describe, expect, it } from 'vitest';
import {
  MINUTE,
  guardOf,
  policyOf,
  rehearse,
  type Run,
  sentences,
  stageOf,
  steady,
  type WorldSettings,
} from './support.ts';

const policy = policyOf({
  guards: [guardOf({ sustained: { forMs: MINUTE, reading: 'pooled' } })],
  stages: [stageOf('canary', 10, { holdMs: 10 * MINUTE }), stageOf('full', 100, { holdMs: 0 })],
});
const script = steady(20_000, (_, requests) => ({ errors: requests / 100 }));
const run = (settings: Partial<WorldSettings> = {}, of = policy): Run => rehearse(of, { script, ...settings });

const stepsOf = ({ state }: Run): [string, number, number | null][] =>
  (state.rollback?.steps ?? []).map(({ name, startMs, endMs }) => [
    name,
    (startMs - MINUTE) / 1000,
    endMs === null ? null : (endMs - MINUTE) / 1000,
  ]);

describe('rolling back', () => {
  it('shifts the traffic at once, drains, pre-warms and verifies, each step timed', () => {
    const done = run({ drainMs: 2500, warmMs: 1500 });
    expect(done.state.verdict).toBe('rolled-back');
    expect(stepsOf(done)).toEqual([
      ['shift-traffic', 0, 0],
      ['drain', 0, 3],
      ['pre-warm', 3, 5],
      // The first whole window after second 5 is 10 … 20.
      ['verify', 5, 20],
    ]);
    expect(done.state.rollback).toMatchObject({
      decidedAtMs: MINUTE,
      trafficOffMs: MINUTE,
      completeMs: MINUTE + 20_000,
      deadlineMs: 120_000,
    });
    expect(done.actions.slice(2).map(({ atMs, action }) => [(atMs - MINUTE) / 1000, action])).toEqual([
      [0, { kind: 'roll-back', guard: 'errors' }],
      [0, { kind: 'set-weight', weightPercent: 0, stage: 'canary' }],
      [3, { kind: 'pre-warm', arm: 'baseline' }],
    ]);
    expect(sentences(done, 'rollback-step')).toEqual([
      'shift-traffic done at once',
      'drain done in 3s',
      'pre-warm done in 2s',
      'verify done in 15s',
      'rollback complete after 20s, within its deadline of 2m',
    ]);
    expect(done.state.stages.at(-1)?.endMs).toBe(MINUTE);
  });

  it('loads the baseline first when it is not there to take the traffic', () => {
    const done = run({ baselineLoadedAtMs: MINUTE + 4500 });
    expect(stepsOf(done).slice(0, 2)).toEqual([
      ['load-baseline', 0, 5],
      ['shift-traffic', 5, 5],
    ]);
    expect(done.state.rollback?.trafficOffMs).toBe(MINUTE + 5000);
    expect(done.actions.slice(2, 5).map(({ action }) => action.kind)).toEqual(['roll-back', 'load', 'set-weight']);
  });

  it('stops the mirror first where there is one, even while the baseline loads', () => {
    const mirrored = {
      ...policy,
      stages: [stageOf('shadow', 0, { mirrorPercent: 100, holdMs: 10 * MINUTE }), ...policy.stages],
    };
    const done = run({ baselineLoadedAtMs: MINUTE + 4500 }, mirrored);
    expect(stepsOf(done).slice(0, 2)).toEqual([
      ['stop-mirror', 0, 0],
      ['load-baseline', 0, 5],
    ]);
    expect(done.actions.slice(2, 5).map(({ action }) => action.kind)).toEqual(['roll-back', 'mirror', 'load']);
  });

  it('warms before the traffic comes back when the plan says first, loading before that', () => {
    const first = { ...policy, rollback: { ...policy.rollback, preWarm: 'first' as const } };
    const done = run({ warmMs: 1500 }, first);
    expect(stepsOf(done).map(([name]) => name)).toEqual(['pre-warm', 'shift-traffic', 'drain', 'verify']);
    expect(done.state.rollback?.trafficOffMs).toBe(MINUTE + 2000);
    const unloaded = run({ warmMs: 1500, baselineLoadedAtMs: MINUTE + 4500 }, first);
    expect(
      stepsOf(unloaded)
        .map(([name]) => name)
        .slice(0, 3),
    ).toEqual(['load-baseline', 'pre-warm', 'shift-traffic']);
  });

  it('leaves out pre-warming when the plan does', () => {
    const cold = { ...policy, rollback: { ...policy.rollback, preWarm: false } };
    expect(stepsOf(run({}, cold)).map(([name]) => name)).toEqual(['shift-traffic', 'drain', 'verify']);
  });

  it('verifies as long as the plan says, anew after a window out of bounds or without requests', () => {
    const longer = { ...policy, rollback: { ...policy.rollback, verifyMs: 20_000, preWarm: false } };
    const verifyEnd = (baseline: Parameters<typeof steady>[2]): number | null | undefined =>
      stepsOf(run({ script: steady(20_000, (_, n) => ({ errors: n / 100 }), baseline) }, longer)).at(-1)?.[2];
    expect(verifyEnd(() => ({}))).toBe(30);
    expect(verifyEnd((index, requests) => ({ errors: index === 8 ? requests / 100 : 0 }))).toBe(50);
    expect(verifyEnd((index, requests) => ({ requests: index === 8 ? 0 : requests }))).toBe(50);
    // 20 of 20,000 is exactly the bound.
    expect(verifyEnd(() => ({ errors: 20 }))).toBe(30);
    // One error of 900 is over 0.1 %, but 900 requests cannot show 0.1 %.
    expect(verifyEnd(() => ({ requests: 900, errors: 1 }))).toBe(30);
  });

  it('says that the deadline has passed, goes on, and completes late', () => {
    const done = run({ drainMs: 150_500 });
    expect(done.state.verdict).toBe('rolled-back');
    expect(done.state.rollback?.completeMs).toBe(MINUTE + 170_000);
    expect(sentences(done, 'rollback-step')).toContain(
      'rollback past its deadline of 2m in step drain: 3 requests in flight at the candidate',
    );
    expect(sentences(done, 'rollback-step').filter((each) => each.includes('in step drain'))).toHaveLength(1);
    expect(sentences(done, 'rollback-step').at(-1)).toBe('rollback complete after 2m50s, past its deadline of 2m');
  });

  it('gives up after ten deadlines', () => {
    const done = run({ drainMs: Infinity });
    expect(done.state).toMatchObject({ verdict: 'rolled-back', wakeMs: 21 * MINUTE, rollback: { completeMs: null } });
    expect(stepsOf(done).at(-1)).toEqual(['drain', 0, null]);
    expect(sentences(done, 'rollback-step').at(-1)).toBe(
      'rollback left incomplete in step drain: 3 requests in flight at the candidate',
    );
  });

  it('is left incomplete when the traffic ends before the baseline is verified', () => {
    const done = run({ trafficMs: MINUTE + 3000 });
    expect(done.state).toMatchObject({ verdict: 'rolled-back', rollback: { completeMs: null, trafficOffMs: MINUTE } });
    expect(sentences(done, 'rollback-step').at(-1)).toBe('rollback left incomplete in step verify: the traffic ended');
    expect(run({ trafficMs: MINUTE }).state.verdict).toBe('rolled-back');
  });

  it('asks no guard while rolling back', () => {
    expect(run({ drainMs: 5 * MINUTE }).verdicts).toHaveLength(1);
  });
});
