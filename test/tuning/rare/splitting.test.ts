import { expect, test } from 'vitest';
import { Stream } from '../../../sim/random.ts';
import { markovRunProbability, runProbability } from '../../../statistics/run-length.ts';
import { within } from '../../statistics/within.ts';
import { pilotLevels, repeat, split, type WindowProcess } from '../../../tuning/rare/splitting.ts';

/** Standard deviation of an estimate over its value, were the levels independent: sqrt(Σ (1−p_j)/(p_j·n0)). */
const idealRelativeSd = (conditional: readonly number[], effort: number): number =>
  Math.sqrt(conditional.reduce((sum, p) => sum + (1 - p) / (p * effort), 0));

/** Streaks of independent (p01 = p11) or Markov windows; those that are missing leave a streak alone. */
const streaks = (windows: number, p01: number, p11: number, missing = 0): WindowProcess<number> => ({
  windows,
  start: () => 0,
  step: (streak, t, random) => {
    const p = t === 0 ? p01 / (1 + p01 - p11) : streak === 0 ? p01 : p11;
    const u = random.next();
    return u < p ? streak + 1 : u < p + missing ? streak : 0;
  },
  progress: (streak) => streak,
});

const levels = (step: number, to: number): readonly number[] =>
  Array.from({ length: Math.floor(to / step) }, (_, i) => to - (Math.floor(to / step) - 1 - i) * step);

const estimates = (
  process: WindowProcess<number>,
  at: readonly number[],
  effort: number,
  times: number,
  name: string,
) => Array.from({ length: times }, (_, i) => split(process, at, effort, new Stream(`${name}/${i}`)));

/** P(run ≥ level within 120 windows), and given that the level before it in this list was reached. */
const LADDERS = {
  0.386: [
    [3, 0.99193543, 0.99193543],
    [5, 0.468349979, 0.472157728],
    [7, 0.0864134773, 0.184506205],
    [9, 0.0130830457, 0.151400523],
    [11, 0.00192380376, 0.147045558],
    [13, 0.000281644239, 0.146399672],
    [15, 4.11950826e-5, 0.146266378],
  ],
  0.5: [
    [3, null, null],
    [6, 0.615077551, 0.615107696],
    [9, 0.105371548, 0.171314248],
    [12, 0.0133571098, 0.126762015],
    [15, 0.00163171629, null],
    [18, 0.000198350965, null],
    [21, 2.40800969e-5, null],
    [24, 2.9206252e-6, null],
    [27, 3.53902547e-7, 0.121173558],
    [30, 4.2840838e-8, 0.121052641],
  ],
} as const;

test.each([0.386, 0.5] as const)('windows over with %f: what every level keeps, exactly and by splitting', (p) => {
  const ladder = LADDERS[p];
  const at = ladder.map(([level]) => level);
  const exact = at.map((level) => runProbability(120, level, p));
  const kept = exact.map((each, j) => each / (j === 0 ? 1 : exact[j - 1]!));
  for (const [j, [, reached, share]] of ladder.entries()) {
    if (reached !== null) within(exact[j]!, reached);
    if (share !== null) within(kept[j]!, share);
  }
  const runs = estimates(streaks(120, p, p), at, 600, 50, `ladder/${p}`).map(({ conditional }) => conditional);
  for (const [j, expected] of kept.entries()) {
    const { mean, relativeSd } = repeat(runs.map((run) => run[j]!));
    const error = (relativeSd * mean) / Math.sqrt(runs.length);
    // A level that all but a few reach may scatter less in the runs than it should.
    const least = Math.sqrt((expected * (1 - expected)) / (600 * runs.length));
    within(mean, expected, 0, 4 * Math.max(error, least));
  }
});

test.each([
  { p01: 0.386, p11: 0.386, missing: 0, k: 15, at: [3, 5, 7, 9, 11, 13, 15], name: 'independent, 4e-5' },
  { p01: 0.5, p11: 0.5, missing: 0, k: 30, at: levels(3, 30), name: 'independent, 4e-8' },
  { p01: 0.02, p11: 0.5, missing: 0, k: 14, at: levels(2, 14), name: 'Markov' },
  { p01: 0.2, p11: 0.8, missing: 0, k: 40, at: levels(5, 40), name: 'Markov, most of the time over' },
  { p01: 0.45, p11: 0.45, missing: 0.1, k: 15, at: levels(3, 15), name: 'windows missing' },
  { p01: 0.3, p11: 0.3, missing: 0.3, k: 16, at: levels(2, 16), name: 'many windows missing' },
])('splitting agrees with the exact run length, and scatters as it should: $name', (row) => {
  const { p01, p11, missing, k, at, name } = row;
  const exact = p01 === p11 ? runProbability(120, k, p01, missing) : markovRunProbability(120, k, [p01, p11]);
  const effort = 600;
  const runs = estimates(streaks(120, p01, p11, missing), at, effort, 50, name);
  const { mean, relativeSd } = repeat(runs.map(({ probability }) => probability));
  const middle = runs.map(({ conditional }) => conditional);
  const ideal = idealRelativeSd(
    at.map((_, j) => middle.reduce((sum, each) => sum + (each[j] ?? 0), 0) / middle.length),
    effort,
  );
  // Gate of statistics §19.4: four standard errors.
  expect(Math.abs(mean - exact)).toBeLessThan((4 * ideal * exact) / Math.sqrt(50));
  expect(relativeSd).toBeGreaterThan(ideal * 0.6);
  expect(relativeSd).toBeLessThan(ideal * 1.6);
});

test('levels from a pilot on a stream of its own leave the estimate unbiased', () => {
  const process = streaks(120, 0.386, 0.386);
  const at = pilotLevels(process, 15, { effort: 400, share: 0.2, most: 20 }, new Stream('pilot'));
  expect(at.length).toBeGreaterThan(3);
  expect(at.at(-1)).toBe(15);
  const runs = estimates(process, at, 600, 50, 'piloted');
  const { mean, relativeSd } = repeat(runs.map(({ probability }) => probability));
  const exact = runProbability(120, 15, 0.386);
  expect(Math.abs(mean - exact)).toBeLessThan((4 * relativeSd * mean) / Math.sqrt(50));
});

test('an event that nobody reaches is 0, and says at which level it ended', () => {
  const { probability, conditional } = split(streaks(10, 0.1, 0.1), [2, 9], 50, new Stream('never'));
  expect(probability).toBe(0);
  expect(conditional.at(-1)).toBe(0);
});
