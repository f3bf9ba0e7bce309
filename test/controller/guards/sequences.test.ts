/** The check values of statistics §9–§14: ratios, CDF bands, variance inflation, ranks, distribution shift. */
import { describe, expect, it } from 'vitest';
import { cdfConstant, cdfRadius, closedConstant } from '../../../controller/guards/cdf-radius.ts';
import { distanceP, stabilityIndex, stabilityQuantile } from '../../../controller/guards/divergence.ts';
import { logRatio, requestsToShow, sequenceRadius, tuning } from '../../../controller/guards/log-ratio.ts';
import { rankTest, shiftInterval, valuesOf } from '../../../controller/guards/rank-test.ts';
import { changeOf } from '../../../controller/guards/relative.ts';
import { scoreQuantile } from '../../../controller/guards/scores.ts';
import { distances, type Shape } from '../../../controller/guards/shape.ts';
import {
  inflationBound,
  inflationOf,
  NO_SCATTER,
  NO_STEPS,
  type Scatter,
  scattered,
  stepInflation,
  stepped,
  varianceInflation,
} from '../../../controller/guards/variance-inflation.ts';
import { Stream } from '../../../sim/random.ts';
import { ScoreRecorder } from '../../../telemetry/scores.ts';
import { clumpedCounts } from '../../../tools/readings/draw.ts';
import { normalTail } from '../../../statistics/normal.ts';
import { within } from '../../statistics/within.ts';
import { MINUTE } from '../support.ts';
import { drop, minutely, onClicks, oneStage, run, SEQUENCE, tested, verdictsOf } from './tested.ts';

const count = (events: number, samples: number) => ({ events, samples });

describe('the change of a ratio (statistics §9)', () => {
  it.each([
    ['two', 0.01, 1_250_010, 2_499_990, 0.05, 0.0308356694],
    ['two', 0.0179, 1_249_995, 2_499_990, 0.001, 0.0759089876],
    ['two', 0.02, 5000, 5000, 0.05, 0.0607041798],
    ['one', 0.01, 1_250_010, 2_499_990, 0.05, 0.0283967668],
    ['one', 0.0179, 1_249_995, 2_499_990, 0.001, 0.0727359975],
    ['one', 0.0127, 2_499_990, 2_499_990, 0.001, 0.051142226],
  ] as const)('%s-sided radius, se %f, N %i of %i, α %f', (sides, se, n, star, alpha, expected) =>
    within(sequenceRadius(sides, se, n, star, alpha), expected),
  );

  it.each([
    [2969, 62_505, 59_374, 1_187_490, -0.051280663, 0.0183525284, 0.0232941671],
    [3125, 62_505, 59_374, 1_187_490, -7.15756412e-5, 0.0178885873, 0.0726180468],
    [11_251, 250_020, 237_497, 4_749_960, -0.105347417, 0.00942769111, -0.0671756798],
  ])('%i of %i against %i of %i', (xc, nc, xk, nk, value, se, upper) => {
    const estimate = logRatio(count(xc, nc), count(xk, nk))!;
    within(estimate.value, value);
    within(estimate.standardError, se);
    within(estimate.value + sequenceRadius('one', estimate.standardError, nc + nk, 2_499_990, 0.001), upper);
  });

  it.each([
    [15, 2969, 59_374, 0.0232941671, 'inconclusive'],
    [15, 3125, 59_374, 0.0726180468, 'inconclusive'],
    [60, 11_251, 237_497, -0.0671756798, 'breach'],
  ])(
    'the guard after %i minutes, %i clicks against %i: at most %f, "not 2 % down" is %s',
    (minutes, own, other, upper, verdict) => {
      const guard = tested(SEQUENCE, { ...onClicks, bound: drop(0.02), action: 'alert' });
      const evenly = (total: number, impressions: number) => (at: number) => {
        const outcomes = Math.floor(((at + 1) * total) / minutes) - Math.floor((at * total) / minutes);
        return { impressions, outcomes };
      };
      const r = run(oneStage([guard], 60 * MINUTE), minutely(evenly(own, 4167), evenly(other, 79_166)));
      const said = verdictsOf(r)[minutes - 1]!;
      expect(said.verdict).toBe(verdict);
      within(Math.log1p(said.test!.high!), upper);
    },
  );

  it.each([
    [0.05, 0.02, 1, 1_779_434],
    [0.05, 0.02, 19, 936_544],
    [0.2, 0.02, 1, 374_618],
  ])('at a ratio of %f, showing "not worse than %f" with %f times as many in the other arm (§2.4)', (p, d, r, n) =>
    within(requestsToShow(p, d, 0.001, 0.1, r), n),
  );

  it('is unknown without an event in each arm', () => {
    expect(logRatio(count(0, 10), count(3, 10))).toBeNull();
    expect(logRatio(count(3, 10), count(0, 10))).toBeNull();
    expect(logRatio(count(0, 0), count(0, 0))).toBeNull();
  });

  it.each([
    [0.05, 62_505, 1_187_490, 0.0178878679],
    [0.05, 62_505, 62_505, 0.0246566698],
    [0.2, 125_010, 125_010, 0.00799968002],
    [0.02, 62_505, 1_187_490, 0.0287263083],
  ])('its standard error at %f of %i against %i (§5)', (p, n, m, se) =>
    within(logRatio(count(p * n, n), count(p * m, m))!.standardError, se),
  );

  // Johari and others: reject at |d|/√V ≥ √((V+τ)/τ (2 ln(1/α) − ln(V/(V+τ)))), V = se². The second route to the same radius.
  it.each([
    [1e-4, 4e-4, 0.05, 3.08238999],
    [1e-4, 1e-4, 0.001, 5.38677227],
    [3.2e-4, 1e-3, 0.05, 3.12718089],
  ])('is the mSPRT with V %f, τ %f, α %f', (v, tau, alpha, expected) => {
    const critical = (at: number): number =>
      Math.sqrt(((v + at) / at) * (2 * Math.log(1 / alpha) - Math.log(v / (v + at))));
    within(critical(tau), expected);
    const se = Math.sqrt(v);
    for (const n of [5000, 1_000_000]) {
      const star = 400_000;
      within(sequenceRadius('two', se, n, star, alpha) / se, critical(tuning(alpha, star) * n * v), 1e-9);
    }
  });
});

describe('distribution functions at every look (statistics §10)', () => {
  it.each([
    [0.05, 8.1227193, 8.3047706],
    [0.025, 8.6226493, 8.8592883],
    [0.01, 9.2835434, 9.5923209],
    [0.001, 10.943071, 11.434389],
  ])('the constant at α %f', (alpha, optimal, closed) => {
    within(cdfConstant(alpha), optimal);
    within(closedConstant(alpha), closed);
  });

  it.each([
    [833, 0.025, 0.0972488461],
    [4167, 0.025, 0.0438563755],
    [62_505, 0.025, 0.0114529364],
    [1_187_490, 0.025, 0.00265280197],
    [62_505, 0.001, 0.0126860369],
  ])('the radius of %i values at α %f', (n, alpha, radius) => within(cdfRadius(n, closedConstant(alpha)), radius));

  it('knows nothing from less than one value', () => expect(cdfRadius(0, 9)).toBe(1));
});

const scatterOf = (events: readonly number[], samples: readonly number[]): Scatter =>
  events.reduce((sum, x, t) => scattered(sum, count(x, samples[t] ?? samples[0]!)), NO_SCATTER);

const flat = (): number => 0.05;

describe('variance inflation (statistics §11)', () => {
  const cases = [
    [[20, 35, 12, 28, 41, 9, 25, 30, 17, 33], [500], 4.52865497, 12.2575975],
    [
      [210, 190, 260, 205, 150, 225, 240, 198],
      [4167, 4100, 4250, 4167, 4167, 4300, 4000, 4167],
      5.52812279,
      17.8544587,
    ],
    [[3, 5, 4, 6, 2, 5], [100], 0.542608696, 2.36848519],
  ] as const;
  it.each(cases)('windows %j', (events, samples, inflation, upper) => {
    const scatter = scatterOf(events, samples);
    within(varianceInflation(scatter)!, inflation);
    within(inflationBound(scatter)!, upper);
    // The definition, window by window.
    const n = events.map((_, t) => samples[t] ?? samples[0]);
    const p = events.reduce((a: number, b) => a + b, 0) / n.reduce((a: number, b) => a + b, 0);
    const terms = events.map((x, t) => (x - n[t]! * p) ** 2 / (n[t]! * p * (1 - p)));
    within(varianceInflation(scatter)!, terms.reduce((a, b) => a + b, 0) / (events.length - 1), 1e-9);
  });

  it('is never below 1, at least 12 while unknown, and the larger of windows and blocks', () => {
    const even = scatterOf(
      Array.from({ length: 40 }, () => 25),
      [500],
    );
    expect(inflationOf(even, NO_SCATTER)).toBe(1);
    expect(inflationOf(scatterOf([25, 25], [500]), NO_SCATTER)).toBe(12);
    expect(inflationOf(scatterOf([5, 125], [500]), NO_SCATTER)).toBeGreaterThan(12);
    expect(inflationOf(NO_SCATTER, NO_SCATTER)).toBe(12);
    expect(
      inflationOf(
        scatterOf(
          Array.from({ length: 40 }, () => 0),
          [500],
        ),
        NO_SCATTER,
      ),
    ).toBe(12);
    const clumped = scatterOf([200, 300, 200, 300, 200], [5000]);
    within(inflationOf(even, clumped), varianceInflation(clumped)!, 1e-12);
    expect(scattered(even, count(0, 0))).toBe(even);
  });

  it('of the arm under test it is taken from steps: independent counts give 1, clumps their factor, a change of level one step', () => {
    const stepsOf = (vif: number, level: (t: number) => number): number => {
      const stream = new Stream(`inflation/steps/${vif}`);
      const tables = new Map([0.05, 0.1].map((p) => [p, clumpedCounts(4167, p, vif)]));
      const counts = Array.from({ length: 400 }, (_, t) => count(tables.get(level(t))!.draw(stream), 4167));
      return stepInflation(counts.reduce(stepped, NO_STEPS));
    };
    within(stepsOf(1, flat), 1, 0.25);
    within(stepsOf(12, flat), 12, 0.25);
    within(
      stepsOf(12, (t) => (t < 200 ? 0.05 : 0.1)),
      12,
      0.3,
    );
    expect(stepInflation(NO_STEPS)).toBe(12);
    expect(stepInflation([count(5, 500), count(125, 500)].reduce(stepped, NO_STEPS))).toBeGreaterThan(12);
    expect(stepped(NO_STEPS, count(0, 0))).toEqual(NO_STEPS);
  });

  it('computed across arms it would take a difference for clumps', () => {
    const apart = [...Array.from({ length: 20 }, () => 200), ...Array.from({ length: 20 }, () => 300)];
    expect(varianceInflation(scatterOf(apart, [5000]))).toBeGreaterThan(10);
  });
});

describe('ranks (statistics §13)', () => {
  const rows = [
    [
      [51.2, 49.8, 53.1, 55.0, 50.7, 54.4, 52.9, 56.3, 51.9, 53.8],
      [48.9, 50.1, 47.6, 49.3, 51.0, 48.2, 50.6, 47.9, 49.7, 50.4],
      [95, 3.36388381, 0.000768538913, 3.5, 1.4, 5.7],
    ],
    [
      [0, 1, 2, 1, 0, 0],
      [0, 0, 0, 0, 0, 0],
      [27, 1.79195734, 0.0731397997, 0.5, 0, 2],
    ],
    [
      [100, 100, 100, 100, 100, 100, 100, 100, 1, 1],
      [1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
      [90, 3.51453826, 0.000440519213, 99, 99, 99],
    ],
  ] as const;
  it.each(rows)('%j against %j', (x, y, [u, z, p, estimate, low, high]) => {
    const test = rankTest(valuesOf(x), valuesOf(y));
    expect(test.u).toBe(u);
    within(test.z!, z);
    within(test.p!, p);
    const shift = shiftInterval(x, y, 0.98)!;
    within(shift.estimate, estimate, 1e-9);
    within(shift.low, low, 1e-9, 1e-12);
    within(shift.high, high, 1e-9);
    // Second route: U by its definition.
    const half = x.flatMap((a) => y.map((b) => (a > b ? 1 : a === b ? 0.5 : 0))).reduce((a: number, b) => a + b, 0);
    expect(half).toBe(u);
  });

  it('7 slow windows of 10 are not enough, 8 are', () => {
    const one = Array.from({ length: 10 }, () => 1);
    const slow = (n: number): number[] => one.map((each, i) => (i < n ? 100 : each));
    expect(shiftInterval(slow(7), one, 0.98)!.low).toBe(0);
    expect(shiftInterval(slow(8), one, 0.98)!.low).toBe(99);
  });

  it('equal values know nothing, and nothing is known from nothing', () => {
    expect(rankTest(valuesOf([1, 1]), valuesOf([1, 1]))).toMatchObject({ z: null, p: null, sigma: 0 });
    expect(shiftInterval([], [1], 0.98)).toBeNull();
  });
});

describe('distribution shift (statistics §14)', () => {
  const hundred = Array.from({ length: 10 }, () => 100);
  it.each([
    [[120, 95, 101, 88, 110, 97, 105, 92, 99, 93], hundred, 0.00784277411],
    [[50, 60, 70, 80, 90, 110, 120, 130, 140, 150], hundred, 0.116258085],
    [[0, 10, 20, 30, 40], [20, 20, 20, 20, 20], 0.961487779],
  ])('PSI of %j', (own, reference, expected) => within(stabilityIndex(own, reference), expected));

  it.each([
    [4167, 4167, 0.0133799687],
    [4167, 79_166, 0.00704211994],
    [833, 833, 0.0669319685],
  ])('what PSI exceeds by chance at %i and %i scores', (n, m, expected) =>
    within(stabilityQuantile(0.001, 10, n, m), expected),
  );

  it.each([
    [Math.log(1.1), 0.00870937647, 0.0380088736],
    [0.25, 0.0598155818, 0.0994764497],
    [0.5, 0.237749205, 0.197412651],
  ])('a normal shifted by %f: PSI of exact probabilities, and KS', (delta, psi, distance) => {
    const deciles = [
      -1.2815515655, -0.8416212336, -0.5244005127, -0.2533471031, 0, 0.2533471031, 0.5244005127, 0.8416212336,
      1.2815515655,
    ];
    const cdf = [0, ...deciles.map((x) => 1 - normalTail(x - delta)), 1];
    // Many values, so that the half that is added to every bin is nothing.
    const own = cdf.slice(1).map((each, i) => (each - cdf[i]!) * 1e12);
    within(
      stabilityIndex(
        own,
        own.map(() => 1e11),
      ),
      psi,
    );
    // The distribution functions are farthest apart at half the shift, where a bin of these ends.
    const bins = Array.from({ length: 2000 }, (_, i) => i);
    const normal = (shift: number): Shape => {
      const up = (i: number): number => normalTail(delta / 2 + (i - 1000) / 100 - shift);
      return { counts: { at: bins, counts: bins.map((i) => up(i) - up(i + 1)) }, n: 1, low: Number, high: Number };
    };
    within(distances(normal(delta), normal(0)).above, distance);
  });

  it.each([
    [0.05, 4167, 5.98090949e-5],
    [0.02, 62_505, 2.77203915e-11],
    [0.1, 833, 0.00048234409],
  ])('KS distance %f of %i values each', (distance, n, p) => within(distanceP(distance, n, n), p));

  it.each([
    [[0.31, 0.52, 0.44, 0.61, 0.29, 0.48], [0.3, 0.41, 0.36, 0.55, 0.27, 0.43], 0.222222222],
    [[1, 1.2, 1.1, 1.4, 1.3], [1, 1.1, 0.9, 1.2, 1], 0.2],
    [[3, 1, 4, 1, 5, 9, 2, 6], [2, 7, 1, 8, 2, 8], 0.5],
  ])('the median of %j against that of %j', (x, y, shift) => {
    const grid = { low: 0, high: 10, bins: 1_000_000 };
    const medianOf = (values: readonly number[]): number | null => {
      const recorder = new ScoreRecorder(grid);
      for (const value of values) recorder.record(value);
      const { bins, counts } = recorder.close();
      return scoreQuantile({ at: [...bins], counts: [...counts] }, 0.5, grid);
    };
    // A median is known to the width of a bin, 1e-5.
    within(changeOf(medianOf(x), medianOf(y))!, shift, 0, 1e-4);
  });
});
