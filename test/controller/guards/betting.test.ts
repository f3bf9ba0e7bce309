/** Bets on windows' shares (statistics §11, §18.4): clumps inside a window cost nothing but time. */
import { describe, expect, it } from 'vitest';
import type { Betting } from '../../../controller/guard-tests.ts';
import { logBets } from '../../../controller/guards/betting.ts';
import type { Guard } from '../../../controller/policy.ts';
import { clopperPearsonLower, clopperPearsonUpper } from '../../../statistics/binomial.ts';
import { Stream } from '../../../sim/random.ts';
import { clumpedCounts, type Counts } from '../../../tools/readings/draw.ts';
import { alarmsOf, telling, watching, type WindowWorld } from '../../../tools/readings/rollouts.ts';
import { within } from '../../statistics/within.ts';
import { MINUTE } from '../support.ts';
import { minutely, oneStage, run, tested, verdictsOf } from './tested.ts';

const bets = (alpha: number): Betting => ({
  method: 'betting',
  alpha,
  passAlpha: 0.05,
  passBy: 'evidence',
  inflation: 1,
});
const errors = (alpha: number): Guard =>
  telling({
    name: 'errors',
    metric: { kind: 'error-ratio' },
    bound: { kind: 'absolute', breachWhen: '>', value: 0.05 },
    test: bets(alpha),
  });

const counting: Guard = {
  ...errors(0.05),
  name: 'counting',
  test: { ...bets(0.05), method: 'e-process', lateOnset: false },
};

describe('bets', () => {
  it('are the mean of twelve products, whose stakes grow by the same factor from 0.02/p0 to 0.9/p0', () => {
    const stream = new Stream('bets');
    const shares = Array.from({ length: 20 }, () => 0.1 * stream.next());
    const p0 = 0.05;
    const stakes = Array.from({ length: 12 }, (_, i) => Math.exp(Math.log(0.02) + (i * Math.log(45)) / 11) / p0);
    within(stakes.at(-1)!, 0.9 / p0, 1e-12);
    const products = stakes.map((stake) => shares.reduce((product, f) => product * (1 + stake * (f - p0)), 1));
    within(logBets(shares, p0), Math.log(products.reduce((a, b) => a + b, 0) / 12), 1e-9);
  });

  it('win and lose nothing on average at the bound, and nothing at all before the first window', () => {
    within(logBets([], 0.05), 0, 0, 1e-12);
    const outcomes = [0.02, 0.08];
    const mean = (depth: number, shares: readonly number[]): number =>
      depth === 0
        ? Math.exp(logBets(shares, 0.05))
        : outcomes.reduce((sum, f) => sum + mean(depth - 1, [...shares, f]), 0) / outcomes.length;
    within(mean(6, []), 1, 1e-9);
  });
});

const failing = (share: number) => minutely(() => ({ errors: Math.round(4167 * share) }));
const guarded = (breachWhen: '>' | '<'): Guard =>
  tested(bets(0.001), { bound: { kind: 'absolute', breachWhen, value: 0.05 } });

describe('betting', () => {
  it('proves harm, and health by the opposite bets, on either side of a bound', () => {
    expect(run(oneStage([guarded('>')], 120 * MINUTE), failing(0.1)).state).toMatchObject({ verdict: 'rolled-back' });
    const healthy = run(oneStage([guarded('>')], 240 * MINUTE), failing(0.005));
    expect(healthy.state.verdict).toBe('promoted');
    expect(verdictsOf(healthy).at(-1)!.because).toContain('proven at α 5 %');
    expect(run(oneStage([guarded('<')], 300 * MINUTE), failing(0.005)).state.verdict).toBe('rolled-back');
    expect(run(oneStage([guarded('<')], 120 * MINUTE), failing(0.1)).state.verdict).toBe('promoted');
  });
});

const world = (p: number, vif: number): WindowWorld => {
  const counts = clumpedCounts(4167, p, vif);
  return () => ({ candidate: { requests: 4167, errors: counts }, baseline: { requests: 4167 } });
};

describe('windows that are bad as a whole or not at all', () => {
  it('alarm by chance as seldom as α says, where counting requests alarms all the time', () => {
    // Every tenth window half of the requests fail together: 5 % on average, and a variance inflation of two thousand.
    const clump: Counts = { n: 4167, draw: (stream) => (stream.next() < 0.1 ? 2083 : 0) };
    const guards = [errors(0.05), counting];
    const of: WindowWorld = () => ({ candidate: { requests: 4167, errors: clump } });
    const found = alarmsOf(watching(guards, 50, 120), of, 400, 120, 'betting/whole');
    const [betting, counted] = [found.get('errors')!.length, found.get('counting')!.length];
    expect(clopperPearsonUpper(betting, 400), `${betting} alarms`).toBeLessThan(0.05);
    // A guard that never fires would pass any such gate.
    expect(betting).toBeGreaterThan(0);
    expect(counted).toBeGreaterThan(350);
  });
});

describe('in clumps of twelve, with a look every window', () => {
  it('at the bound the false-alarm rate is at most α', () => {
    const [rollouts, alpha] = [400, 0.05];
    const found = alarmsOf(watching([errors(alpha)], 50, 60), world(0.05, 12), rollouts, 60, 'betting/null');
    const alarms = found.get('errors')!.length;
    expect(clopperPearsonUpper(alarms, rollouts), `${alarms} alarms`).toBeLessThan(alpha);
    expect(clopperPearsonLower(alarms, rollouts, 0.999)).toBeLessThan(alpha);
  });

  // Medians of statistics §18.4 at α 0.1 %.
  it.each([
    [0.06, 64, 6],
    [0.1, 15, 1],
  ])('a share of %f is found, in the median after %i windows', (p, median, tolerance) => {
    const rollouts = 100;
    const found = alarmsOf(watching([errors(0.001)], 50, 120), world(p, 12), rollouts, 120, `betting/${p}`);
    const delays = found.get('errors')!.toSorted((a, b) => a - b);
    expect(delays.length).toBeGreaterThanOrEqual(97);
    expect(Math.abs(delays[rollouts / 2]! - median)).toBeLessThanOrEqual(tolerance);
  });
});
