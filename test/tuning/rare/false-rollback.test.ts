import { describe, expect, test } from 'vitest';
import * as fc from 'fast-check';
import type { Policy, SustainedGuard } from '../../../controller/policy.ts';
import { Stream } from '../../../sim/random.ts';
import { hypergeometricAt } from '../../../statistics/hypergeometric.ts';
import { runProbability, runProbabilityOf } from '../../../statistics/run-length.ts';
import type { Channel } from '../../../tuning/fast/channel.ts';
import type { Grid } from '../../../tuning/fast/grid.ts';
import { FastGuard } from '../../../tuning/fast/guard.ts';
import { BLOCK } from '../../../tuning/rare/block-runs.ts';
import { falseRollbackRate } from '../../../tuning/rare/false-rollback.ts';
import { randomPolicy } from '../random-policy.ts';
import { dropProbability } from './exact-looks.ts';

const MINUTES = 120;
const EVERY_MS = 60_000;
const REQUESTS = 1000;

/** One stage of two hours; errors of more than 1 % for so many minutes one after the other. */
function policyOf(minutes: number): Policy {
  const [any] = fc.sample(randomPolicy, { numRuns: 1, seed: 1 });
  const guard: SustainedGuard = {
    ...(any!.guards[0]! as SustainedGuard),
    name: 'errors',
    metric: { kind: 'error-ratio' },
    bound: { kind: 'absolute', breachWhen: '>', value: 0.01 },
    sustained: { forMs: minutes * EVERY_MS, reading: 'every' },
    action: 'roll-back',
    stages: null,
  };
  const stage = { ...any!.stages[2]!, holdMs: MINUTES * EVERY_MS, extendMs: 0 };
  return { ...any!, evaluateEveryMs: EVERY_MS, stages: [stage], guards: [guard] };
}

/** Sums up to each minute. */
function sums(of: (minute: number) => number): Float64Array {
  const prefix = new Float64Array(MINUTES + 1);
  for (let t = 0; t < MINUTES; t++) prefix[t + 1] = prefix[t]! + of(t);
  return prefix;
}

/** A recording whose minutes are over as `isOver` says. */
function gridOf(isOver: (minute: number) => boolean): Grid {
  const requests = sums(() => REQUESTS);
  const errors = sums((t) => (isOver(t) ? 50 : 1));
  return {
    evaluations: MINUTES,
    endMs: MINUTES * EVERY_MS,
    trafficEnded: false,
    incompatible: false,
    prefix: ({ counter }: Channel) => (counter === 'errors' ? errors : requests),
    quantiles: () => {
      throw new Error('got a question about quantiles, expected none');
    },
  };
}

const rateOf = (policy: Policy, grids: readonly Grid[], events: number) =>
  falseRollbackRate('scenario', policy, grids, events);

describe('a cause that strikes one rollout of fifty, from minute 40 to its end', () => {
  const policy = policyOf(15);
  const bad = gridOf((t) => t >= 40);
  const good = gridOf(() => false);

  test('is not seen in four recordings that it spared: the bound says what it assumes, and what counting alone says', () => {
    const rate = rateOf(policy, [good, good, good, good], 0);
    expect(rate).toMatchObject({ estimator: 'guard by guard', assumes: ['independent minutes'] });
    expect(rate.high).toBeLessThan(1e-3);
    // 1 − 0.025^(1/4).
    expect(rate.counted.low).toBe(0);
    expect(rate.counted.high).toBeCloseTo(0.602364638, 8);
  });

  test('is seen in sixty with one of its rollouts: minutes are not independent, and the rate is counted', () => {
    const rate = rateOf(policy, [...Array.from({ length: 59 }, () => good), bad], 1);
    expect(rate).toMatchObject({ estimator: 'counted', assumes: [], ratio: 1 / 60 });
    expect(rate.low).toBeLessThan(0.02);
    expect(rate.high).toBeGreaterThan(0.02);
    expect(rate.guards).toMatchObject([{ guard: 'errors', estimator: 'counted', assumes: null, events: 1 }]);
  });
});

test('intervals of independent blocks hold the exact rate in at least 95 of 100 sets of recordings, fired or not', () => {
  const random = new Stream('false rollbacks');
  const policy = policyOf(6);
  // Runs of three blocks of two minutes.
  const exact = runProbabilityOf(
    Array.from({ length: MINUTES / BLOCK }, () => 0.06),
    3,
  );
  let covered = 0;
  for (let i = 0; i < 100; i++) {
    let events = 0;
    const grids = Array.from({ length: 8 }, () => {
      const blocks = Array.from({ length: MINUTES / BLOCK }, () => random.next() < 0.06);
      if (blocks.some((over, b) => over && blocks[b + 1] === true && blocks[b + 2] === true)) events++;
      return gridOf((t) => blocks[Math.floor(t / BLOCK)]!);
    });
    const { low, high } = rateOf(policy, grids, events);
    if (low <= exact && exact <= high) covered++;
  }
  expect(covered).toBeGreaterThanOrEqual(95);
});

describe('a guard on outcomes beside the other arm, some windows over one after the other', () => {
  const LOOKS = { kind: 'relative', to: 'baseline', direction: 'drop', by: 0.02 } as const;
  const [policy, own, other, p] = [policyOf(3), 2000, 2000, 0.05];
  const drops: Policy = {
    ...policy,
    guards: policy.guards.map((guard) => ({ ...guard, metric: { kind: 'outcome-ratio' }, bound: LOOKS })),
  };
  const binomial = (n: number, random: Stream): number =>
    hypergeometricAt(random.next(), { population: 2e9, marked: 2e9 * p, drawn: n });
  const recordingOf = (scale: number, random: Stream): Grid => {
    const counts = new Map(
      Object.entries({
        'candidate/impressions': sums(() => own / scale),
        'candidate/outcomes': sums(() => binomial(own / scale, random)),
        'baseline/impressions': sums(() => other / scale),
        'baseline/outcomes': sums(() => binomial(other / scale, random)),
      }),
    );
    const nothing = sums(() => 0);
    return {
      ...gridOf(() => false),
      prefix: ({ arm, counter }: Channel) => counts.get(`${arm}/${counter as string}`) ?? nothing,
    };
  };
  const exact = runProbability(MINUTES, 3, dropProbability(own, other, p, 2));

  test('is told by splits what few recordings cannot count and blocks of minutes cannot tell', () => {
    const random = new Stream('every, split');
    const grids = Array.from({ length: 4 }, () => recordingOf(1, random));
    const fired = grids.filter((grid) => {
      const guard = new FastGuard(drops.guards[0] as SustainedGuard, drops);
      guard.begin();
      guard.ask(grid, 0, 0, MINUTES - 1);
      return guard.breachAt !== Infinity;
    }).length;
    const { guards } = rateOf(drops, grids, fired);
    expect(guards).toMatchObject([{ estimator: 'splits', assumes: 'independent requests' }]);
    expect(guards[0]!.low).toBeLessThan(exact);
    expect(guards[0]!.high).toBeGreaterThan(exact);
    expect(guards[0]!.high - guards[0]!.low).toBeLessThan(0.1);
  });

  test('is not split where a window has few events: the recording has decided then, not the deal', () => {
    const random = new Stream('every, not split');
    // Twenty events of either arm and window.
    const grids = Array.from({ length: 4 }, () => recordingOf(5, random));
    expect(rateOf(drops, grids, 2).guards[0]!.estimator).not.toBe('splits');
  });
});
