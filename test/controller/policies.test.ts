import { describe, expect, it } from 'vitest';
import { formatDuration } from '../../config/units.ts';
import { loadPolicy } from '../../controller/load-policy.ts';
import type { Policy } from '../../controller/policy.ts';
import { scalePolicy } from '../../controller/scale-policy.ts';
import { thresholdsOf } from '../../controller/thresholds.ts';
import { MINUTE, rehearse, rowOf, scoresOf, type Script } from './support.ts';

const seed = loadPolicy('policies/seed.yaml');
const quick = loadPolicy('policies/quick.yaml');

const guardsOf = (policy: Policy): string[] =>
  policy.guards.map(({ name, metric, bound, sustained, action, requiredToAdvance, stages, minSamples }) => {
    const quantile = 'quantile' in metric ? ` ${metric.quantile}` : '';
    const limit =
      bound === null
        ? 'unbounded'
        : bound.kind === 'absolute'
          ? `${bound.breachWhen} ${bound.value}`
          : `${bound.direction} ${bound.by} to ${bound.to}`;
    const where = stages === null ? 'everywhere' : stages.join(' ');
    const stretch = `${sustained?.reading} ${formatDuration(sustained?.forMs ?? 0)}`;
    return `${name}: ${metric.kind}${quantile} ${limit}, ${stretch}, ${action}${requiredToAdvance ? ' required' : ''}, ${where}, ${minSamples}`;
  });

describe('the seed policy', () => {
  it('has exactly these guards', () => {
    expect(guardsOf(seed)).toEqual([
      'p95-gate: latency 0.95 >= 50, pooled 15m, hold required, canary-1 canary-5 canary-25, 100',
      'p95-sustained: latency 0.95 > 50, every 15m, roll-back, canary-1 canary-5 canary-25, 20',
      'errors: error-ratio > 0.001, pooled 15m, roll-back required, canary-1 canary-5 canary-25, 5000',
      'outcome-within: outcome-ratio drop 0.02 to baseline, pooled 15m, hold required, canary-1 canary-5 canary-25, 1',
      'outcome-drop: outcome-ratio drop 0.02 to baseline, pooled 30m, roll-back, canary-1 canary-5 canary-25, 1',
      'median-shift: score 0.5 either 0.1 to baseline, pooled 15m, alert, everywhere, 1000',
      'median-shift-shadow: score 0.5 either 0.1 to baseline, every 15m, roll-back required, shadow, 1000',
      'p99: latency 0.99 unbounded, pooled 5m, watch, everywhere, 500',
      'p99.9: latency 0.999 unbounded, pooled 5m, watch, everywhere, 5000',
      'feature-fetch-p99: feature-fetch 0.99 unbounded, pooled 5m, watch, everywhere, 500',
    ]);
  });

  it('has exactly these stages and this rollback', () => {
    expect(
      seed.stages.map((stage) => [stage.name, stage.weightPercent, stage.mirrorPercent, stage.holdMs / MINUTE]),
    ).toEqual([
      ['shadow', 0, 100, 120],
      ['canary-1', 1, 0, 30],
      ['canary-5', 5, 0, 120],
      ['canary-25', 25, 0, 120],
      ['full', 100, 0, 0],
    ]);
    expect(seed.rollback).toEqual({ deadlineMs: 120_000, preWarm: true, verifyMs: 10_000 });
    expect(seed.requireCompatibleSchemas).toBe(true);
  });

  it('needs two counters at 50 ms, since its gate and its roll-back mind the edge differently', () => {
    expect(thresholdsOf(seed)).toEqual([
      { thresholdMs: 50, operator: '>' },
      { thresholdMs: 50, operator: '>=' },
    ]);
  });
});

const rules = (policy: Policy): unknown[] =>
  policy.guards.map(({ name, metric, bound, sustained, action, requiredToAdvance }) => [
    name,
    metric,
    bound?.kind === 'relative' ? bound.direction : bound,
    sustained?.reading,
    action,
    requiredToAdvance,
  ]);

describe('the quick policy', () => {
  it('has the seed policy’s guards, in its order, and takes 19 minutes', () => {
    expect(rules(quick)).toEqual(rules(seed));
    expect(quick.stages.reduce((sum, stage) => sum + stage.holdMs, 0)).toBe(19 * MINUTE);
  });
});

interface Shares {
  readonly slow: number;
  readonly edge: number;
  readonly errors: number;
}

const arm = ({ slow, edge, errors }: Shares, requests: number, impressions: number, ratio: number, bin: number) => ({
  requests,
  errors: Math.floor(requests * errors),
  over: [Math.floor(requests * slow), Math.floor(requests * slow) + Math.floor(requests * edge)],
  impressions,
  outcomes: Math.round(impressions * ratio),
  scores: scoresOf(bin, requests),
});

/** A world at 1,389 requests a second; `slow` of the candidate's requests take more than 50 ms, `edge` exactly 50 ms. */
const world =
  ({ slow = 0.03, edge = 0, errors = 0.0005, outcome = 0.05, shadowBin = 50 } = {}): Script =>
  (index, { weight, mirror }) => {
    const shares = { slow, edge, errors };
    const total = 13_890;
    const users = Math.round((total * weight) / 100);
    const mirrored = Math.round((total * mirror) / 100);
    const pairs = {
      compared: mirrored,
      mismatches: 0,
      baselineSum: 0,
      candidateSum: 0,
      absoluteDifferenceSum: 0,
      baselineScores: scoresOf(50, mirrored),
      candidateScores: scoresOf(shadowBin, mirrored),
      slowerSumMs: 0,
      incomplete: 0,
    };
    return [
      rowOf('baseline', index, arm(shares, total - users, total - users, 0.05, 50)),
      rowOf('candidate', index, {
        ...arm(shares, users + mirrored, users, outcome, shadowBin),
        mirrored,
        shadow: mirrored > 0 ? pairs : null,
      }),
    ];
  };

describe.each([
  ['seed', seed, 390, 150, 165],
  ['quick', quick, 19, 9, 7],
])('policies/%s.yaml rehearsed', (_, policy, promotedAt, __, slowAt) => {
  it('promotes a healthy candidate after its holds', () => {
    const { state } = rehearse(policy, { script: world({ outcome: 0.05 }) });
    expect(state).toMatchObject({ verdict: 'promoted', decidedAtMs: promotedAt * MINUTE });
    expect(state.explanation).toMatch(
      /^promoted: all 4 required guards passed in their stages; worst: (error|outcome) ratio .* of (0\.1|2) %$/,
    );
  });

  it('rolls a slow candidate back', () => {
    const { state } = rehearse(policy, { script: world({ slow: 0.08 }) });
    expect(state).toMatchObject({ verdict: 'rolled-back', endedBy: { guard: 'p95-sustained' } });
    if (policy === quick) expect(state.decidedAtMs).toBe(slowAt * MINUTE);
  });

  it('only holds a candidate whose p95 is exactly 50 ms', () => {
    const { state } = rehearse(policy, { script: world({ slow: 0.04, edge: 0.03 }) });
    expect(state).toMatchObject({ verdict: 'paused', endedBy: { guard: 'p95-gate' } });
  });

  it('stops a shifted candidate in shadow, after an alert', () => {
    const run = rehearse(policy, { script: world({ shadowBin: 60 }) });
    expect(run.state).toMatchObject({
      verdict: 'rolled-back',
      endedBy: { guard: 'median-shift-shadow', stage: 'shadow' },
    });
    expect(run.actions.some(({ action }) => action.kind === 'alert' && action.guard === 'median-shift')).toBe(true);
    expect(run.actions.every(({ action }) => action.kind !== 'set-weight' || action.weightPercent === 0)).toBe(true);
  });

  it('rolls back errors and lost outcomes', () => {
    expect(rehearse(policy, { script: world({ errors: 0.003 }) }).state.endedBy?.guard).toBe('errors');
    expect(rehearse(policy, { script: world({ outcome: 0.04 }) }).state.endedBy?.guard).toBe('outcome-drop');
  });
});

describe('a compressed schedule', () => {
  it('divides what the policy schedules and leaves what physics sets', () => {
    const scaled = scalePolicy(seed, 60);
    expect(scaled.evaluateEveryMs).toBe(1000);
    expect(scaled.stages.map(({ holdMs }) => holdMs)).toEqual([120_000, 30_000, 120_000, 120_000, 0]);
    expect(scaled.guards.map(({ sustained }) => sustained!.forMs / 1000).slice(0, 5)).toEqual([15, 15, 15, 15, 30]);
    expect(scaled.rollback).toEqual(seed.rollback);
    expect(scaled.guards.map(({ minSamples, bound }) => [minSamples, bound])).toEqual(
      seed.guards.map(({ minSamples, bound }) => [minSamples, bound]),
    );
    expect(thresholdsOf(scaled)).toEqual(thresholdsOf(seed));
  });

  it('turns inconclusive instead of confident when the traffic is not compressed as well', () => {
    const windowMs = 10_000 / 60;
    const thin: Script = (index, router) =>
      (world()(index, router) ?? []).map((row) =>
        rowOf(
          row.arm,
          index,
          {
            ...row,
            requests: Math.floor(row.requests / 60),
            errors: 0,
            startMs: index * windowMs,
            endMs: (index + 1) * windowMs,
          },
          windowMs,
        ),
      );
    const { state } = rehearse(scalePolicy(seed, 60), { script: thin, windowMs });
    expect(state).toMatchObject({ verdict: 'paused' });
    expect(state.explanation).toContain('of 5,000 samples');
  });

  it('decides the same at any scale when the traffic is compressed too, even where times are no round numbers', () => {
    for (const scale of [1, 7, 60, 0.9]) {
      const windowMs = 10_000 / scale;
      const script: Script = (index, router) =>
        (world()(index, router) ?? []).map((row) => ({
          ...row,
          startMs: index * windowMs,
          endMs: (index + 1) * windowMs,
        }));
      const { state } = rehearse(scalePolicy(seed, scale), { script, windowMs });
      expect(state.verdict).toBe('promoted');
      expect(((state.decidedAtMs ?? 0) * scale) / MINUTE).toBeCloseTo(390, 6);
    }
  });

  it('refuses a scale that is no positive number', () => {
    for (const scale of [0, -1, Number.NaN, Infinity]) expect(() => scalePolicy(seed, scale)).toThrow(RangeError);
  });
});
