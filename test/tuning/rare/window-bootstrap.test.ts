import { expect, test } from 'vitest';
import { Stream } from '../../../sim/random.ts';
import { runProbability } from '../../../statistics/run-length.ts';
import { BLOCK } from '../../../tuning/rare/block-runs.ts';
import { bootstrapRate, type CountedStretch, type PooledGuard } from '../../../tuning/rare/window-bootstrap.ts';

const RECORDINGS = 10;
const BLOCKS = 60;

/** Counters [slow, requests] by window; at every place the same share of the recordings has a block that is slow throughout. */
const stretch = (slowIn: number): CountedStretch =>
  Array.from({ length: RECORDINGS }, (_, r) =>
    Array.from({ length: BLOCKS * BLOCK }, (_unused, t) => {
      const isSlow = (r + 3 * Math.floor(t / BLOCK)) % RECORDINGS < slowIn;
      return [isSlow ? 100 : 0, 100];
    }),
  );

/** Over when every window of the last `blocks` blocks is slow: a run. */
const throughout = (blocks: number): PooledGuard => ({
  width: blocks * BLOCK,
  needed: blocks * BLOCK,
  progress: ([slow = 0, requests = 0]) => slow / requests / 0.9999,
});

const streams = (name: string) => (part: string) => new Stream(`bootstrap/${name}/${part}`);

test.each([
  { slowIn: 3, blocks: 5, times: 30 },
  { slowIn: 2, blocks: 6, times: 30 },
])(
  'rollouts of recorded blocks, $slowIn in ten of them slow, run $blocks blocks as often as exact runs do',
  ({ slowIn, blocks, times }) => {
    const exact = runProbability(BLOCKS, blocks, slowIn / RECORDINGS);
    const found = Array.from({ length: times }, (_, i) =>
      bootstrapRate([stretch(slowIn)], throughout(blocks), streams(`${slowIn}/${i}`)),
    );
    const mean = found.reduce((sum, x) => sum + x, 0) / times;
    const sd = Math.sqrt(found.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (times - 1));
    expect(Math.abs(mean - exact)).toBeLessThan((4 * sd) / Math.sqrt(times));
    expect(sd / exact).toBeLessThan(0.6);
  },
);

test('stretches add up, windows that are too few say nothing, and what no recording hints at is 0', () => {
  const one = bootstrapRate([stretch(3)], throughout(3), streams('one'));
  const two = bootstrapRate([stretch(3), stretch(3)], throughout(3), streams('two'));
  expect(two).toBeGreaterThan(one);
  expect(two).toBeLessThanOrEqual(1);
  const short = stretch(10).map((windows) => windows.slice(0, 3));
  expect(bootstrapRate([short], throughout(3), streams('short'))).toBe(0);
  expect(bootstrapRate([stretch(0)], throughout(3), streams('none'))).toBe(0);
  expect(bootstrapRate([], throughout(3), streams('nothing'))).toBe(0);
});
