import * as fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { comparesPairs } from '../../../controller/guards/measure.ts';
import type { SustainedGuard } from '../../../controller/policy.ts';
import { Stream } from '../../../sim/random.ts';
import { runProbability } from '../../../statistics/run-length.ts';
import { histogramsReady } from '../../../telemetry/histogram.ts';
import { RecordedGrid } from '../../../tuning/fast/grid.ts';
import { FastGuard } from '../../../tuning/fast/guard.ts';
import { mismatchesOf } from '../../../tuning/fast/split.ts';
import { BLOCK } from '../../../tuning/rare/block-runs.ts';
import { pooledOf } from '../../../tuning/rare/pooled-progress.ts';
import { countedIn, spansOf } from '../../../tuning/rare/spans.ts';
import { bootstrapRate, type CountedStretch, type PooledGuard } from '../../../tuning/rare/window-bootstrap.ts';
import { EVERY_MS, randomPolicy } from '../random-policy.ts';
import { recipe, recordingOf } from '../synthetic.ts';

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

describe('a rollout is looked at as the guard looks at a recording', () => {
  beforeAll(histogramsReady);
  // Of a single recording there is nothing to choose from: the probability is 1 or 0.
  test('with windows missing, arms silent, stages too short: over where the judge says breach, and nowhere else', () => {
    let [breaches, looked] = [0, 0];
    fc.assert(
      fc.property(recipe, fc.array(randomPolicy, { minLength: 20, maxLength: 20 }), (made, policies) => {
        const grid = new RecordedGrid(recordingOf(policies[0]!, made), EVERY_MS);
        for (const policy of policies)
          for (const guard of policy.guards) {
            if (guard.sustained === null || guard.sustained.reading === 'every' || guard.carryOver) continue;
            const asked: SustainedGuard = { ...guard, sustained: guard.sustained };
            const pooled = pooledOf(asked, policy);
            if (pooled === null) continue;
            const fast = new FastGuard(asked, policy);
            for (const span of spansOf(guard, policy, grid.evaluations)) {
              const { stage, first, last } = span;
              const knows =
                guard.bound?.kind !== 'relative' || mismatchesOf(grid, policy.stages[stage]!, first, last) === null;
              if (!knows || comparesPairs(guard, policy.stages[stage]!)) continue;
              // At the bound itself doubles do not tell `>` from `>=`.
              if (guard.bound?.kind === 'absolute' && guard.bound.breachWhen.endsWith('=')) continue;
              fast.begin();
              fast.ask(grid, stage, first, last);
              const isBreach = fast.breachAt !== Infinity;
              const own = countedIn([grid], span, pooled.channels);
              expect(bootstrapRate([own], pooled.guard, streams('single'))).toBe(isBreach ? 1 : 0);
              looked++;
              if (isBreach) breaches++;
            }
          }
      }),
      { numRuns: 15 },
    );
    expect(looked).toBeGreaterThan(50);
    expect(breaches).toBeGreaterThan(5);
  });
});

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
