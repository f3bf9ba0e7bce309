import seedrandom from 'seedrandom';
import { describe, expect, it } from 'vitest';
import type { Evidence } from '../../../controller/guards/evidence.ts';
import { pooled } from '../../../controller/guards/pooled.ts';
import { compareRatio, rational } from '../../../controller/guards/rational.ts';
import type { SustainedGuard } from '../../../controller/policy.ts';
import type { Bucket } from '../../../controller/state.ts';
import { NO_TALLY } from '../../../controller/tally.ts';
import { within } from '../../statistics/within.ts';
import { tail, trailingProbability } from '../oracles.ts';
import { guardOf, headerOf, MINUTE, policyOf, stageOf } from '../support.ts';

const bucket = (index: number, requests: number, errors: number): Bucket => ({
  index,
  cells: { 'candidate/all': { ...NO_TALLY, requests, errors } },
});

/** Ten in a hundred of the candidate's requests fail, and one of the baseline's. */
const arms = (index: number, candidate: number, baseline: number): Bucket => ({
  index,
  cells: {
    'candidate/all': { ...NO_TALLY, requests: candidate, errors: candidate / 10 },
    'baseline/all': { ...NO_TALLY, requests: baseline, errors: baseline / 100 },
  },
});

function ask(
  guard: SustainedGuard,
  buckets: readonly Bucket[],
  index: number,
  firstOfStage = 0,
): ReturnType<typeof pooled> {
  const policy = policyOf({ guards: [guard] });
  const evidence: Evidence = {
    policy,
    stage: stageOf('canary', 10),
    header: headerOf(policy),
    buckets,
    index,
    firstOfStage,
  };
  return pooled(guard, evidence);
}

const over = (minutes: number, value: number, changes: Partial<SustainedGuard> = {}): SustainedGuard =>
  guardOf({
    bound: { kind: 'absolute', breachWhen: '>', value },
    sustained: { forMs: minutes * MINUTE, reading: 'pooled' },
    ...changes,
  });

/** Fewest errors of n requests at which the guard breaches. */
function fewestOver(n: number, theta: number): number {
  const guard = over(1, theta);
  let low = 0;
  let high = n;
  while (low < high) {
    const x = (low + high) >> 1;
    if (ask(guard, [bucket(0, n, x)], 0).verdict === 'breach') high = x;
    else low = x + 1;
  }
  return low;
}

const some = (count: number): Bucket[] => Array.from({ length: count }, (_, i) => bucket(4 - i, 9000, 0)).toReversed();

describe('a threshold on a trailing window (statistics §3)', () => {
  it.each([
    [4167, 0.0005, 0.001, 0.060454184],
    [4167, 0.0009, 0.001, 0.322488695],
    [4167, 0.0012, 0.001, 0.559682283],
    [4167, 0.002, 0.001, 0.918168558],
    [62_505, 0.0009, 0.001, 0.200402267],
    [20_835, 0.0005, 0.001, 0.0025424738],
    [4167, 0.045, 0.05, 0.0602542833],
  ])('n %i, p %f, θ %f: the guard fires with the exact probability', (n, p, theta, expected) => {
    expect(Math.abs(tail(n, p, fewestOver(n, theta)) / expected - 1)).toBeLessThan(1e-6);
  });

  it.each([
    [100, 0.02, 0.05, 2, 60, 0.126071998],
    [100, 0.02, 0.05, 3, 60, 0.0212110364],
    [200, 0.005, 0.015, 3, 120, 0.0962795596],
  ])('n %i, p %f, θ %f, W %i, T %i: first passage by exact states', (n, p, theta, W, T, expected) => {
    const breaks = (x: number): boolean => compareRatio(x, n * W, rational(theta)) > 0;
    expect(Math.abs(trailingProbability(n, p, W, T, breaks) / expected - 1)).toBeLessThan(1e-6);
  });

  it('first passage by simulation, the guard and all', () => {
    const runs = 3000;
    const random = seedrandom.alea('pooled');
    const guard = over(2, 0.05);
    let fired = 0;
    for (let run = 0; run < runs; run++) {
      let buckets: Bucket[] = [];
      for (let index = 0; index < 60; index++) {
        let x = 0;
        for (let i = 0; i < 100; i++) if (random() < 0.02) x++;
        buckets = [...buckets.slice(-1), bucket(index, 100, x)];
        if (ask(guard, buckets, index).verdict === 'breach') {
          fired++;
          break;
        }
      }
    }
    const exact = 0.126071998;
    expect(Math.abs(fired / runs - exact)).toBeLessThan(4 * Math.sqrt((exact * (1 - exact)) / runs));
  });

  // Windows of one request each: a ratio over the last k is how many of them failed, as in controllers that count failed checks.
  it.each([
    [120, 4, 5, 0.1, 0.0360972827],
    [120, 3, 5, 0.05, 0.0702526387],
    [60, 8, 10, 0.3, 0.0374758623],
  ])('%i checks, at least %i of the last %i failed, each with %f: exactly, and the guard', (n, m, k, p, expected) => {
    within(
      trailingProbability(1, p, k, n, (x) => x >= m),
      expected,
    );
    const guard = over(k, m / k, { bound: { kind: 'absolute', breachWhen: '>=', value: m / k } });
    const random = seedrandom.alea(`some/${m}/${k}`);
    const runs = 500;
    let fired = 0;
    for (let run = 0; run < runs; run++) {
      let buckets: Bucket[] = [];
      for (let index = 0; index < n; index++) {
        buckets = [...buckets.slice(1 - k), bucket(index, 1, random() < p ? 1 : 0)];
        if (ask(guard, buckets, index).verdict !== 'breach') continue;
        fired++;
        break;
      }
    }
    within(fired / runs, expected, 0, 4 * Math.sqrt((expected * (1 - expected)) / runs));
  });

  it('exactly the bound is under it for > and over it for >=', () => {
    expect(ask(over(1, 0.001), [bucket(0, 5000, 5)], 0).verdict).toBe('pass');
    expect(ask(over(1, 0.001), [bucket(0, 5000, 6)], 0).verdict).toBe('breach');
    const inclusive = over(1, 0.001, { bound: { kind: 'absolute', breachWhen: '>=', value: 0.001 } });
    expect(ask(inclusive, [bucket(0, 5000, 5)], 0).verdict).toBe('breach');
    expect(ask(inclusive, [bucket(0, 5000, 4)], 0).verdict).toBe('pass');
  });

  it('adds counts over the windows, the newest included, instead of averaging ratios', () => {
    const guard = over(2, 0.001);
    expect(ask(guard, [bucket(0, 9000, 0), bucket(1, 1000, 10)], 1).verdict).toBe('pass');
    expect(ask(guard, [bucket(0, 9000, 0), bucket(1, 1000, 11)], 1).verdict).toBe('breach');
  });

  it('does not exist before the stage is as old as it looks back', () => {
    const buckets = [bucket(5, 9000, 90), bucket(6, 9000, 90), bucket(7, 9000, 90)];
    expect(ask(over(3, 0.001), buckets, 7, 6)).toMatchObject({
      verdict: 'inconclusive',
      lacking: '2m of the 3m it looks back',
    });
    expect(ask(over(3, 0.001), buckets, 7, 5).verdict).toBe('breach');
  });

  it('carries over from the stage before when the policy says so', () => {
    const buckets = [bucket(5, 9000, 90), bucket(6, 9000, 90), bucket(7, 9000, 90)];
    expect(ask(over(3, 0.001, { carryOver: true }), buckets, 7, 7).verdict).toBe('breach');
  });

  it('is inconclusive below minSamples whatever the estimate', () => {
    const guard = over(1, 0.001, { minSamples: 5000 });
    expect(ask(guard, [bucket(0, 833, 800)], 0)).toMatchObject({
      verdict: 'inconclusive',
      lacking: '833 of 5,000 samples',
    });
    expect(ask(guard, [bucket(0, 5000, 0)], 0).verdict).toBe('pass');
  });

  it('is inconclusive without any data, and 0/0 is not 0', () => {
    expect(ask(over(1, 0.001, { minSamples: 0 }), [], 0)).toMatchObject({
      verdict: 'inconclusive',
      judgement: { value: null, samples: 0 },
    });
    expect(ask(over(1, 0.001), [bucket(0, 0, 0)], 0).verdict).toBe('inconclusive');
  });

  it('needs 80 % of its windows non-empty', () => {
    expect(ask(over(5, 0.001), some(4), 4).verdict).toBe('pass');
    expect(ask(over(5, 0.001), some(3), 4)).toMatchObject({
      verdict: 'inconclusive',
      lacking: '3 of 5 windows have data, 80 % needed',
    });
  });

  it('does not take arms that are there in turns, never together, for data of both', () => {
    const guard = over(2, 0.001, { bound: { kind: 'relative', to: 'baseline', direction: 'rise', by: 0.1 } });
    expect(ask(guard, [arms(0, 9000, 9000), arms(1, 9000, 9000)], 1).verdict).toBe('breach');
    expect(ask(guard, [arms(0, 9000, 0), arms(1, 0, 9000)], 1)).toMatchObject({
      verdict: 'inconclusive',
      lacking: '0 of 2 windows have data, 80 % needed',
    });
  });

  it('is inconclusive when the newest data is stale', () => {
    const buckets = Array.from({ length: 17 }, (_, index) => bucket(index, 9000, 0));
    expect(ask(over(15, 0.001), buckets, 18).verdict).toBe('pass');
    expect(ask(over(15, 0.001), buckets, 19)).toMatchObject({
      verdict: 'inconclusive',
      lacking: 'the newest data ended 3m ago',
    });
  });

  it('without a bound shows a value and claims nothing', () => {
    expect(ask(over(1, 0, { bound: null }), [bucket(0, 1000, 1)], 0)).toMatchObject({
      verdict: 'inconclusive',
      judgement: { value: 0.001 },
    });
  });
});
