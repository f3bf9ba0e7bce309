/** Guards on means: proven worse, proven no worse, or not known; on the same requests in shadow; and the repeated test beside them. */
import { describe, expect, it } from 'vitest';
import type { MeanSequence, RepeatedZ } from '../../../controller/guard-tests.ts';
import type { GuardVerdict } from '../../../controller/decision.ts';
import type { Guard } from '../../../controller/policy.ts';
import type { Moments, PairMoments } from '../../../telemetry/measures.ts';
import type { ArmWindow } from '../../../telemetry/window.ts';
import { begin, decide } from '../../../controller/decide.ts';
import { headerOf, MINUTE, policyOf, rowOf, stageOf } from '../support.ts';
import { drop, full, rise, tested } from './tested.ts';

const NAME = 'precision@10';
const SEQUENCE: MeanSequence = {
  method: 'mean-sequence',
  alpha: 0.001,
  passAlpha: 0.05,
  passBy: 'evidence',
  inflation: 1,
  sharpestMs: 30 * MINUTE,
};
const REPEATED: RepeatedZ = { method: 'repeated-z', alpha: 0.05 };
const onMeasure = (test: Guard['test'], changes: Partial<Guard> = {}): Guard =>
  tested(test!, { metric: { kind: 'measure', name: NAME }, bound: drop(0.02), minSamples: 1000, ...changes });

/** n values of which half are `low` and half `high`, in tenths. */
const half = (n: number, low: number, high: number): Moments => ({
  count: n,
  sum: (n * (low + high)) / 2,
  squares: (n * (low * low + high * high)) / 2,
});

/** What a guard says after `minutes` windows of a stage that mirrors (weight 0) or serves 5 %. */
function verdictOf(
  guard: Guard,
  minutes: number,
  candidate: Partial<ArmWindow>,
  baseline: Partial<ArmWindow> = {},
  weight = 5,
): GuardVerdict {
  const policy = policyOf({
    guards: [{ ...guard, action: 'alert' }],
    stages: [stageOf('first', weight, { mirrorPercent: weight === 0 ? 100 : 0, holdMs: 600 * MINUTE }), full],
  });
  const header = {
    ...headerOf(policy),
    windowMs: MINUTE,
    measures: [{ name: NAME, description: NAME, step: 0.1 }],
    pairMeasures: [{ name: 'overlap@10', description: 'overlap', step: 0.1 }],
  };
  let { state } = begin(policy, { schemaIssues: [] }, header);
  let last: GuardVerdict | undefined;
  for (let at = 0; at < minutes; at++) {
    const rows = [
      rowOf('baseline', at, { requests: 76_000, ...baseline }, MINUTE),
      rowOf('candidate', at, { requests: 4000, ...candidate }, MINUTE),
    ];
    const endMs = (at + 1) * MINUTE;
    const window = { index: at, startMs: at * MINUTE, endMs, rows };
    const step = decide(policy, state, { nowMs: endMs, windows: [window], arms: [], trafficEnded: false });
    state = JSON.parse(JSON.stringify(step.state)) as typeof state;
    last = step.verdicts.find(({ guard: name }) => name === guard.name);
  }
  return last!;
}

const of = (moments: Moments): Partial<ArmWindow> => ({ measures: { [NAME]: moments } });

const pairs = (c: number): Partial<ArmWindow> => {
  const n = 4000;
  // Half the requests are easy (9), half hard (1); the candidate's list is c worse on each: requests differ, models hardly.
  const both: PairMoments = {
    count: n,
    baselineSum: (n * 10) / 2,
    candidateSum: (n * (10 - 2 * c)) / 2,
    baselineSquares: (n * 82) / 2,
    candidateSquares: (n * ((9 - c) ** 2 + (1 - c) ** 2)) / 2,
    products: (n * (9 * (9 - c) + (1 - c))) / 2,
  };
  const shadow = {
    compared: n,
    mismatches: 0,
    baselineSum: 0,
    candidateSum: 0,
    absoluteDifferenceSum: 0,
    baselineScores: rowOf('candidate', 0).scores,
    candidateScores: rowOf('candidate', 0).scores,
    slowerSumMs: 0,
    incomplete: 0,
    measures: { [NAME]: both },
    pairMeasures: { 'overlap@10': half(n, 6, 8) },
  };
  return { shadow, arrivedMirrored: 4000, mirrored: 4000, measures: { [NAME]: half(n, 1 - c, 9 - c) } };
};

const overlap = (value: number): Guard =>
  onMeasure(SEQUENCE, {
    metric: { kind: 'measure', name: 'overlap@10' },
    bound: { kind: 'absolute', breachWhen: '<', value },
  });

const rule = (bound: Guard['bound']): Guard => onMeasure({ ...REPEATED }, { bound });

describe('a mean against the baseline', () => {
  const baseline = of(half(76_000, 3, 7));

  it('that is down by 10 % is proven worse than −2 %', () => {
    const said = verdictOf(onMeasure(SEQUENCE), 10, of(half(4000, 2.7, 6.3)), baseline);
    expect(said.verdict).toBe('breach');
    expect(said.value).toBeCloseTo(0.45, 10);
    expect(said.reference).toBeCloseTo(0.5, 10);
    expect(said.because).toMatch(
      /^mean precision@10 0\.45, 10 % below the baseline's 0\.5 \(more than 2 %\), proven at α 0\.1 %/,
    );
  });

  it('that is equal is proven not worse than −2 % once there is enough, and not known before', () => {
    expect(verdictOf(onMeasure(SEQUENCE), 1, of(half(4000, 3, 7)), baseline).verdict).toBe('inconclusive');
    expect(verdictOf(onMeasure(SEQUENCE), 120, of(half(4000, 3, 7)), baseline).verdict).toBe('pass');
  });

  it('that is up is no breach of a drop, and one of a rise', () => {
    const up = of(half(4000, 3.5, 7.5));
    expect(verdictOf(onMeasure(SEQUENCE), 30, up, baseline).verdict).toBe('pass');
    expect(verdictOf(onMeasure(SEQUENCE, { bound: rise(0.02) }), 30, up, baseline).verdict).toBe('breach');
  });

  it('of fewer values than it wants is not known, whatever they are', () => {
    const said = verdictOf(onMeasure(SEQUENCE), 1, of(half(900, 0, 1)), baseline);
    expect(said.verdict).toBe('inconclusive');
    expect(said.because).toContain('900 of 1,000 samples');
  });

  it('as an estimate for some time breaches and passes without proof', () => {
    const sustained = onMeasure(null, { test: null, sustained: { forMs: 5 * MINUTE, reading: 'pooled' } });
    expect(verdictOf(sustained, 5, of(half(4000, 2.9, 6.8)), baseline).verdict).toBe('breach');
    expect(verdictOf(sustained, 5, of(half(4000, 3, 7)), baseline).verdict).toBe('pass');
    const every = onMeasure(null, { test: null, sustained: { forMs: 3 * MINUTE, reading: 'every' } });
    expect(verdictOf(every, 3, of(half(4000, 2.9, 6.8)), baseline).verdict).toBe('breach');
  });
});

describe('in shadow', () => {
  it('the same requests are compared: a drop of 4 % is found in minutes that hide it among the requests', () => {
    const paired = verdictOf(onMeasure(SEQUENCE), 3, pairs(0.2), of(half(76_000, 1, 9)), 0);
    expect(paired.verdict).toBe('breach');
    expect(paired.samples).toBe(12_000);
    const served = { ...pairs(0.2), arrivedMirrored: 0, mirrored: 0 };
    expect(verdictOf(onMeasure(SEQUENCE), 3, served, of(half(76_000, 1, 9)), 5).verdict).toBe('inconclusive');
  });

  it('an estimate within a bound of its own passes where the policy takes one, and says that it is one', () => {
    const takes = { ...SEQUENCE, passBy: 'estimate' as const };
    const asked = (test: MeanSequence): GuardVerdict => verdictOf({ ...overlap(0.699), test }, 3, pairs(0), {}, 0);
    expect(asked(SEQUENCE)).toMatchObject({ verdict: 'inconclusive' });
    expect(asked(takes)).toMatchObject({ verdict: 'pass' });
    expect(asked(takes).because).toMatch(/^mean overlap@10 0\.7 ≥ 0\.699, by estimate only \(/);
    expect(asked(takes).test!.low!).toBeLessThan(0.699);
    expect(verdictOf({ ...overlap(0.701), test: takes }, 3, pairs(0), {}, 0).verdict).toBe('inconclusive');
  });

  it('a measure of pairs is held to a bound of its own', () => {
    expect(verdictOf(overlap(0.6), 3, pairs(0), {}, 0).verdict).toBe('pass');
    expect(verdictOf(overlap(0.8), 3, pairs(0), {}, 0).verdict).toBe('breach');
    expect(verdictOf(overlap(0.7), 3, pairs(0), {}, 0).verdict).toBe('inconclusive');
    expect(verdictOf(overlap(0.8), 3, pairs(0), {}, 0).because).toMatch(/^mean overlap@10 0\.7 < 0\.8, proven at α/);
  });
});

describe('the test of one look, repeated', () => {
  const baseline = of(half(76_000, 3, 7));

  it('halts on what the sequence does not hold for proven, and passes what is not significant', () => {
    const slightly = of(half(4000, 2.94, 6.93));
    const repeated = onMeasure(REPEATED, { bound: drop(0) });
    const sequence = onMeasure(SEQUENCE, { bound: drop(0) });
    expect(verdictOf(repeated, 1, slightly, baseline).verdict).toBe('breach');
    expect(verdictOf(sequence, 1, slightly, baseline).verdict).toBe('inconclusive');
    const said = verdictOf(repeated, 1, of(half(4000, 3, 7)), baseline);
    expect(said.verdict).toBe('pass');
    expect(said.because).toContain('not significant at 5 % at this one look');
  });

  it('is asked both ways at half the level on each side', () => {
    // z = −1.75: beyond the one-sided 5 %, within the two-sided.
    const down = of(half(4000, 2.98, 6.96));
    const either = { kind: 'relative', to: 'baseline', direction: 'either', by: 0 } as const;
    const z = verdictOf(rule(drop(0)), 1, down, baseline).test!;
    expect(z.high).toBeLessThan(0.02);
    expect(verdictOf(rule(either), 1, down, baseline).test!.high!).toBeGreaterThan(z.high!);
  });
});
