import { describe, expect, it } from 'vitest';
import { begin, decide } from '../../controller/decide.ts';
import type { Guard } from '../../controller/policy.ts';
import {
  guardOf,
  headerOf,
  MINUTE,
  observe,
  policyOf,
  rehearse,
  rowOf,
  sentences,
  stageOf,
  steady,
  windowOf,
} from './support.ts';

const full = stageOf('full', 100, { holdMs: 0, extendMs: 0 });
const sample = (changes: Partial<Guard> = {}): Guard => guardOf({ minSamples: 5000, ...changes });
/** 100 candidate requests per window at 10 %: 600 a minute. */
const SLOW = 1000;
const FAST = 20_000;

describe('stages', () => {
  it('a healthy candidate passes every stage and is promoted when the last one is reached', () => {
    const policy = policyOf({ stages: [stageOf('canary-10', 10), stageOf('canary-50', 50), full] });
    const run = rehearse(policy, { script: steady(FAST, (_, requests) => ({ errors: Math.floor(requests / 2000) })) });
    expect(run.state.verdict).toBe('promoted');
    expect(run.state.decidedAtMs).toBe(4 * MINUTE);
    expect(run.state.explanation).toBe(
      'promoted: the one required guard passed in its stages; worst: error ratio 0.05 % of 0.1 %',
    );
    expect(run.actions.map(({ atMs, action }) => [atMs / MINUTE, action])).toEqual([
      [0, { kind: 'mirror', percent: 0, stage: 'canary-10' }],
      [0, { kind: 'set-weight', weightPercent: 10, stage: 'canary-10' }],
      [2, { kind: 'set-weight', weightPercent: 50, stage: 'canary-50' }],
      [4, { kind: 'set-weight', weightPercent: 100, stage: 'full' }],
    ]);
    expect(
      run.state.stages.map(({ name, startMs, endMs }) => [name, startMs / MINUTE, (endMs ?? Number.NaN) / MINUTE]),
    ).toEqual([
      ['canary-10', 0, 2],
      ['canary-50', 2, 4],
      ['full', 4, 4],
    ]);
    expect(sentences(run, 'start-stage')[1]).toBe(
      'started canary-50: 50 % of the traffic to the candidate for 2m: the one required guard passed in canary-10',
    );
  });

  it('a last stage with a hold is promoted at the end of it', () => {
    const policy = policyOf({ stages: [stageOf('canary', 10), stageOf('full', 100)] });
    expect(rehearse(policy, { script: steady(FAST) }).state).toMatchObject({
      verdict: 'promoted',
      decidedAtMs: 4 * MINUTE,
    });
  });

  it('too few samples extend the stage, then pause it, and the sentence says what was lacking', () => {
    const policy = policyOf({ guards: [sample()] });
    const run = rehearse(policy, { script: steady(SLOW) });
    expect(run.state).toMatchObject({
      verdict: 'paused',
      decidedAtMs: 4 * MINUTE,
      explanation:
        'paused: canary did not pass within 4m: errors: 600 of 5,000 samples (5,000 samples take 8.3 times the traffic)',
    });
    expect(sentences(run, 'extend')).toEqual(['extended canary by up to 2m: errors: 600 of 5,000 samples']);
    expect(run.decisions.map(({ kind, atMs }) => [kind, atMs / MINUTE])).toEqual([
      ['start-stage', 0],
      ['extend', 2],
      ['pause', 4],
    ]);
  });

  it('an extended stage advances as soon as its guards pass', () => {
    const policy = policyOf({ guards: [sample({ minSamples: 600 })] });
    const script = steady(SLOW, (index, requests) => (index < 13 ? { requests: 0, arrived: requests } : {}));
    expect(rehearse(policy, { script }).state).toMatchObject({ verdict: 'promoted', decidedAtMs: 4 * MINUTE });
    const sooner = steady(SLOW, (index, requests) => (index < 12 ? { requests: 0, arrived: requests } : {}));
    expect(rehearse(policy, { script: sooner }).state).toMatchObject({ verdict: 'promoted', decidedAtMs: 3 * MINUTE });
  });

  it('without extension it pauses at the end of the hold', () => {
    const policy = policyOf({ guards: [sample()], stages: [stageOf('canary', 10, { extendMs: 0 }), full] });
    const run = rehearse(policy, { script: steady(SLOW) });
    expect(run.state).toMatchObject({ verdict: 'paused', decidedAtMs: 2 * MINUTE });
    expect(sentences(run, 'extend')).toEqual([]);
  });

  it('without a required guard nothing passes, since nothing could', () => {
    const policy = policyOf({ guards: [guardOf({ requiredToAdvance: false })] });
    expect(rehearse(policy, { script: steady(FAST) }).state.explanation).toContain('no guard is required');
  });

  it('no data never promotes: an idle world, a lost candidate and lost windows end paused', () => {
    const policy = policyOf();
    for (const script of [steady(0), () => null, steady(FAST, () => ({ requests: 0 }))])
      expect(rehearse(policy, { script }).state.verdict).toBe('paused');
  });

  it('a hold that ends between two evaluations ends at the next one', () => {
    const policy = policyOf({ stages: [stageOf('canary', 10, { holdMs: 90_000 }), full] });
    expect(rehearse(policy, { script: steady(FAST) }).state.decidedAtMs).toBe(2 * MINUTE);
  });

  it('a trailing sum starts anew with every stage', () => {
    const guard = guardOf({ sustained: { forMs: 2 * MINUTE, reading: 'pooled' } });
    const policy = policyOf({ guards: [guard], stages: [stageOf('a', 10), stageOf('b', 50), full] });
    const run = rehearse(policy, { script: steady(FAST) });
    expect(run.verdicts.map((each) => [each.stage, each.verdict])).toEqual([
      ['a', 'inconclusive'],
      ['a', 'pass'],
      ['b', 'inconclusive'],
      ['b', 'pass'],
    ]);
  });
});

describe('edges of a rollout', () => {
  it('incompatible feature schemas are refused before any traffic moves', () => {
    const run = rehearse(policyOf(), {
      script: steady(FAST),
      preFlight: { schemaIssues: ['age is float in one, int in the other'] },
    });
    expect(run.state).toMatchObject({ verdict: 'refused', decidedAtMs: 0, stages: [] });
    expect(run.actions).toEqual([]);
    expect(sentences(run, 'refuse')).toEqual([
      "refused: the models' feature schemas differ in 1 place: age is float in one, int in the other",
    ]);
  });

  it('a policy that does not mind starts all the same', () => {
    const policy = policyOf({ requireCompatibleSchemas: false });
    expect(rehearse(policy, { script: steady(FAST), preFlight: { schemaIssues: ['x'] } }).state.verdict).toBe(
      'promoted',
    );
  });

  it('traffic that ends before the stage does is a pause', () => {
    const run = rehearse(policyOf(), { script: steady(FAST), trafficMs: 1.5 * MINUTE });
    expect(run.state).toMatchObject({ verdict: 'paused', decidedAtMs: 1.5 * MINUTE, endedBy: null });
    expect(run.state.explanation).toBe(
      'paused: the traffic ended after 1m30s of 2m in canary, so the candidate is neither proven nor refuted',
    );
    expect(rehearse(policyOf(), { script: steady(FAST), trafficMs: 30_000 }).state.explanation).toContain(
      'before the first evaluation',
    );
  });

  it('traffic that ends with the last hold was enough', () => {
    expect(rehearse(policyOf(), { script: steady(FAST), trafficMs: 2 * MINUTE }).state.verdict).toBe('promoted');
  });

  it('does nothing before the wake time and nothing after the end', () => {
    const policy = policyOf();
    const first = begin(policy, { schemaIssues: [] }, headerOf(policy)).state;
    const early = decide(
      policy,
      first,
      observe(30_000, [windowOf(0, [rowOf('candidate', 0, { requests: 9000, errors: 9000 })])]),
    );
    expect(early).toMatchObject({
      actions: [],
      verdicts: [],
      decisions: [],
      state: { wakeMs: MINUTE, verdict: 'running' },
    });
    const { state } = rehearse(policy, { script: steady(FAST) });
    expect(decide(policy, state, observe(99 * MINUTE))).toEqual({ state, actions: [], verdicts: [], decisions: [] });
  });

  it('throws when the run does not record what the policy reads', () => {
    const guards = [
      guardOf({
        metric: { kind: 'latency', quantile: 0.95 },
        bound: { kind: 'absolute', breachWhen: '>', value: 50 },
        segment: 'berlin',
      }),
      guardOf({ bound: { kind: 'relative', to: 'control', direction: 'rise', by: 0.1 } }),
    ];
    const policy = policyOf({ guards });
    const header = { ...headerOf(policy), thresholds: [], arms: ['baseline', 'candidate'] as const };
    expect(() => begin(policy, { schemaIssues: [] }, header)).toThrow(
      /answers > 50 ms.*\n.*segment 'berlin', expected one of: all\n.*arm 'control'/,
    );
  });
});
