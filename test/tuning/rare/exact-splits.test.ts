/** Re-randomised splits against probabilities that are exactly known: of what is dealt from one recording, and of rollouts that nobody has dealt. */
import * as fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Guard, SustainedGuard } from '../../../controller/policy.ts';
import { Stream } from '../../../sim/random.ts';
import { hypergeometricAt } from '../../../statistics/hypergeometric.ts';
import { runProbability, runProbabilityOf } from '../../../statistics/run-length.ts';
import { histogramsReady } from '../../../telemetry/histogram.ts';
import { RecordedGrid } from '../../../tuning/fast/grid.ts';
import { FastGuard } from '../../../tuning/fast/guard.ts';
import {
  armsOf,
  isOverIn,
  mayBeSplit,
  type SplitRecording,
  splitRate,
  type TwoArms,
} from '../../../tuning/rare/aa-splits.ts';
import { pooledOf, type RunGuard } from '../../../tuning/rare/pooled-progress.ts';
import { spansOf } from '../../../tuning/rare/spans.ts';
import { EVERY_MS, randomPolicy } from '../random-policy.ts';
import { recipe, recordingOf } from '../synthetic.ts';
import { dealtArms, dropProbability, everOver, independentArms, overIn } from './exact-looks.ts';

interface Looks {
  readonly reading: 'pooled' | 'every';
  /** Of the trailing sum, or over one after the other. */
  readonly windows: number;
  readonly direction: 'rise' | 'drop';
  readonly percent: number;
}

/** The guard as a policy has it, so that its own bound is what is put to the test. */
function guardOf({ reading, windows, direction, percent }: Looks): RunGuard {
  const [any] = fc.sample(randomPolicy, { numRuns: 1, seed: 1 });
  const guard: SustainedGuard = {
    ...(any!.guards[0]! as SustainedGuard),
    metric: { kind: 'outcome-ratio' },
    bound: { kind: 'relative', to: 'baseline', direction, by: percent / 100 },
    sustained: { forMs: windows * EVERY_MS, reading },
  };
  // Half of a sum's windows need have data, and all of them be there.
  return pooledOf(guard, { ...any!, coverage: 0.5 })!.guard;
}

/** The same in whole numbers: x of `own` against y of `other`. */
const isBeyond =
  ({ direction, percent }: Looks, own: number, other: number) =>
  (x: number, y: number): boolean =>
    y > 0 &&
    (direction === 'drop' ? 100 * x * other < (100 - percent) * y * own : 100 * x * other > (100 + percent) * y * own);

/** A binomial count, as a draw from so large an urn that putting back makes no difference. */
const draw = (n: number, p: number, random: Stream): number =>
  hypergeometricAt(random.next(), { population: 2e9, marked: 2e9 * p, drawn: n });

interface Arms {
  readonly windows: number;
  readonly own: number;
  readonly other: number;
  readonly p: number;
}

const freshRecording = ({ windows, own, other, p }: Arms, random: Stream): SplitRecording => [
  Array.from({ length: windows }, () => ({
    own: { x: draw(own, p, random), n: own },
    other: { x: draw(other, p, random), n: other },
    isOff: false,
  })),
];

const relative = (value: number, expected: number): void => expect(Math.abs(value / expected - 1)).toBeLessThan(1e-6);

/** P(some trailing ratio of one arm is above theta); counts beyond the bound are all alike. */
function trailing(n: number, p: number, theta: number, width: number, windows: number): number {
  const enough = Math.floor(theta * n * width) + 1;
  const cut = independentArms(n, 0, p).reduce<number[]>((masses, [x, , mass]) => {
    const at = Math.min(x, enough);
    masses[at] = (masses[at] ?? 0) + mass;
    return masses;
  }, []);
  const window = cut.map((mass, x) => [x, 0, mass] as const);
  return everOver(
    Array.from({ length: windows }, () => window),
    width,
    (x) => x >= enough,
  );
}

test('what may be counted is added up to the values of statistics §3 and §5', () => {
  relative(dropProbability(4167, 79_166, 0.05, 2), 0.389852779);
  relative(dropProbability(833, 82_500, 0.05, 2), 0.456785604);
  relative(dropProbability(41_667, 41_666, 0.05, 2), 0.251784375);
  relative(runProbability(120, 15, dropProbability(4167, 79_166, 0.05, 2)), 4.75173784e-5);
  relative(trailing(100, 0.02, 0.05, 2, 60), 0.126071998);
  relative(trailing(100, 0.02, 0.05, 3, 60), 0.0212110364);
  relative(trailing(200, 0.005, 0.015, 3, 120), 0.0962795596);
});

describe('deals of one recording are hypergeometric', () => {
  const marked = [9, 12, 7, 10, 14, 8, 11, 5, 13, 10, 9, 12];
  const [own, other] = [10, 20];
  const recording: SplitRecording = [
    marked.map((all) => ({ own: { x: 1, n: own }, other: { x: all - 1, n: other }, isOff: false })),
  ];
  const windows = marked.map((all) => dealtArms(own, other, all));

  test.each<Looks>([
    { reading: 'every', windows: 1, direction: 'drop', percent: 60 },
    { reading: 'every', windows: 3, direction: 'drop', percent: 10 },
    { reading: 'every', windows: 4, direction: 'rise', percent: 20 },
    // Ties: 4 of 10 and 4 of 20 is twice as much, and 3 of 10 against 10 of 20 forty in a hundred less; neither is more.
    { reading: 'every', windows: 2, direction: 'rise', percent: 100 },
    { reading: 'every', windows: 2, direction: 'drop', percent: 40 },
    { reading: 'pooled', windows: 1, direction: 'rise', percent: 100 },
    { reading: 'pooled', windows: 2, direction: 'drop', percent: 40 },
    { reading: 'pooled', windows: 3, direction: 'rise', percent: 60 },
  ])('$reading $windows windows, $direction of more than $percent %', (looks) => {
    const isOver = isBeyond(looks, own, other);
    const exact =
      looks.reading === 'every'
        ? runProbabilityOf(
            windows.map((window) => overIn(window, isOver)),
            looks.windows,
          )
        : everOver(windows, looks.windows, isOver);
    const splits = 40_000;
    const random = new Stream(`deals/${JSON.stringify(looks)}`);
    const { ratio } = splitRate([recording], guardOf(looks), { splits, confidence: 0.95, random });
    expect(exact).toBeGreaterThan(0.005);
    expect(exact).toBeLessThan(0.995);
    expect(Math.abs(ratio - exact)).toBeLessThan(4 * Math.sqrt((exact * (1 - exact)) / splits));
  });
});

describe('the mean over recordings is the rate of rollouts nobody has dealt', () => {
  const small: Arms = { windows: 12, own: 8, other: 16, p: 0.3 };
  const large: Arms = { windows: 120, own: 4167, other: 79_166, p: 0.05 };
  test.each<{ readonly name: string; readonly arms: Arms; readonly looks: Looks; readonly recordings: number }>([
    {
      name: 'few',
      arms: small,
      looks: { reading: 'pooled', windows: 2, direction: 'drop', percent: 80 },
      recordings: 400,
    },
    {
      name: 'few',
      arms: small,
      looks: { reading: 'pooled', windows: 2, direction: 'rise', percent: 150 },
      recordings: 400,
    },
    {
      name: 'few',
      arms: small,
      looks: { reading: 'every', windows: 4, direction: 'drop', percent: 10 },
      recordings: 400,
    },
    // One window is over with 0.39, so a run of five has 0.47 and one of eight 0.037.
    {
      name: 'many',
      arms: large,
      looks: { reading: 'every', windows: 5, direction: 'drop', percent: 2 },
      recordings: 60,
    },
    {
      name: 'many',
      arms: large,
      looks: { reading: 'every', windows: 8, direction: 'drop', percent: 2 },
      recordings: 60,
    },
  ])('$name requests, $looks.reading $looks.windows windows, $looks.direction of $looks.percent %', (each) => {
    const { arms, looks, recordings } = each;
    const exact = exactRate(arms, looks);
    const random = new Stream(`fresh/${JSON.stringify(looks)}`);
    const found = Array.from(
      { length: recordings },
      () => splitRate([freshRecording(arms, random)], guardOf(looks), { splits: 50, confidence: 0.95, random }).ratio,
    );
    const mean = found.reduce((sum, x) => sum + x, 0) / recordings;
    const sd = Math.sqrt(found.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (recordings - 1));
    expect(Math.abs(mean - exact)).toBeLessThan((4 * sd) / Math.sqrt(recordings));
    // Not because it scatters so much.
    expect(sd / Math.sqrt(recordings)).toBeLessThan(exact * 0.2);
  });
});

function exactRate({ windows, own, other, p }: Arms, looks: Looks): number {
  if (looks.reading === 'pooled')
    return everOver(
      Array.from({ length: windows }, () => independentArms(own, other, p)),
      looks.windows,
      isBeyond(looks, own, other),
    );
  const over =
    looks.direction === 'drop' && own > 100
      ? dropProbability(own, other, p, looks.percent)
      : overIn(independentArms(own, other, p), isBeyond(looks, own, other));
  return runProbability(windows, looks.windows, over);
}

test.each<{ readonly arms: Arms; readonly looks: Looks }>([
  // As few events as are allowed: some 50 in the smaller arm.
  {
    arms: { windows: 120, own: 1000, other: 1000, p: 0.05 },
    looks: { reading: 'every', windows: 3, direction: 'drop', percent: 2 },
  },
  {
    arms: { windows: 40, own: 1000, other: 9000, p: 0.05 },
    looks: { reading: 'every', windows: 4, direction: 'drop', percent: 10 },
  },
  {
    arms: { windows: 40, own: 4167, other: 79_166, p: 0.05 },
    looks: { reading: 'every', windows: 4, direction: 'drop', percent: 2 },
  },
])(
  'intervals hold the exact rate in at least 90 of 100 sets of two recordings: $arms.own of requests, $looks.windows in a row',
  ({ arms, looks }) => {
    const exact = exactRate(arms, looks);
    const random = new Stream(`cover/${JSON.stringify(looks)}`);
    let covered = 0;
    for (let i = 0; i < 100; i++) {
      const recordings = [freshRecording(arms, random), freshRecording(arms, random)];
      const { low, high } = splitRate(recordings, guardOf(looks), { splits: 250, confidence: 0.95, random });
      if (low <= exact && exact <= high) covered++;
    }
    // 95 % of 100: fewer than 90 have a probability of 0.011.
    expect(covered).toBeGreaterThanOrEqual(90);
  },
);

/** The guard, about outcomes beside the baseline's where it was about something else. */
function asSplit(guard: Guard): SustainedGuard | null {
  const { sustained, carryOver } = guard;
  if (sustained === null || carryOver) return null;
  if (mayBeSplit(guard)) return { ...guard, sustained };
  const bound = { kind: 'relative', to: 'baseline', direction: 'drop', by: 0.02 } as const;
  return { ...guard, sustained, metric: { kind: 'outcome-ratio' }, bound };
}

/** What was counted, looked at without a deal. */
const isOverAsCounted = (windows: readonly TwoArms[], guard: RunGuard): boolean =>
  isOverIn(windows, guard, ({ own }) => own.x);

test.each([
  { percent: 20, x: 6, y: 15 },
  { percent: 60, x: 3, y: 15 },
])(
  'exactly $percent % fewer is not more than that, though doubles say so: $x of 10 and $y of 20',
  ({ percent, x, y }) => {
    expect((1 - percent / 100) / (x / 10 / (y / 20))).toBeGreaterThan(1);
    const guard = guardOf({ reading: 'every', windows: 1, direction: 'drop', percent });
    const window: TwoArms = { own: { x, n: 10 }, other: { x: y, n: 20 }, isOff: false };
    expect(isOverIn([window], guard, ({ own }) => own.x)).toBe(false);
    expect(isOverIn([window], guard, ({ own }) => own.x - 1)).toBe(true);
  },
);

describe('windows of which some are missing', () => {
  const [over, under, gone] = [
    { own: { x: 5, n: 10 }, other: { x: 1, n: 10 }, isOff: false },
    { own: { x: 1, n: 10 }, other: { x: 5, n: 10 }, isOff: false },
    { own: { x: 0, n: 0 }, other: { x: 0, n: 10 }, isOff: false },
  ];

  test('make a streak wait, until they are too many', () => {
    const three = { ...guardOf({ reading: 'every', windows: 3, direction: 'rise', percent: 50 }), maxGap: 2 };
    expect(isOverAsCounted([over, over, over], three)).toBe(true);
    expect(isOverAsCounted([over, under, over, over], three)).toBe(false);
    expect(isOverAsCounted([over, gone, over, gone, gone, over], three)).toBe(true);
    expect(isOverAsCounted([over, over, gone, gone, gone, over], three)).toBe(false);
    expect(isOverAsCounted([over, over, { ...over, isOff: true }, over], three)).toBe(false);
  });

  test('leave a sum out that has old data alone, or too little', () => {
    const six = guardOf({ reading: 'pooled', windows: 6, direction: 'rise', percent: 50 });
    expect(isOverAsCounted([over, over, gone, over, gone, gone], six)).toBe(true);
    expect(isOverAsCounted([over, over, over, gone, gone, gone], six)).toBe(false);
    expect(isOverAsCounted([over, gone, gone, over, gone, gone], six)).toBe(false);
    expect(isOverAsCounted([over, over, over, over, over], six)).toBe(false);
  });
});

describe('a deal is looked at as the guard looks at a recording', () => {
  beforeAll(histogramsReady);
  test('with windows missing, arms silent, shares that are off: over where the judge says breach, and nowhere else', () => {
    let [breaches, looked] = [0, 0];
    fc.assert(
      fc.property(recipe, fc.array(randomPolicy, { minLength: 30, maxLength: 30 }), (made, policies) => {
        const grid = new RecordedGrid(recordingOf(policies[0]!, made), EVERY_MS);
        for (const policy of policies)
          for (const each of policy.guards) {
            const guard = asSplit(each);
            if (guard === null) continue;
            const pooled = pooledOf(guard, policy)!;
            const fast = new FastGuard(guard, policy);
            const spans = spansOf(guard, policy, grid.evaluations);
            const stretches = armsOf(pooled, policy, grid, spans)[Symbol.iterator]();
            for (const { stage, first, last } of spans) {
              fast.begin();
              fast.ask(grid, stage, first, last);
              const windows = stretches.next().value!;
              const isBreach = fast.breachAt !== Infinity;
              expect(isOverIn(windows, pooled.guard, ({ own }) => own.x)).toBe(isBreach);
              looked++;
              if (isBreach) breaches++;
            }
          }
      }),
      { numRuns: 100 },
    );
    expect(looked).toBeGreaterThan(100);
    expect(breaches).toBeGreaterThan(10);
  });
});
