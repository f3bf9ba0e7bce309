import { expect, test } from 'vitest';
import { Stream } from '../../../sim/random.ts';
import { markovRunProbability, runProbability } from '../../../statistics/run-length.ts';
import { pilotLevels, repeat, split, type WindowProcess } from '../../../tuning/rare/splitting.ts';

/** Standard deviation of an estimate over its value, were the levels independent: sqrt(Σ (1−p_j)/(p_j·n0)). */
const idealRelativeSd = (conditional: readonly number[], effort: number): number =>
  Math.sqrt(conditional.reduce((sum, p) => sum + (1 - p) / (p * effort), 0));

/** Streaks of independent (p01 = p11) or Markov windows. */
const streaks = (windows: number, p01: number, p11: number): WindowProcess<number> => ({
  windows,
  start: () => 0,
  step: (streak, t, random) => {
    const p = t === 0 ? p01 / (1 + p01 - p11) : streak === 0 ? p01 : p11;
    return random.next() < p ? streak + 1 : 0;
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

test.each([
  { p01: 0.386, p11: 0.386, k: 15, at: [3, 5, 7, 9, 11, 13, 15], name: 'independent, 4e-5' },
  { p01: 0.5, p11: 0.5, k: 30, at: levels(3, 30), name: 'independent, 4e-8' },
  { p01: 0.02, p11: 0.5, k: 14, at: levels(2, 14), name: 'Markov' },
])('splitting agrees with the exact run length, and scatters as it should: $name', ({ p01, p11, k, at, name }) => {
  const exact = p01 === p11 ? runProbability(120, k, p01) : markovRunProbability(120, k, [p01, p11]);
  const effort = 600;
  const runs = estimates(streaks(120, p01, p11), at, effort, 50, name);
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
