/** Guards that compare distributions, window values and error budgets, through the real controller. */
import { describe, expect, it } from 'vitest';
import type { Test } from '../../../controller/guard-tests.ts';
import { cdfConstant, cdfRadius } from '../../../controller/guards/cdf-radius.ts';
import type { Guard } from '../../../controller/policy.ts';
import { within } from '../../statistics/within.ts';
import { guardOf, MINUTE, policyOf, stageOf } from '../support.ts';
import {
  full,
  BAND,
  QUANTILE,
  BURN,
  tested,
  drop,
  rise,
  oneStage,
  minutely,
  run,
  verdictsOf,
  scores,
  predicting,
  EVEN,
} from './tested.ts';

const shape = (direction: 'rise' | 'drop' | 'either', by = 0): Guard =>
  tested(BAND, { metric: { kind: 'distribution', of: 'score' }, bound: { ...drop(by, 'control'), direction } });

const TILTED = scores([20, 800], [40, 1000], [60, 1000], [80, 1200]);
const afterChange = (guard: Guard) => run(oneStage([guard], 20 * MINUTE), predicting(TILTED, EVEN)).state;

const median = (by: number): Guard =>
  tested(QUANTILE, {
    metric: { kind: 'score', quantile: 0.5 },
    bound: { ...rise(by, 'control'), direction: 'either' },
  });

const level = (bin: number) => scores([bin - 1, 1300], [bin, 1400], [bin + 1, 1300]);

describe('cdf-band and quantile-sequence', () => {
  it('finds a change of shape and its side; both arms share α', () => {
    expect(afterChange(shape('either')).verdict).toBe('rolled-back');
    expect(afterChange(shape('rise')).verdict).toBe('rolled-back');
    expect(afterChange(shape('drop')).verdict).toBe('paused');
    const { endedBy } = afterChange(shape('either'));
    within(endedBy!.value!, 0.05, 1e-12);
    // The interval is the distance ± the radii of both arms, each at α/2.
    const radius = 2 * cdfRadius(endedBy!.samples, cdfConstant(0.0005));
    within(endedBy!.test!.low!, 0.05 - radius, 1e-9);
    expect(endedBy!.because).toMatch(
      /^score distribution, different by 5 % ± \S+ % at every look, proven at α 0.1 %, bound 0 %/,
    );
  });

  it('within a margin it passes by evidence', () => {
    const r = run(oneStage([shape('either', 0.1)], 20 * MINUTE), predicting(EVEN, EVEN));
    expect(r.state.verdict).toBe('promoted');
    expect(run(oneStage([shape('either', 0.0001)], 5 * MINUTE), predicting(EVEN, EVEN)).state.verdict).toBe('paused');
  });

  it('a quantile that has moved beyond the bound is proven from the ends of both intervals', () => {
    const moved = run(oneStage([median(0.1)], 30 * MINUTE), predicting(level(60), level(50)));
    expect(moved.state.explanation).toMatch(
      /score median 0.605, 19.8 % above the control's 0.505 \(more than 10 %\), proven at α 0.1 % \(0.6 to 0.61 against 0.5 to 0.51 at every look\)/,
    );
    expect(moved.state.endedBy!.test!.low!).toBeGreaterThan(0.1);
    expect(run(oneStage([median(0.1)], 60 * MINUTE), predicting(level(51), level(50))).state.verdict).toBe('promoted');
    // 10 % of 0.5 is 0.05: bins 55 and 50 are about that far apart.
    expect(run(oneStage([median(0.1)], 30 * MINUTE), predicting(level(55), level(50))).state.verdict).toBe('paused');
  });
});

describe('burn-rate', () => {
  it('says how far back it looked: never farther than its long window, nor than there was anything', () => {
    const clean = tested(BURN);
    const seen = verdictsOf(
      run(
        oneStage([clean], 90 * MINUTE),
        minutely(() => ({ errors: 1 })),
      ),
    );
    expect(seen[9]!.because).toMatch(/ over the last 10m, n = 41,670$/);
    expect(seen[89]!.because).toMatch(/ over the last 1h, n = 250,020$/);
  });

  const guard = tested(BURN, { requiredToAdvance: false });
  const any = guardOf({ name: 'any', bound: { kind: 'absolute', breachWhen: '>', value: 0.5 } });
  /** Minutes from a step of the error ratio in per 100,000 until the guard breaches, the baseline having had `before`. */
  function pageAfter(before: number, after: number, onset: number, asked: Guard = guard): number | null {
    const requests = 100_000;
    const script = minutely(
      (at) => ({ requests, errors: at < onset ? before : after }),
      () => ({ requests, errors: before }),
    );
    const r = run(
      policyOf({ guards: [asked, any], stages: [stageOf('canary', 50, { holdMs: 180 * MINUTE }), full] }),
      script,
    );
    return r.state.verdict === 'rolled-back' ? r.state.decidedAtMs! / MINUTE - onset : null;
  }

  // W·(B·budget − e0)/(e1 − e0) minutes (statistics §12), and the guard looks once a minute.
  it.each([
    [0, 100_000, 0.864],
    [0, 5000, 17.28],
    [0, 2000, 43.2],
    [50, 2000, 42.7692308],
  ])('from %i to %i errors in 100,000: pages after the first look past %f minutes', (before, after, minutes) => {
    within((60 * (0.0144 - before / 1e5)) / (after / 1e5 - before / 1e5), minutes);
    expect(pageAfter(before, after, 70)).toBe(Math.max(1, Math.ceil(minutes)));
    // At the start of a stage the hour before it is filled from the baseline.
    expect(pageAfter(before, after, 0)).toBe(Math.max(1, Math.ceil(minutes)));
  });

  it('at 6 times over six hours and half an hour, 0.05 % becoming 2 %: pages after the first look past 101.5 minutes', () => {
    within((360 * (6 * 0.001 - 0.0005)) / (0.02 - 0.0005), 101.538462);
    const slow: Test = { method: 'burn-rate', factor: 6, longMs: 360 * MINUTE, shortMs: 30 * MINUTE };
    const asked = tested(slow, { requiredToAdvance: false });
    expect(pageAfter(50, 2000, 10, asked)).toBe(102);
    expect(pageAfter(50, 2000, 0, asked)).toBe(102);
  });

  it('never pages at 1.44 % or less, and stops burning when the short window is clean', () => {
    expect(pageAfter(0, 1440, 10)).toBeNull();
    const burst = minutely(
      (at) => ({ requests: 100_000, errors: at >= 1 && at <= 3 ? 45_000 : 0 }),
      () => ({ requests: 100_000 }),
    );
    const watching = { ...guard, action: 'alert' as const };
    const r = run(
      policyOf({ guards: [watching, any], stages: [stageOf('canary', 50, { holdMs: 20 * MINUTE }), full] }),
      burst,
    );
    expect(
      verdictsOf(r)
        .slice(0, 9)
        .map(({ verdict }) => verdict),
    ).toEqual(['pass', 'inconclusive', ...Array.from({ length: 6 }, () => 'breach'), 'inconclusive']);
  });
});

const errorsOf = (n: number) => (at: number) => ({ errors: n + (at % 5) });

const ranks: Test = { method: 'mann-whitney', alpha: 0.02, overMs: 20 * MINUTE, minWindows: 10 };
const shiftGuard = (by: number): Guard => tested(ranks, { bound: rise(by, 'control') });

const changing = (by: number) => ({ ...drop(by, 'control'), direction: 'either' }) as const;

const onScores = { kind: 'distribution', of: 'score' } as const;
const looks: readonly Test[] = [
  { method: 'psi', alpha: 0.001, overMs: 5 * MINUTE, bins: 4 },
  { method: 'ks', alpha: 0.001, overMs: 5 * MINUTE },
  { ...ranks, overMs: 5 * MINUTE },
];

describe('mann-whitney, psi and ks', () => {
  it.each(looks)('$method knows nothing of a distribution until both arms have their minimum', (test) => {
    const guard = tested(test, { metric: onScores, bound: changing(0.25), minSamples: 1000 });
    const r = run(oneStage([guard], 9 * MINUTE), predicting(EVEN, scores([20, 1], [80, 1])));
    expect(r.state.verdict).toBe('paused');
    expect(r.state.explanation).toContain('control: 10 of 1,000 samples');
  });

  it.each(looks)('$method knows nothing before its stretch is there, or when much of it is missing', (test) => {
    const guard = tested(test, { metric: onScores, bound: changing(0.25), action: 'alert' });
    const young = verdictsOf(run(oneStage([guard], 9 * MINUTE), predicting(EVEN, EVEN)));
    expect(young.map(({ verdict }) => verdict)).toEqual([
      ...Array.from({ length: 4 }, () => 'inconclusive'),
      ...Array.from({ length: 5 }, () => 'pass'),
    ]);
    expect(young[0]!.because).toBe('score distribution, 1m of the 5m it looks back, n = 4,000');
    expect(young[4]!.because).toMatch(/ over the last 5m, n = 20,000$/);
    const script = predicting(EVEN, EVEN);
    const holes: typeof script = (index, router) => (index === 2 || index === 3 ? null : script(index, router));
    const holed = verdictsOf(run(oneStage([guard], 9 * MINUTE), holes));
    expect(holed[4]).toMatchObject({ verdict: 'inconclusive' });
    expect(holed[4]!.because).toContain('3 of 5 windows have data, 80 % needed');
    expect(holed[8]!.verdict).toBe('pass');
  });

  it('mann-whitney asks for its minima over the stretch', () => {
    const few = minutely(
      (at) => ({ errors: 3 + (at % 2) }),
      () => ({ errors: 1 }),
    );
    const because = (changes: Partial<Guard>): string =>
      run(oneStage([{ ...shiftGuard(0.1), ...changes }], 20 * MINUTE), few).state.explanation;
    expect(because({})).toContain('rolled back');
    expect(because({ minSamples: 100_000 })).toContain('83,340 of 100,000 samples');
    expect(because({ minPositives: 50 })).toContain('control: 20 of 50 positives');
  });

  it('mann-whitney speaks of the bound as its ranks found it, not as the sums look beside it', () => {
    // Once in a while a window is full of errors: the sum is far above the control's, the typical window is not.
    const bursts = minutely(
      (at) => ({ errors: at % 7 === 0 ? 400 : 10 + (at % 3) }),
      (at) => ({ errors: 10 + (at % 3) }),
    );
    const r = run(oneStage([{ ...shiftGuard(0.5), action: 'alert' }], 20 * MINUTE), bursts);
    const last = verdictsOf(r).at(-1)!;
    expect(last.verdict).toBe('pass');
    expect(last.because).toMatch(/above the control's \S+ %, shifted by .* within the bound of/);
    expect(last.because).not.toMatch(/more than/);
  });

  it('compares window values, and a shift within the bound is no harm', () => {
    const r = run(oneStage([shiftGuard(0.1)], 20 * MINUTE), minutely(errorsOf(20), errorsOf(10)));
    expect(verdictsOf(r).map(({ verdict }) => verdict)).toEqual([
      ...Array.from({ length: 19 }, () => 'inconclusive'),
      'breach',
    ]);
    expect(verdictsOf(r)[18]!.because).toMatch(/, 19m of the 20m it looks back, n = [\d,]+$/);
    expect(r.state.endedBy!.because).toMatch(
      /shifted by \S+ % to \S+ % at α 2 % in 20 windows, beyond the bound of \S+ % over the last 20m/,
    );
    expect(run(oneStage([shiftGuard(2)], 20 * MINUTE), minutely(errorsOf(20), errorsOf(10))).state.verdict).toBe(
      'promoted',
    );
    const flat = run(
      oneStage([shiftGuard(0.1)], 20 * MINUTE),
      minutely(
        () => ({ errors: 7 }),
        () => ({ errors: 7 }),
      ),
    );
    expect(flat.state.explanation).toContain('σ = 0');
  });

  it('compares distributions by the chance that the candidate is the larger one', () => {
    const guard = tested(ranks, { metric: { kind: 'distribution', of: 'score' }, bound: rise(0.05, 'control') });
    const higher = scores([20, 500], [40, 1000], [60, 1000], [80, 1500]);
    const r = run(oneStage([guard], 20 * MINUTE), predicting(higher, EVEN));
    // P(larger) + ½ P(equal) of one value of each: 0.59375.
    within(r.state.endedBy!.value!, 0.59375, 1e-9);
    expect(run(oneStage([guard], 20 * MINUTE), predicting(EVEN, EVEN)).state.verdict).toBe('promoted');
  });

  it('psi and ks compare with what chance alone gives, and with the bound', () => {
    const metric = { kind: 'distribution', of: 'score' } as const;
    const moved = scores([20, 900], [40, 1000], [60, 1000], [80, 1100]);
    const tests: Test[] = [
      { method: 'psi', alpha: 0.001, overMs: 5 * MINUTE, bins: 4 },
      { method: 'ks', alpha: 0.001, overMs: 5 * MINUTE },
    ];
    for (const test of tests) {
      const guard = (by: number): Guard => tested(test, { metric, bound: changing(by), minSamples: 1000 });
      expect(run(oneStage([guard(0)], 9 * MINUTE), predicting(moved, EVEN)).state.verdict, test.method).toBe(
        'rolled-back',
      );
      expect(run(oneStage([guard(0.25)], 9 * MINUTE), predicting(moved, EVEN)).state.verdict).toBe('promoted');
      expect(run(oneStage([guard(0)], 9 * MINUTE), predicting(EVEN, EVEN)).state.verdict).toBe('promoted');
      const few = run(oneStage([guard(0)], 9 * MINUTE), predicting(scores([20, 100]), scores([80, 100])));
      expect(verdictsOf(few)[4]!.because).toContain('500 of 1,000 samples over the last 5m, n = 500');
    }
  });
});
