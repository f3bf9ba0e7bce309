/** Negative controls (statistics §19.7): each planted bug turns its gate red, and the real thing leaves it green. */
import { describe, expect, it } from 'vitest';
import { logArmEvidence } from '../../../controller/guards/arm-evidence.ts';
import { cdfConstant, cdfRadius } from '../../../controller/guards/cdf-radius.ts';
import { advanceStreak } from '../../../controller/guards/every.ts';
import { inflationOf, NO_SCATTER, type Scatter, scattered } from '../../../controller/guards/variance-inflation.ts';
import { NO_STREAK, type Streak } from '../../../controller/state.ts';
import { Stream } from '../../../sim/random.ts';
import { clopperPearson, clopperPearsonLower } from '../../../statistics/binomial.ts';
import { binomialCounts, clumpedCounts } from '../../../tools/readings/draw.ts';
import { runProbability, trailingProbability } from '../oracles.ts';
import { alarmWithin, boundaries } from './alarm-oracle.ts';

/** The gate against an exact probability: inside the 99.9 % interval of what was simulated. */
function agrees(hits: number, runs: number, exact: number): boolean {
  const [low, high] = clopperPearson(hits, runs, 0.999);
  return low <= exact && exact <= high;
}

/** The gate of anytime-valid guards: red when the rate is surely above α. */
const keeps = (alarms: number, runs: number, alpha: number): boolean =>
  clopperPearsonLower(alarms, runs, 0.999) <= alpha;

const times = (runs: number, happens: (run: number) => boolean): number =>
  Array.from({ length: runs }, (_, run) => happens(run)).filter(Boolean).length;

const withShare = (rho: number): number => {
  const stream = new Stream('planted/share');
  const counts = binomialCounts(300, 0.05);
  return times(400, () => {
    let [x, y] = [0, 0];
    for (let look = 0; look < 60; look++) {
      const own = counts.draw(stream);
      x += own;
      y += 300 - own;
      if (logArmEvidence('up', x, y, rho) >= Math.log(100)) return true;
    }
    return false;
  });
};

const resetting = (streak: Streak, over: boolean | null): Streak =>
  over === null ? NO_STREAK : advanceStreak(streak, over, 1, Infinity);

const freezing = (streak: Streak, over: boolean | null): Streak => advanceStreak(streak, over, 1, Infinity);

describe('planted bugs', () => {
  it('an e-process whose count forgets the last window', () => {
    const bounds = boundaries('up', 4167, 0.001, 0.001, 120);
    const exact = alarmWithin('up', 4167, 0.0012, bounds).reduce((sum, each) => sum + each, 0);
    const counts = binomialCounts(4167, 0.0012);
    const alarms = (forgets: boolean): number => {
      const stream = new Stream('planted/forgets');
      return times(4000, () => {
        let sum = 0;
        let alarm = false;
        for (const bound of bounds) {
          const x = counts.draw(stream);
          alarm ||= (forgets ? sum : sum + x) >= (bound ?? Infinity);
          sum += x;
        }
        return alarm;
      });
    };
    expect(agrees(alarms(false), 4000, exact)).toBe(true);
    expect(agrees(alarms(true), 4000, exact)).toBe(false);
  });

  it('a two-arm test that is told the wrong share', () => {
    expect(keeps(withShare(0.05), 400, 0.01)).toBe(true);
    expect(keeps(withShare(0.045), 400, 0.01)).toBe(false);
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
    const published = 0.126071998;
    expect(trailingProbability(100, 0.02, 2, 60, (x) => x > 10)).toBeCloseTo(published, 8);
    expect(trailingProbability(100, 0.02, 2, 60, (x) => x >= 10)).toBeGreaterThan(2 * published);
  });

  it('a band that gives each arm all of α', () => {
    expect(cdfRadius(62_505, cdfConstant(0.05))).toBeLessThan(0.98 * cdfRadius(62_505, cdfConstant(0.025)));
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
  });
});
