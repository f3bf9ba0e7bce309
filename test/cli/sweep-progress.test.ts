import { expect, test } from 'vitest';
import { sweepPrinter } from '../../cli/sweep-progress.ts';
import type { SweepProgress } from '../../tuning/executor.ts';
import type { JobResult } from '../../tuning/job.ts';
import type { Plan } from '../../tuning/plan.ts';

const plan = {
  policies: [{ name: 'calm' }, { name: 'jumpy' }],
  scenarios: [
    { scenario: { truth: { candidate: 'healthy', onsetMs: null, cause: null } } },
    { scenario: { truth: { candidate: 'regressed', onsetMs: 100, cause: 'made up' } } },
  ],
} as unknown as Plan;

type Judged = readonly [verdict: string, decidedAtMs: number | null, rehearsed?: string];

const job = (key: string, scenario: number, ...own: readonly Judged[]): JobResult =>
  ({
    key,
    scenario,
    results: own.map(([verdict, decidedAtMs, rehearsed], policy) => ({
      policy,
      verdict,
      decidedAtMs,
      rehearsed: rehearsed === undefined ? null : { verdict: rehearsed, decidedAtMs },
    })),
  }) as unknown as JobResult;

/** What is written while these results come in one by one, after those that were found done. */
function shown(found: readonly JobResult[], coming: readonly JobResult[], total: number): string {
  let text = '';
  const stream = { isTTY: false, write: (part: string) => (text += part) };
  const printer = sweepPrinter(stream as unknown as NodeJS.WriteStream, plan, false);
  const results = [...found];
  const tell = (latest: JobResult | null): void => {
    const progress: SweepProgress = {
      done: results.length,
      total,
      found: found.length,
      answered: null,
      latest,
      results,
    };
    printer.show(progress);
  };
  tell(null);
  for (const result of coming) {
    results.push(result);
    tell(result);
  }
  printer.end();
  return text;
}

test('the rate of the worst policy is shown with its interval, over what was found and what has come', () => {
  const text = shown(
    [job('a', 0, ['promoted', 500], ['rolled-back', 50])],
    [job('b', 0, ['promoted', 500], ['paused', 300]), job('c', 1, ['rolled-back', 200], ['promoted', 500])],
    3,
  );
  // Clopper-Pearson, 1 of 2: 1.26 % to 98.7 %; 0 of 1: 0 to 97.5 %.
  expect(text).toMatch(
    /3\/3 replications \(1 found done\) {2}[\d.]+\/min {2}0s left {2}healthy rolled back by jumpy 1 of 2 \(1\.3 – 99 %\), regressed caught by jumpy 0 of 1 \(0 – 98 %\)\n$/,
  );
});

test('the same seeds under two policies are not twice as many trials', () => {
  const both = ['a', 'b', 'c', 'd'].map((key) => job(key, 0, ['promoted', 500], ['promoted', 500]));
  expect(shown([], both, 4)).toContain('healthy rolled back by calm 0 of 4 (0 – 60 %)');
});

test('a rollback before the onset is no catch, and what left the schedule counts as it was rehearsed', () => {
  const [early, late] = [job('a', 1, ['rolled-back', 50]), job('b', 1, ['off-schedule', 400, 'rolled-back'])];
  expect(shown([], [early, late], 2)).toContain('regressed caught 1 of 2');
});
