/** What the box of a trap tells: labels where the policy looks at those alone, times where it looks at any. */
import { beforeAll, describe, expect, test } from 'vitest';
import { trapNumbers } from '../../reports/trap.ts';
import type { RunData } from '../../reports/run-data.ts';
import { fixture } from './fixture.ts';
import { MINUTE } from './fixture-policy.ts';

let run: RunData;
beforeAll(async () => {
  run = await fixture('rolled-back', 10 * MINUTE);
});

/** Percentages in a text. */
const shown = (part: string): number[] => [...part.matchAll(/([\d.]+) %/g)].map(([, n]) => Number(n));

/** The same run under a policy that has only guards on outcomes. */
const byLabels = (of: RunData): RunData => ({
  ...of,
  policy: { ...of.policy, guards: of.policy.guards.filter(({ metric }) => metric.kind === 'outcome-ratio') },
});

test('a policy that looks at latency is shown the latencies of both arms', () => {
  expect(trapNumbers(run)).toMatch(
    /^the candidate's latency against the baseline's over the same windows: mean \S+ ms/,
  );
});

describe('a policy that looks at labels alone', () => {
  test('is shown how many answers had one, and what they said, until the decision and of windows with both arms', () => {
    expect(byLabels(run).policy.guards.length).toBeGreaterThan(0);
    const sums = { baseline: [0, 0, 0], candidate: [0, 0, 0] };
    for (const { endMs, rows } of run.windows) {
      const [b, c] = (['baseline', 'candidate'] as const).map(
        (arm) => rows.find((row) => row.arm === arm && row.segment === 'all')!,
      );
      if (endMs > run.outcome.decidedAtMs! || b!.requests === b!.mirrored || c!.requests === c!.mirrored) continue;
      for (const row of [b!, c!]) {
        const sum = sums[row.arm as 'baseline' | 'candidate'];
        for (const [i, add] of [row.requests - row.mirrored, row.impressions, row.outcomes].entries()) sum[i]! += add;
      }
    }
    const text = trapNumbers(byLabels(run));
    const [answers, perAnswer, perLabel] = text.split(
      /\. Positive labels per answer: |; per answer that had its label by then: /,
    );
    const [c, b] = [sums.candidate, sums.baseline] as [number[], number[]];
    expect(answers).toContain(
      `the candidate gave ${c[0]!.toLocaleString('en-US')} answers and the baseline ${b[0]!.toLocaleString('en-US')}`,
    );
    expect(c[0]).toBeGreaterThan(0);
    expect(shown(perAnswer!)[0]).toBeCloseTo((100 * c[2]!) / c[0]!, 1);
    expect(shown(perAnswer!)[1]).toBeCloseTo((100 * b[2]!) / b[0]!, 1);
    expect(shown(perLabel!)[0]).toBeCloseTo((100 * c[2]!) / c[1]!, 1);
    expect(shown(perLabel!)[1]).toBeCloseTo((100 * b[2]!) / b[1]!, 1);
    expect(text).not.toContain(' ms');
  });

  test('is told how many users there are where they are few', () => {
    const few = { ...byLabels(run), header: { ...run.header, users: 2000 } };
    expect(trapNumbers(few)).toMatch(/ All of them came from 2,000 users\.$/);
  });

  test('has nothing to compare when users saw one arm alone', () => {
    expect(trapNumbers({ ...byLabels(run), windows: [] })).toBe(
      'nobody saw both arms, so there is nothing to compare.',
    );
  });
});
