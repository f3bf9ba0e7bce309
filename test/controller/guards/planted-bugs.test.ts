/** Negative controls (statistics §19.7): each planted bug turns its gate red, and the real thing leaves it green. */
import { describe, expect, it } from 'vitest';
import type { Test } from '../../../controller/guard-tests.ts';
import { cdfConstant, cdfRadius } from '../../../controller/guards/cdf-radius.ts';
import { advanceStreak } from '../../../controller/guards/every.ts';
import { inflationOf, NO_SCATTER, type Scatter, scattered } from '../../../controller/guards/variance-inflation.ts';
import type { Guard } from '../../../controller/policy.ts';
import { NO_STREAK, type Streak } from '../../../controller/state.ts';
import { Stream } from '../../../sim/random.ts';
import { clopperPearson, clopperPearsonLower } from '../../../statistics/binomial.ts';
import { runProbability } from '../../../statistics/run-length.ts';
import { binomialCounts, clumpedCounts, type Counts } from '../../../tools/readings/draw.ts';
import { alarmsOf, MINUTE, telling, watching, type WindowWorld } from '../../../tools/readings/rollouts.ts';
import { trailingProbability } from '../oracles.ts';
import { alarmWithin, boundaries } from './alarm-oracle.ts';
import { minutely, oneStage, rise, run, tested, verdictsOf } from './tested.ts';

/** The gate against an exact probability: inside the 99.9 % interval of what was simulated. */
function agrees(hits: number, runs: number, exact: number): boolean {
  const [low, high] = clopperPearson(hits, runs, 0.999);
  return low <= exact && exact <= high;
}

/** The gate of anytime-valid guards: red when the rate is surely above α. */
const keeps = (alarms: number, runs: number, alpha: number): boolean =>
  clopperPearsonLower(alarms, runs, 0.999) <= alpha;

const times = (runs: number, happens: () => boolean): number =>
  Array.from({ length: runs }, happens).filter(Boolean).length;

/** Alarms of the real guard among `runs` rollouts of `looks` windows; `weight`: the candidate's share as its stage has it. */
const alarms = (guard: Guard, weight: number, world: WindowWorld, runs: number, looks: number, seed: string): number =>
  alarmsOf(watching([guard], weight, looks), world, runs, looks, `planted/${seed}`).get(guard.name)!.length;

const settings = { alpha: 0.01, passAlpha: 0.05, passBy: 'evidence', inflation: 1 } as const;
const errors = (bound: Guard['bound'], test: Test): Guard =>
  telling({ name: 'errors', metric: { kind: 'error-ratio' }, bound, test });

/** A window's errors come with its requests, or `lag` windows later. */
function lagging(counts: Counts, lag: 0 | 1): WindowWorld {
  let last = 0;
  return (at) => {
    if (at === 0) last = 0;
    const draw: Counts['draw'] = (stream) => {
      const [before, now] = [last, counts.draw(stream)];
      last = now;
      return lag === 0 ? now : before;
    };
    return { candidate: { requests: 500, errors: { n: 500, draw } }, baseline: { requests: 500 } };
  };
}

/** 300 errors a window, of which the candidate has a twentieth, as of all requests; `told`: the share of them that telemetry tells. */
function sharing(told: number): WindowWorld {
  const counts = binomialCounts(300, 0.05);
  let own = 0;
  const candidate: Counts = { n: 300, draw: (stream) => (own = counts.draw(stream)) };
  const others: Counts = { n: 300, draw: () => 300 - own };
  const requests = 100_000;
  return () => ({
    candidate: { requests: requests * told, errors: candidate },
    baseline: { requests: requests * (1 - told), errors: others },
  });
}

const resetting = (streak: Streak, over: boolean | null): Streak =>
  over === null ? NO_STREAK : advanceStreak(streak, over, 1, Infinity);

const freezing = (streak: Streak, over: boolean | null): Streak => advanceStreak(streak, over, 1, Infinity);

/** A thousand scores of two values. */
const scores = (...counts: readonly number[]) => ({
  count: 1000,
  sum: 0,
  bins: Uint32Array.of(20, 80),
  counts: Uint32Array.from(counts),
});
/** A shift by 5 % of the scores, the same in every window. */
const shifted: WindowWorld = () => ({
  candidate: { requests: 1000, more: () => ({ scores: scores(450, 550) }) },
  baseline: { requests: 1000, more: () => ({ scores: scores(500, 500) }) },
});

/** The first look at which the bands of both arms, a thousand values a look each, are together narrower than a distance. */
function firstWithin(distance: number, alpha: number): number {
  let look = 1;
  while (2 * cdfRadius(1000 * look, cdfConstant(alpha / 2)) >= distance) look++;
  return look;
}

const clumped = (counts: Counts, stream: Stream) => () => ({ errors: counts.draw(stream) });

describe('planted bugs', () => {
  it('an e-process whose count forgets the last window', () => {
    const [n, p0, p, looks, runs] = [500, 0.01, 0.015, 12, 1500];
    const exact = alarmWithin('up', n, p, boundaries('up', n, p0, settings.alpha, looks)).reduce((a, b) => a + b, 0);
    const guard = errors(
      { kind: 'absolute', breachWhen: '>', value: p0 },
      { method: 'e-process', ...settings, lateOnset: false },
    );
    const found = (lag: 0 | 1): number =>
      alarms(guard, 50, lagging(binomialCounts(n, p), lag), runs, looks, `forgets/${lag}`);
    expect(agrees(found(0), runs, exact)).toBe(true);
    expect(agrees(found(1), runs, exact)).toBe(false);
  });

  it('a two-arm test that is told the wrong share', () => {
    const guard = errors(
      { kind: 'relative', to: 'baseline', direction: 'rise', by: 0 },
      { method: 'two-arm', ...settings },
    );
    const found = (told: number): number => alarms(guard, 100 * told, sharing(told), 400, 60, `share/${told}`);
    expect(keeps(found(0.05), 400, settings.alpha)).toBe(true);
    expect(keeps(found(0.045), 400, settings.alpha)).toBe(false);
  });

  it('a streak that a missing window resets', () => {
    const exact = runProbability(120, 15, 0.6, 0.2);
    const hits = (advance: typeof freezing): number => {
      const stream = new Stream('planted/streak');
      return times(3000, () => {
        let streak = NO_STREAK;
        for (let t = 0; t < 120; t++) {
          const u = stream.next();
          streak = advance(streak, u < 0.2 ? null : u < 0.8);
          if (streak.trip >= 15) return true;
        }
        return false;
      });
    };
    expect(agrees(hits(freezing), 3000, exact)).toBe(true);
    expect(agrees(hits(resetting), 3000, exact)).toBe(false);
  });

  it('≥ in place of >', () => {
    const [n, p, theta, looks, runs] = [100, 0.02, 0.05, 60, 500];
    const errorsOfN = binomialCounts(n, p);
    const world: WindowWorld = () => ({ candidate: { requests: n, errors: errorsOfN } });
    const found = (breachWhen: '>' | '>='): number => {
      const guard = telling({
        name: 'errors',
        metric: { kind: 'error-ratio' },
        bound: { kind: 'absolute', breachWhen, value: theta },
        sustained: { forMs: 2 * MINUTE, reading: 'pooled' },
      });
      return alarms(guard, 50, world, runs, looks, `edge/${breachWhen}`);
    };
    const exact = trailingProbability(n, p, 2, looks, (x) => x > 2 * n * theta);
    expect(exact).toBeCloseTo(0.126071998, 8);
    expect(agrees(found('>'), runs, exact)).toBe(true);
    expect(agrees(found('>='), runs, exact)).toBe(false);
  });

  it('a band that gives each arm all of α', () => {
    // What is the same in every window is proven at the first look at which both radii at α/2 are smaller.
    const looks = 60;
    const first = (alpha: number): number => {
      const guard = telling({
        name: 'band',
        metric: { kind: 'distribution', of: 'score' },
        bound: { kind: 'relative', to: 'baseline', direction: 'either', by: 0 },
        test: { method: 'cdf-band', ...settings, alpha },
      });
      return alarmsOf(watching([guard], 50, looks), shifted, 1, looks, 'planted/band').get('band')![0]!;
    };
    expect(first(0.01)).toBe(firstWithin(0.05, 0.01));
    // All of α for each arm is what a band at twice α gives.
    expect(first(0.02)).toBeLessThan(firstWithin(0.05, 0.01));
  });

  it('a variance inflation computed across arms', () => {
    const stream = new Stream('planted/inflation');
    const [own, other] = [clumpedCounts(4167, 0.1, 3), clumpedCounts(4167, 0.05, 3)];
    let [apart, together]: [Scatter, Scatter] = [NO_SCATTER, NO_SCATTER];
    for (let t = 0; t < 200; t++) {
      const count = { events: own.draw(stream), samples: 4167 };
      apart = scattered(apart, count);
      together = scattered(scattered(together, count), { events: other.draw(stream), samples: 4167 });
    }
    expect(inflationOf(apart, NO_SCATTER)).toBeGreaterThan(2);
    expect(inflationOf(apart, NO_SCATTER)).toBeLessThan(4.5);
    // What it is to find, the difference between the arms, is taken for noise.
    expect(inflationOf(together, NO_SCATTER)).toBeGreaterThan(15);

    // The guard divides by what each arm has of its own, although one has twice the errors of the other.
    const guard = tested(
      { method: 'two-arm', ...settings, inflation: 'measured' },
      { bound: rise(0, 'control'), action: 'alert' },
    );
    const said = verdictsOf(
      run(oneStage([guard], 60 * MINUTE), minutely(clumped(own, stream), clumped(other, stream))),
    ).at(-1)!;
    expect(said.verdict).toBe('breach');
    const divided = Number(/counts divided by ([\d.]+)/.exec(said.because)?.[1]);
    expect(divided).toBeGreaterThan(2);
    expect(divided).toBeLessThan(5);
  });
});
