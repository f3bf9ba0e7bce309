/** Guards and watches that read histograms rather than counts. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Guard } from '../../../controller/policy.ts';
import { scoreQuantile } from '../../../controller/guards/scores.ts';
import { histogramsReady, TimeRecorder } from '../../../telemetry/histogram.ts';
import type { TimeHistogram } from '../../../telemetry/window.ts';
import { guardOf, MINUTE, policyOf, rehearse, type Run, stageOf, steady } from '../support.ts';

beforeAll(histogramsReady);

function timesOf(n: number, at: (i: number) => number): TimeHistogram {
  const recorder = new TimeRecorder();
  for (let i = 0; i < n; i++) recorder.record(at(i));
  return recorder.close();
}

const grid = { low: -1, high: 1, bins: 20 };

describe('quantiles of predictions', () => {
  it('interpolates inside the bin', () => {
    // 10 in [0, 0.1), 30 in [0.1, 0.2): the median is the 20th, a third into the second bin.
    expect(scoreQuantile({ at: [10, 11], counts: [10, 30] }, 0.5, grid)).toBeCloseTo(0.1 + 0.1 / 3, 12);
    expect(scoreQuantile({ at: [10, 11], counts: [10, 30] }, 0.25, grid)).toBeCloseTo(0.1, 12);
  });

  it('knows nothing without predictions', () => {
    expect(scoreQuantile({ at: [], counts: [] }, 0.5, grid)).toBeNull();
  });
});

const valueOf = (of: Run): number | null | undefined => of.verdicts.find(({ guard }) => guard === 'times')?.value;

describe('times from histograms', () => {
  const any = guardOf({ name: 'any', bound: { kind: 'absolute', breachWhen: '>', value: 0.5 } });
  const run = (guard: Partial<Guard>, candidateMs: (i: number) => number, unanswered = 0): Run => {
    const policy = policyOf({
      maxGap: 0,
      guards: [any, guardOf({ name: 'times', requiredToAdvance: false, ...guard })],
      stages: [stageOf('canary', 50), stageOf('full', 100, { holdMs: 0 })],
    });
    const candidate = timesOf(100, candidateMs);
    const baseline = timesOf(100, (i) => 10 + i / 10);
    return rehearse(policy, {
      script: steady(
        200,
        () => ({
          requests: 100 + unanswered,
          errors: unanswered,
          over: [0, 0],
          latency: candidate,
          featureFetch: candidate,
        }),
        () => ({ requests: 100, over: [0, 0], latency: baseline, featureFetch: baseline }),
      ),
    });
  };
  const watch = { bound: null, action: 'watch' } as const;

  it('a watch shows the quantile and claims nothing', () => {
    const seen = run({ metric: { kind: 'latency', quantile: 0.99 }, ...watch }, (i) => i + 1);
    expect(valueOf(seen)).toBeCloseTo(99, 1);
    expect(seen.verdicts.filter(({ guard }) => guard === 'times').map(({ verdict }) => verdict)).toEqual([
      'inconclusive',
      'inconclusive',
    ]);
    expect(seen.verdicts.find(({ guard }) => guard === 'times')?.because).toMatch(
      /^latency p99 99(\.\d)? ms over the last 1m, n = 600$/,
    );
    expect(seen.state.verdict).toBe('promoted');
  });

  it('a watch of the reading `every` is not taken for lost data', () => {
    const guard = {
      metric: { kind: 'latency', quantile: 0.99 },
      ...watch,
      sustained: { forMs: MINUTE, reading: 'every' },
    } as const;
    expect(run(guard, () => 5).decisions.map(({ kind }) => kind)).toEqual(['start-stage', 'start-stage', 'promote']);
  });

  it('feature-fetch bounds compare the quantile, and hold the baseline to it after a rollback', () => {
    const guard = {
      metric: { kind: 'feature-fetch', quantile: 0.95 },
      bound: { kind: 'absolute', breachWhen: '>', value: 30 },
    } as const;
    expect(run(guard, () => 40).state).toMatchObject({
      verdict: 'rolled-back',
      rollback: { completeMs: expect.any(Number) },
    });
    expect(run(guard, () => 20).state.verdict).toBe('promoted');
    const tight = { ...guard, bound: { kind: 'absolute', breachWhen: '>', value: 15 } } as const;
    expect(run(tight, () => 40).state.rollback?.completeMs).toBeNull();
  });

  it('latency relative to the baseline counts missing answers as longest', () => {
    const guard = {
      metric: { kind: 'latency', quantile: 0.95 },
      bound: { kind: 'relative', to: 'baseline', direction: 'rise', by: 0.2 },
    } as const;
    expect(run(guard, (i) => 10 + i / 10).state.verdict).toBe('promoted');
    expect(run(guard, (i) => 14 + i / 10).state.endedBy).toMatchObject({ guard: 'times' });
    const hanging = run(guard, () => 1, 20).state;
    expect(hanging.endedBy).toMatchObject({ guard: 'times', value: null });
    expect(hanging.explanation).toContain('latency p95 beyond every answer');
  });
});
