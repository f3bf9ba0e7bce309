/** Means under the null with a look every window, on separate requests and on the same ones; power; and what repeating a test does. */
import { describe, expect, it } from 'vitest';
import type { Test } from '../../../controller/guard-tests.ts';
import type { Guard } from '../../../controller/policy.ts';
import { clopperPearsonLower, clopperPearsonUpper } from '../../../statistics/binomial.ts';
import { normalUpperQuantile } from '../../../statistics/normal.ts';
import { drawnMoments, drawnPairs, lognormalMoments, manyMoments } from '../../../tools/readings/draw-moments.ts';
import { binomialCounts } from '../../../tools/readings/draw.ts';
import { type Alarms, alarmsOf, telling, watching, type WindowWorld } from '../../../tools/readings/rollouts.ts';
import { Stream } from '../../../sim/random.ts';
import type { ArmWindow, ShadowComparison } from '../../../telemetry/window.ts';
import { within } from '../../statistics/within.ts';
import { rowOf } from '../support.ts';
import { peeking } from './peeking-oracle.ts';

const ALPHA = 0.05;
/** 50/α, so that a guard of twice its α would hardly pass. */
const ROLLOUTS = 1000;
const LOOKS = 60;
const NAME = 'precision@10';

const sequence: Test = {
  method: 'mean-sequence',
  alpha: ALPHA,
  passAlpha: 0.05,
  passBy: 'evidence',
  inflation: 1,
  sharpestMs: 30 * 60_000,
};
const means = (name: string, by: number, test: Test = sequence): Guard =>
  telling({
    name,
    metric: { kind: 'measure', name: NAME },
    bound: { kind: 'relative', to: 'baseline', direction: 'drop', by },
    test,
  });
const GUARDS = [means('no margin', 0), means('margin', 0.05)];

/** Skewed whole numbers, as of a list of ten in which few are relevant: 0 … 10 with mean 3. */
const skewed = (stream: Stream): number => Math.floor(11 * stream.next() ** 2.4);

/** Both arms' own requests; the candidate's values are `factor` times the baseline's. */
const apart =
  (factor: number): WindowWorld =>
  () => ({
    candidate: {
      requests: 300,
      more: (stream) => ({ measures: of(drawnMoments(300, (s) => factor * skewed(s), stream)) }),
    },
    baseline: { requests: 900, more: (stream) => ({ measures: of(drawnMoments(900, skewed, stream)) }) },
  });
const of = <T>(value: T): Readonly<Record<string, T>> => ({ [NAME]: value });

/** The same requests: what both models make of an easy or a hard one, and noise of each model's own. */
const mirrored = (factor: number): WindowWorld => {
  const shadow = (stream: Stream): Partial<ArmWindow> => {
    const pairs = drawnPairs(
      300,
      (s) => {
        const request = 8 * s.next();
        return [request + 2 * s.next(), factor * (request + 2 * s.next())];
      },
      stream,
    );
    const comparison: ShadowComparison = {
      compared: 300,
      mismatches: 0,
      baselineSum: 0,
      candidateSum: 0,
      absoluteDifferenceSum: 0,
      baselineScores: NONE,
      candidateScores: NONE,
      slowerSumMs: 0,
      incomplete: 0,
      measures: of(pairs),
      pairMeasures: {},
    };
    return { shadow: comparison, arrivedMirrored: 300, mirrored: 300 };
  };
  return () => ({ candidate: { requests: 300, more: shadow }, baseline: { requests: 300 } });
};
const NONE = rowOf('candidate', 0).scores;

const count = (alarms: Alarms, name: string): number => alarms.get(name)!.length;

const median = (world: WindowWorld, weight: number): number => {
  const alarms = alarmsOf(watching(GUARDS.slice(0, 1), weight, LOOKS), world, 60, LOOKS, `means/power/${weight}`);
  const found = alarms.get('no margin')!.toSorted((a, b) => a - b);
  expect(found.length).toBeGreaterThanOrEqual(55);
  return found[30]!;
};

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

describe('under the null, at its edge, with a look every window', () => {
  const cases: readonly (readonly [string, number, (factor: number) => WindowWorld])[] = [
    ['on requests of their own', 25, apart],
    ['on the same requests', 0, mirrored],
  ];
  it.each(cases)('%s: the false-alarm rate is at most α', (name, weight, world) => {
    const edge = { 'no margin': 1, margin: 0.95 };
    for (const [i, [guard, factor]] of Object.entries(edge).entries()) {
      const policy = watching([GUARDS[i]!], weight, LOOKS);
      const found = count(alarmsOf(policy, world(factor), ROLLOUTS, LOOKS, `means/null/${name}/${guard}`), guard);
      expect(clopperPearsonUpper(found, ROLLOUTS), `${guard}: ${found} alarms`).toBeLessThan(ALPHA);
      // Between nothing and α: a guard that never fires would pass any such gate.
      expect(found, guard).toBeGreaterThan(0);
    }
  });

  it('inside the null, with a margin, nothing fires', () => {
    const policy = watching([GUARDS[1]!], 0, LOOKS);
    expect(count(alarmsOf(policy, mirrored(1), 200, LOOKS, 'means/inside'), 'margin')).toBe(0);
  });
});

describe('power', () => {
  it('a drop of 10 % is found within the hour, and far sooner on the same requests', () => {
    const [own, same] = [median(apart(0.9), 25), median(mirrored(0.9), 0)];
    expect(same).toBeLessThan(own / 2);
  });
});

describe('a test for one look, repeated (statistics §18.1)', () => {
  it('at 5 % both ways finds something in 14 % of the healthy rollouts at 5 looks and in 37 % at 100', () => {
    const guard = telling({
      name: 'naive',
      metric: { kind: 'outcome-ratio' },
      bound: { kind: 'relative', to: 'baseline', direction: 'either', by: 0 },
      test: { method: 'repeated-z', alpha: 0.05 },
      minPositives: 50,
    });
    const runs = 800;
    const arm = { requests: 2000, outcomes: binomialCounts(2000, 0.3) };
    const world: WindowWorld = () => ({ candidate: arm, baseline: arm });
    const firsts = alarmsOf(watching([guard], 50, 100), world, runs, 100, 'means/peeking').get('naive')!;
    // Equally spaced looks: k of them are the first k of a longer series.
    const exact = peeking(100, normalUpperQuantile(0.025));
    for (const looks of [1, 2, 5, 10, 20, 50, 100]) {
      const expected = exact[looks - 1]!;
      const rate = firsts.filter((first) => first <= looks).length / runs;
      within(rate, expected, 0, 4 * Math.sqrt((expected * (1 - expected)) / runs));
    }
    expect(clopperPearsonLower(firsts.length, runs, 0.999)).toBeGreaterThan(0.3);
  });
});

it('sums that are drawn at once scatter as those that are drawn value by value', () => {
  const moments = lognormalMoments(21, 0.5);
  const stream = new Stream('means/moments');
  const draws = Array.from({ length: 4000 }, () => manyMoments(2000, moments, stream));
  const [m1, m2, , m4] = moments;
  const variance = (values: readonly number[]): number => mean(values.map((x) => (x - mean(values)) ** 2));
  const [sums, squares] = [draws.map(({ sum }) => sum), draws.map(({ squares: each }) => each)];
  within(mean(sums), 2000 * m1, 0.001);
  within(variance(sums), 2000 * (m2 - m1 * m1), 0.1);
  within(mean(squares), 2000 * m2, 0.002);
  within(variance(squares), 2000 * (m4 - m2 * m2), 0.1);
});
