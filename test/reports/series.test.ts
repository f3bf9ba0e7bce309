import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { latencyByNines } from '../../reports/distribution.ts';
import { coarser, LATENCY_QUANTILES, timeSeries, wholeRows } from '../../reports/series.ts';
import { wilson } from '../../reports/wilson.ts';
import { TimeTotal } from '../../telemetry/histogram.ts';
import { fixture } from './fixture.ts';
import { MINUTE } from './fixture-policy.ts';

describe('time series', () => {
  it('has at most 240 points, of a round number of windows', async () => {
    const { windows } = await fixture('rolled-back', 30_000);
    const series = await timeSeries(windows);
    expect(windows).toHaveLength(780);
    expect(series.points).toHaveLength(130);
    expect(series.stepMs).toBe(3 * MINUTE);
  });

  it('takes percentiles of merged histograms, not means of percentiles', async () => {
    const { windows } = await fixture('rolled-back', 30_000);
    const series = await timeSeries(windows);
    const total = new TimeTotal();
    for (const row of windows.slice(60, 66).flatMap(wholeRows)) if (row.arm === 'baseline') total.add(row.latency);
    expect(series.points[10]!.arms.baseline!.latencyMs).toEqual(LATENCY_QUANTILES.map((q) => total.quantile(q)));
    total.destroy();
  });

  it('loses no request when it is made coarser', async () => {
    const { windows } = await fixture('rolled-back', 5 * MINUTE);
    const all = windows.flatMap(wholeRows).reduce((sum, row) => sum + row.requests, 0);
    const points = coarser(await timeSeries(windows), 7);
    expect(points.length).toBeLessThanOrEqual(7);
    expect(points.reduce((sum, p) => sum + p.arms.baseline!.requests + p.arms.candidate!.requests, 0)).toBe(all);
  });

  it('leaves a percentile out where less than one answer is expected beyond it', async () => {
    const { windows } = await fixture('promoted', 10_000);
    const canary = (await timeSeries(windows)).points.filter(
      (p) => p.startMs >= 124 * MINUTE && p.endMs <= 178 * MINUTE,
    );
    for (const point of canary) {
      expect(point.arms.candidate!.latencyMs[0]).not.toBeNull();
      expect(point.arms.candidate!.latencyMs[3]).toBeNull();
    }
  });

  it('gives no point and no arm without windows', async () => {
    expect(await timeSeries([])).toEqual({ stepMs: 0, points: [], arms: [] });
  });
});

describe('percentiles by nines', () => {
  it('ascend, and stop where fewer than five answers lie beyond', async () => {
    const { windows } = await fixture('rolled-back', 5 * MINUTE);
    const nines = await latencyByNines(await timeSeries(windows));
    for (const arm of ['baseline', 'candidate'] as const) {
      const answers = windows
        .flatMap(wholeRows)
        .reduce((sum, row) => sum + (row.arm === arm ? row.latency.count : 0), 0);
      const points = nines.get(arm)!;
      expect(points.every((p, i) => i === 0 || p.latencyMs >= points[i - 1]!.latencyMs)).toBe(true);
      expect(answers / points.at(-1)!.x).toBeGreaterThanOrEqual(4.99);
    }
  });
});

describe('the Wilson interval', () => {
  it('is the textbook one: 10 of 100 gives 5.5 % to 17.4 %', () => {
    const [low, high] = wilson(10, 100)!;
    expect(low).toBeCloseTo(0.0552, 4);
    expect(high).toBeCloseTo(0.1744, 4);
  });

  it('holds the ratio, stays within 0 and 1, and is absent without a request', () => {
    expect(wilson(0, 0)).toBeNull();
    fc.assert(
      fc.property(fc.nat(10_000), fc.nat(10_000), (k, more) => {
        const n = k + more;
        fc.pre(n > 0);
        const [low, high] = wilson(k, n)!;
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(k / n + 1e-12);
        expect(high).toBeGreaterThanOrEqual(k / n - 1e-12);
      }),
    );
  });
});
