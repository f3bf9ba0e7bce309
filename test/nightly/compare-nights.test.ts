/** Tonight against the nights before: what is called a regression, what is not, and how often wrongly. */
import { describe, expect, test } from 'vitest';
import { compareNights, type Comparison, type FigureComparison } from '../../nightly/compare-nights.ts';
import type { Night, NightRun } from '../../nightly/night.ts';
import { resultOf } from '../../nightly/result.ts';
import { sentenceOf } from '../../reports/nightly/words.ts';
import { clopperPearsonLower } from '../../statistics/binomial.ts';
import { HOST, night, Normal, run } from './nights.ts';

const RULES = { alpha: 0.05, tolerances: {} };
const SEEDS = [1, 2, 3, 4, 5];
const P99 = 'candidate-latency-p99';

/** A night whose candidate has this p99 with each seed. */
const nightOf = (at: number, p99: (seed: number) => number): Night =>
  night(
    at,
    SEEDS.map((seed) => run(seed, { [P99]: p99(seed) })),
  );

const figureOf = ({ figures }: Comparison, name: string): FigureComparison =>
  figures.find(({ figure }) => figure === name)!;

const conclusion = (tonight: Night, history: readonly Night[]): string =>
  resultOf(tonight, compareNights(tonight, history, RULES)).conclusion;

const usual = (seed: number): number => 40 + seed;

const slow = (at: number, share: number): Night =>
  night(
    at,
    SEEDS.map((seed) => run(seed, { 'excess-slow': share + seed * 1e-6 })),
  );

const speeds = (at: number, perSecond: number, more: Partial<Night> = {}): Night =>
  night(
    at,
    SEEDS.map((seed) => run(seed, { speed: perSecond })),
    more,
  );

const ends = (at: number, ...list: readonly NightRun['end'][]): Night =>
  night(
    at,
    list.map((end, i) => run(i + 1, {}, { end, verdict: end === 'undecided' ? 'paused' : 'promoted' })),
  );

const by = (at: number, guard: string): Night => night(at, [run(1, {}, { verdict: 'rolled-back', guard })]);

const rollback = (at: number, ms: number): Night =>
  night(
    at,
    SEEDS.map((seed) => run(seed, { 'rollback-time': ms === 0 ? 0 : ms + seed })),
  );

const afterSlow = (share: number): string =>
  figureOf(compareNights(slow(2, share), [slow(1, 0)], RULES), 'excess-slow').status;

describe('in virtual time, seed by seed', () => {
  test('the same values are the same, with no interval around them', () => {
    const tonight = nightOf(3, usual);
    expect(figureOf(compareNights(tonight, [nightOf(1, usual), nightOf(2, usual)], RULES), P99)).toMatchObject({
      status: 'same',
      effect: 0,
      low: 0,
      high: 0,
      n: 5,
      scatter: 'seeds',
    });
  });

  test('the interval is Student’s over the seeds’ changes of logarithms', () => {
    const changes = [0.1, 0.12, 0.08, 0.11, 0.09];
    const tonight = nightOf(2, (seed) => usual(seed) * Math.exp(changes[seed - 1]!));
    const { effect, low, high, status } = figureOf(compareNights(tonight, [nightOf(1, usual)], RULES), P99);
    // d̄ = 0.1, s = 0.0158114, s/√5 = 0.00707107, t₄ at 2.5 % = 2.776445.
    expect(Math.log1p(effect)).toBeCloseTo(0.1, 10);
    expect(Math.log1p(low!)).toBeCloseTo(0.1 - 2.776445 * 0.00707107, 6);
    expect(Math.log1p(high!)).toBeCloseTo(0.1 + 2.776445 * 0.00707107, 6);
    expect(status).toBe('worse');
    expect(conclusion(tonight, [nightOf(1, usual)])).toBe('regressed');
  });

  test('a change inside the tolerance is within it, one for the better is no regression, one that scatters is unclear', () => {
    const history = [nightOf(1, usual)];
    const after = (change: (seed: number) => number): string =>
      figureOf(
        compareNights(
          nightOf(2, (seed) => usual(seed) * change(seed)),
          history,
          RULES,
        ),
        P99,
      ).status;
    expect(after((seed) => 1.01 + seed / 1e4)).toBe('within');
    expect(after((seed) => 0.8 + seed / 1e4)).toBe('better');
    expect(after((seed) => (seed % 2 === 0 ? 0.8 : 1.3))).toBe('unclear');
    expect(
      conclusion(
        nightOf(2, (seed) => usual(seed) * (0.8 + seed / 1e4)),
        history,
      ),
    ).toBe('held');
  });

  test('tonight is held against the median of the past, so a slow drift and one odd night are both seen', () => {
    const drift = Array.from({ length: 9 }, (_, i) => nightOf(i, (seed) => usual(seed) * 1.015 ** i));
    // 1.5 % a night is never 5 % beyond the night before; 9 nights against the fifth are 7.7 %.
    expect(
      conclusion(
        nightOf(9, (seed) => usual(seed) * 1.015 ** 9 * (1 + seed / 1e4)),
        drift,
      ),
    ).toBe('regressed');
    const odd = [0, 1, 2, 3].map((at) => nightOf(at, (seed) => usual(seed) * (at === 3 ? 2 : 1)));
    expect(figureOf(compareNights(nightOf(4, usual), odd, RULES), P99).status).toBe('same');
  });

  test('one seed has no interval', () => {
    const one = (at: number, p99: number): Night => night(at, [run(1, { [P99]: p99 })]);
    const { status, low } = figureOf(compareNights(one(2, 60), [one(1, 40)], RULES), P99);
    expect([status, low]).toEqual(['too few', null]);
  });

  test('what a seed did not have is no zero: such seeds are left out', () => {
    const tonight = night(
      2,
      SEEDS.map((seed) => run(seed, { 'detection-delay': seed === 1 ? null : 1000 })),
    );
    const before = night(
      1,
      SEEDS.map((seed) => run(seed, { 'detection-delay': 1000 })),
    );
    expect(figureOf(compareNights(tonight, [before], RULES), 'detection-delay')).toMatchObject({
      n: 4,
      status: 'same',
      tonight: expect.closeTo(1000, 6) as number,
    });
  });

  test('what is shown of before and tonight is what the effect says', () => {
    const tonight = nightOf(2, (seed) => usual(seed) * (1 + seed / 10));
    const figure = figureOf(compareNights(tonight, [nightOf(1, usual)], RULES), P99);
    expect(figure.tonight / figure.before - 1).toBeCloseTo(figure.effect, 10);
    expect(figure.past).toEqual([figure.before]);
  });

  test('a time that was nothing at all and is long now is worse, not left out', () => {
    expect(figureOf(compareNights(rollback(2, 60_000), [rollback(1, 0)], RULES), 'rollback-time').status).toBe('worse');
    expect(figureOf(compareNights(rollback(2, 0), [rollback(1, 0)], RULES), 'rollback-time').status).toBe('same');
  });

  test('an interval too long for numbers still has ends', () => {
    const two = (at: number, p99: readonly number[]): Night =>
      night(
        at,
        p99.map((value, i) => run(i + 1, { [P99]: value })),
      );
    const strict = { ...RULES, alpha: 0.0001 };
    const { high, status } = figureOf(compareNights(two(2, [1, 500]), [two(1, [1, 1])], strict), P99);
    expect([Number.isFinite(high), status]).toEqual([true, 'unclear']);
  });

  test('a figure that cannot be had any more is told, unless another verdict explains it', () => {
    const had = night(
      1,
      SEEDS.map((seed) => run(seed, { 'candidate-fetch-p99': 9 })),
    );
    const lacks = night(2, [run(1, { 'candidate-fetch-p99': 9 }), run(2, {}), run(3, {}, { verdict: 'paused' })]);
    expect(compareNights(lacks, [had], RULES).missing).toEqual([
      {
        rehearsal: 'steady',
        figure: 'candidate-fetch-p99',
        title: 'feature fetch p99 of the candidate',
        seeds: [2],
      },
    ]);
  });

  test('differences of shares are tolerated in points', () => {
    expect(afterSlow(0.0005)).toBe('within');
    expect(afterSlow(0.002)).toBe('worse');
    expect(afterSlow(-0.002)).toBe('better');
  });

  test('another scenario or policy is another rehearsal: nothing is compared, and that is said', () => {
    const before = night(
      1,
      SEEDS.map((seed) => run(seed, { [P99]: 10 }, { key: 'another' })),
    );
    const comparison = compareNights(nightOf(2, usual), [before], RULES);
    expect(comparison.figures).toEqual([]);
    expect(comparison.verdicts[0]).toMatchObject({ nights: 0, isOther: true });
  });

  test('after an accepted night the ones before it do not count', () => {
    const accepted = { ...nightOf(2, (seed) => usual(seed) * 1.5), isAccepted: true };
    const history = [nightOf(0, usual), nightOf(1, usual), accepted];
    const tonight = nightOf(3, (seed) => usual(seed) * 1.5);
    expect(conclusion(tonight, history.slice(0, 2))).toBe('regressed');
    expect(figureOf(compareNights(tonight, history, RULES), P99).status).toBe('same');
    expect(compareNights({ ...tonight, isAccepted: true }, history.slice(0, 2), RULES)).toMatchObject({
      nights: 0,
      figures: [],
    });
  });
});

describe('by the clock on the wall, night by night', () => {
  test('the interval is that of one more night: the scatter of the nights, however alike the seeds of one are', () => {
    const logs = [0, 0.02, -0.02, 0.01, -0.01];
    const history = logs.map((log, at) => speeds(at, 1e6 * Math.exp(log)));
    const figure = figureOf(compareNights(speeds(5, 1e6 * Math.exp(-0.5)), history, RULES), 'speed');
    // s = 0.0158114, √(1 + 1/5) = 1.0954451, t₄ = 2.776445.
    expect(figure).toMatchObject({ scatter: 'nights', n: 5, status: 'worse' });
    expect(Math.log1p(figure.high!)).toBeCloseTo(-0.5 + 2.776445 * 0.0158114 * 1.0954451, 5);
  });

  test('faster is better, and a night as slow as nights are now and then is unclear, not worse', () => {
    const history = [1, 1.3, 0.8, 1.1, 0.9].map((factor, at) => speeds(at, 1e6 * factor));
    expect(figureOf(compareNights(speeds(5, 0.75e6), history, RULES), 'speed').status).toBe('unclear');
    expect(figureOf(compareNights(speeds(5, 20e6), history, RULES), 'speed').status).toBe('better');
  });

  test('it takes three nights, on the same machine', () => {
    const two = [speeds(0, 1e6), speeds(1, 1e6)];
    expect(figureOf(compareNights(speeds(5, 0.1e6), two, RULES), 'speed').status).toBe('too few');
    const elsewhere = { host: { ...HOST, cpu: 'another processor' } };
    const others = [0, 1, 2, 3].map((at) => speeds(at, 1e6, elsewhere));
    expect(compareNights(speeds(5, 0.1e6), others, RULES).figures).toEqual([]);
  });

  test('every figure of a live rehearsal is measured, and a live run that proves nothing is left out', () => {
    const live = (at: number, p99: number, more: Partial<NightRun> = {}): Night =>
      night(
        at,
        SEEDS.map((seed) => run(seed, { [P99]: p99 }, { isLive: true, ...more })),
      );
    const history = [live(0, 40), live(1, 44), live(2, 42), live(3, 400, { isInvalid: true })];
    const comparison = compareNights(live(4, 43), history, RULES);
    expect(figureOf(comparison, P99)).toMatchObject({ scatter: 'nights', n: 3, status: 'unclear' });
    const invalid = live(4, 43, { isInvalid: true });
    const compared = compareNights(invalid, history, RULES);
    expect(compared.figures).toEqual([]);
    expect(compared.verdicts[0]!.invalid).toEqual(SEEDS);
    const result = resultOf(invalid, compared);
    expect(result.conclusion).toBe('inconclusive');
    expect(sentenceOf(result)).toContain('5 prove nothing');
  });
});

describe('verdicts', () => {
  test('what ended worse than the last time is a regression: right before undecided before wrong', () => {
    const before = ends(1, 'right', 'right', 'undecided', 'wrong', 'right');
    const tonight = ends(2, 'wrong', 'undecided', 'wrong', 'right', 'right');
    const [verdicts] = compareNights(tonight, [before], RULES).verdicts;
    expect(verdicts).toMatchObject({ newlyWorse: [1, 2, 3], newlyBetter: [4], wrong: [1, 3], undecided: [2] });
    expect(conclusion(tonight, [before])).toBe('regressed');
  });

  test('what was wrong already is known, unless its scenario expects something else', () => {
    expect(conclusion(ends(2, 'wrong'), [ends(1, 'wrong')])).toBe('held');
    expect(conclusion(night(2, [run(1, {}, { end: 'wrong', isUnexpected: true })]), [ends(1, 'wrong')])).toBe(
      'regressed',
    );
    expect(conclusion(ends(1, 'wrong'), [])).toBe('held');
  });

  test('the last time is the last night that had this very rehearsal', () => {
    const other = night(2, [run(1, {}, { end: 'wrong', key: 'another' })]);
    expect(compareNights(ends(3, 'wrong'), [ends(1, 'right'), other], RULES).verdicts[0]!.newlyWorse).toEqual([1]);
  });

  test('a wrong ending stays a regression until it is the usual one, and what was mended stays mended', () => {
    const right = [1, 2, 3].map((at) => ends(at, 'right'));
    expect(conclusion(ends(5, 'wrong'), [...right, ends(4, 'wrong')])).toBe('regressed');
    const wrong = [1, 2, 3].map((at) => ends(at, 'wrong'));
    expect(conclusion(ends(5, 'wrong'), [...wrong, ends(4, 'right')])).toBe('regressed');
    expect(conclusion(ends(5, 'wrong'), [ends(0, 'right'), ...wrong])).toBe('held');
  });

  test('rehearsals that are new and such that are gone are told', () => {
    const other = night(2, [run(1, {}, { rehearsal: 'renamed' })]);
    const comparison = compareNights(other, [ends(1, 'right')], RULES);
    expect(comparison.gone).toEqual(['steady']);
    expect(comparison.verdicts[0]).toMatchObject({ isNew: true, isOther: false });
    expect(compareNights(ends(2, 'right'), [ends(1, 'right')], RULES)).toMatchObject({
      gone: [],
      verdicts: [{ isNew: false }],
    });
  });

  test('another guard that is as right is told, and is no regression', () => {
    const tonight = by(2, 'errors');
    expect(compareNights(tonight, [by(1, 'p95')], RULES).verdicts[0]).toMatchObject({ changed: [1], newlyWorse: [] });
    expect(conclusion(tonight, [by(1, 'p95')])).toBe('held');
  });
});

/** Nights whose figures all scatter, some seeds lacking some, and none of which got worse. */
function quietNights(name: string, nights: number): readonly Night[] {
  const normal = new Normal(name);
  const figures = ['baseline-latency-p50', 'baseline-latency-p99', P99, 'candidate-fetch-p99', 'speed'];
  return Array.from({ length: nights }, (_, at) => {
    const weather = 0.05 * normal.next();
    return night(
      at,
      SEEDS.map((seed) =>
        run(
          seed,
          Object.fromEntries(
            figures.map((figure) => [
              figure,
              normal.next() > 1.8 ? null : 100 * Math.exp(0.04 * normal.next() + (figure === 'speed' ? weather : 0)),
            ]),
          ),
        ),
      ),
    );
  });
}

test('of nights that scatter and got no worse, no more are called a regression than α allows, at no tolerance at all', () => {
  const names = ['baseline-latency-p50', 'baseline-latency-p99', P99, 'candidate-fetch-p99', 'speed'];
  const strict = { alpha: 0.2, tolerances: Object.fromEntries(names.map((name) => [name, 0])) };
  const tries = 2000;
  let [called, told] = [0, 0];
  for (let i = 0; i < tries; i++) {
    const nights = quietNights(`quiet/${i}`, 5);
    const comparison = compareNights(nights.at(-1)!, nights.slice(0, -1), strict);
    told += comparison.figures.length;
    if (comparison.figures.some(({ status }) => status === 'worse')) called += 1;
  }
  // Half of α is for the better. Medians of the past scatter less than one night, which the seeds' own scatter already holds.
  expect(clopperPearsonLower(called, tries, 0.999)).toBeLessThan(0.1);
  expect(called).toBeGreaterThan(tries * 0.03);
  expect(told).toBeGreaterThan(tries * 4.8);
});
