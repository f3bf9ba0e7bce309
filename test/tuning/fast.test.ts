/** The fast judge says what `decide` says: on synthetic recordings with every kind of gap, and on simulated ones. */
import * as fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { compareRatio, compareRelative, rational } from '../../controller/guards/rational.ts';
import { loadPolicy } from '../../controller/load-policy.ts';
import type { Guard, Policy } from '../../controller/policy.ts';
import { histogramsReady } from '../../telemetry/histogram.ts';
import { ratioOf, signOfRatio, signOfRelative } from '../../tuning/fast/exact.ts';
import { RecordedGrid } from '../../tuning/fast/grid.ts';
import { isOnSchedule } from '../../tuning/schedule.ts';
import { FastJudge } from '../../tuning/fast/judge.ts';
import { judgeAll, judgeBriefly } from '../../tuning/judge-all.ts';
import { type Judgement, judge } from '../../tuning/judge.ts';
import { EVERY_MS, randomPolicy } from './random-policy.ts';
import { recipe, recordingOf } from './synthetic.ts';

beforeAll(histogramsReady);

const brief = ({ verdict, decidedAtMs, stage, guard }: Judgement): Judgement => ({
  verdict,
  decidedAtMs,
  stage,
  guard,
});

describe('the fast judge', () => {
  const seen = new Map<string, number>();
  test('gives the verdict, the time, the stage and the guard of `decide`: 1,800 policies on 300 recordings', () => {
    const both = fc.tuple(recipe, fc.array(randomPolicy, { minLength: 6, maxLength: 6 }));
    fc.assert(
      fc.property(both, ([made, policies]) => {
        const recording = recordingOf(policies[0]!, made);
        expect(policies.every((policy) => isOnSchedule(policy, recording.provenance))).toBe(true);
        // Together, so that guards they have in common are asked once.
        const fast = judgeAll(policies, recording);
        const slow = policies.map((policy) => brief(judge(policy, recording)));
        expect(fast).toEqual(slow);
        // Guards that watch and alert, which are left out, have no say.
        expect(policies.map((policy) => judgeBriefly(policy, recording))).toEqual(slow);
        for (const { verdict, guard } of slow) {
          const name = guard === 'starved' ? guard : verdict;
          seen.set(name, (seen.get(name) ?? 0) + 1);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('knows when the router does not keep its shares, as `decide` does: a change against another arm means nothing then', () => {
    const [any] = fc.sample(randomPolicy, { numRuns: 1, seed: 1 });
    const bound = { kind: 'relative', to: 'baseline', direction: 'rise', by: 0.1 } as const;
    const reading = fc.sample(fc.constantFrom('pooled' as const, 'every' as const), { numRuns: 12, seed: 2 });
    const ends = (skew: number): string[] =>
      reading.map((each, seed) => {
        const recording = recordingOf(any!, {
          seed,
          rate: 400,
          lost: 0.05,
          silent: 0,
          bad: 0.03,
          skew,
          endsAfter: null,
        });
        const guard = any!.guards.find(({ name }) => name === 'gate')!;
        const errors = {
          ...guard,
          name: 'errors',
          metric: { kind: 'error-ratio' } as const,
          bound,
          stages: ['canary-50'],
        };
        const sustained = { forMs: 2 * EVERY_MS, reading: each };
        const policy: Policy = {
          ...any!,
          guards: [
            {
              ...errors,
              sustained,
              action: 'roll-back',
              requiredToAdvance: false,
              minSamples: 1,
              carryOver: seed % 2 === 0,
            },
            { ...guard, name: 'gate' },
          ],
        };
        const [fast] = judgeAll([policy], recording);
        expect(fast).toEqual(brief(judge(policy, recording)));
        return fast!.verdict;
      });
    expect(ends(1)).toContain('rolled-back');
    expect(ends(0.6)).not.toContain('rolled-back');
  });

  test('relates scores that may be negative to their interquartile range, as `decide` does', () => {
    const policies = fc
      .sample(randomPolicy, { numRuns: 60, seed: 5 })
      .filter(({ guards }) =>
        guards.some(({ metric, bound }) => metric.kind === 'score' && bound?.kind === 'relative'),
      );
    expect(policies.length).toBeGreaterThan(5);
    const ends = policies.map((policy, seed) => {
      const made = recordingOf(policy, { seed, rate: 400, lost: 0, silent: 0, bad: 0.03, endsAfter: null });
      const around = (low: number) => ({ ...made, header: { ...made.header, scoreGrid: { low, high: 1, bins: 20 } } });
      const [fast] = judgeAll([policy], around(-1));
      expect(fast).toEqual(brief(judge(policy, around(-1))));
      return JSON.stringify(fast) === JSON.stringify(judgeAll([policy], around(0))[0]);
    });
    expect(ends).toContain(false);
  });

  test('and was asked about every kind of ending', () => {
    for (const verdict of ['promoted', 'rolled-back', 'paused', 'off-schedule', 'starved'])
      expect(seen.get(verdict) ?? 0, `${verdict} of ${JSON.stringify([...seen])}`).toBeGreaterThan(10);
  });
});

test('what is judged step by step is the same without the guards that watch and alert, tests among the others or not', () => {
  const tests = loadPolicy('policies/sequential.yaml')
    .guards.filter((guard) => guard.test !== null && ['error-ratio', 'outcome-ratio'].includes(guard.metric.kind))
    .map((guard) => ({ ...guard, stages: null, minSamples: 1 }));
  const verdicts = new Set<string>();
  fc.assert(
    fc.property(recipe, randomPolicy, (made, policy) => {
      const recording = recordingOf(policy, made);
      const tested = { ...policy, guards: [...policy.guards, ...tests] };
      const whole = brief(judge(tested, recording));
      expect(judgeBriefly(tested, recording)).toEqual(whole);
      if (tests.some(({ name }) => name === whole.guard)) verdicts.add(whole.verdict);
    }),
    { numRuns: 200 },
  );
  expect(tests.length).toBeGreaterThan(2);
  expect(verdicts).toContain('rolled-back');
});

test('of two tests that are broken together the one with more evidence is named, wherever it stands, as by `decide`', () => {
  const [any] = fc.sample(randomPolicy, { numRuns: 1, seed: 1 });
  const recording = recordingOf(any!, { seed: 1, rate: 400, lost: 0, silent: 0, bad: 0.3, endsAfter: null });
  const errors = loadPolicy('policies/sequential.yaml').guards.find(({ name }) => name === 'errors')!;
  const above = (name: string, value: number): Guard => ({
    ...errors,
    name,
    bound: { kind: 'absolute', breachWhen: '>', value },
    minSamples: 1,
    stages: null,
  });
  const [weak, strong] = [above('weak', 0.01), above('strong', 0.001)];
  for (const action of ['roll-back', 'pause'] as const) {
    const policies = [
      [weak, strong],
      [strong, weak],
    ].map((guards) => ({ ...any!, guards: guards.map((guard) => ({ ...guard, action })) }));
    const named = judgeAll(policies, recording).map(({ guard, verdict }) => `${verdict} ${guard}`);
    expect(named).toEqual(policies.map((policy) => judge(policy, recording)).map((j) => `${j.verdict} ${j.guard}`));
    expect(named).toEqual(Array(2).fill(`${action === 'pause' ? 'paused' : 'rolled-back'} strong`));
  }
});

test('guards that differ in nothing but their stages are not taken for one another, whichever comes first', () => {
  const [any] = fc.sample(randomPolicy, { numRuns: 1, seed: 1 });
  const recording = recordingOf(any!, { seed: 1, rate: 400, lost: 0, silent: 0, bad: 0.03, endsAfter: null });
  const bound = { kind: 'absolute' as const, breachWhen: '>' as const, value: 0.01 };
  const sustained = { forMs: 2 * EVERY_MS, reading: 'pooled' as const };
  const guard = { ...any!.guards[0]!, metric: { kind: 'error-ratio' as const }, bound, sustained, minSamples: 1 };
  const never = { ...guard, name: 'never', bound: { ...bound, value: 1 }, stages: null };
  const only = (stages: readonly string[] | null): Policy => ({
    ...any!,
    guards: [
      { ...guard, name: 'errors', action: 'roll-back', requiredToAdvance: false, delayMs: 0, test: null, stages },
      { ...never, action: 'hold', requiredToAdvance: true, delayMs: 0, test: null },
    ],
  });
  const policies = [only(['canary-50']), only(null), only(['canary-10'])];
  for (const order of [policies, policies.toReversed()]) {
    const fast = new FastJudge(order).judge(new RecordedGrid(recording, EVERY_MS));
    expect(fast).toEqual(order.map((policy) => brief(judge(policy, recording))));
    expect(new Set(fast.map(({ stage }) => stage)).size).toBe(3);
  }
});

test('counts exactly at the bound are judged like `decide` judges them, whatever the operator', () => {
  const [any] = fc.sample(randomPolicy, { numRuns: 1, seed: 1 });
  const made = recordingOf(any!, { seed: 1, rate: 20, lost: 0, silent: 0, bad: 0.01, endsAfter: null });
  for (const x of [0, 1, 2]) {
    const windows = made.windows.map((window) => ({
      ...window,
      rows: window.rows.map((row) => ({ ...row, requests: 20, errors: x, over: row.over.map(() => x) })),
    }));
    const recording = { ...made, windows };
    const metrics = [{ kind: 'error-ratio' }, { kind: 'latency', quantile: 0.95 }] as const;
    const policies = metrics.flatMap((metric) =>
      (['>', '>=', '<', '<='] as const).flatMap((breachWhen) =>
        (['pooled', 'every'] as const).map((reading): Policy => {
          const value = metric.kind === 'latency' ? 40 : 0.05;
          const sustained = { forMs: 2 * EVERY_MS, reading };
          const bound = { kind: 'absolute' as const, breachWhen, value };
          return {
            ...any!,
            guards: [
              any!.guards[0]!,
              { ...any!.guards[0]!, name: 'tie', metric, bound, sustained, action: 'roll-back', minSamples: 1 },
            ],
          };
        }),
      ),
    );
    const fast = new FastJudge(policies).judge(new RecordedGrid(recording, EVERY_MS));
    expect(fast).toEqual(policies.map((policy) => brief(judge(policy, recording))));
    expect(new Set(fast.map(({ verdict }) => verdict)).size).toBeGreaterThan(1);
  }
});

describe('comparisons of ratios are exact, however large the numbers and however close the ratios', () => {
  const counts = fc.oneof(
    fc.integer({ min: 1, max: 50 }),
    fc.integer({ min: 1, max: 2 ** 31 }),
    fc.constantFrom(999_999_937, 2 ** 45),
  );
  const bounds = fc.oneof(
    fc.constantFrom(0.001, 0.05, 0.1, 0.98, 1.02, 0.3),
    fc.double({ min: 1e-6, max: 3, noNaN: true }),
  );
  test('a ratio against a bound', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 31), counts, bounds, (x, n, bound) => {
        expect(Math.sign(signOfRatio(x, n, ratioOf(rational(bound))))).toBe(compareRatio(x, n, rational(bound)));
      }),
    );
    // As close as can be: x/n is the bound itself, or differs in its last digit.
    fc.assert(
      fc.property(counts, fc.integer({ min: -1, max: 1 }), (n, off) => {
        const x = Math.max(0, Math.floor(n / 1000) + off);
        expect(Math.sign(signOfRatio(x, n, ratioOf(rational(0.001))))).toBe(compareRatio(x, n, rational(0.001)));
      }),
    );
  });
  test('a ratio against another one', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 31), counts, counts, counts, bounds, (x, n, y, m, bound) => {
        const exact = compareRelative(x, n, y, m, rational(bound));
        expect(Math.sign(signOfRelative(x, n, y, m, ratioOf(rational(bound))))).toBe(exact);
      }),
    );
    fc.assert(
      fc.property(counts, counts, fc.integer({ min: 1, max: 9 }), (y, m, k) => {
        // The same ratio twice, times k.
        expect(signOfRelative(k * y, m, y, m, ratioOf(rational(k)))).toBe(compareRelative(k * y, m, y, m, rational(k)));
      }),
    );
  });
});
