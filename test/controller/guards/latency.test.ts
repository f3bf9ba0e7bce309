import { beforeAll, describe, expect, it } from 'vitest';
import { decodeBuckets } from '../../../controller/decode-times.ts';
import { exceedances, quantileBreaks, thresholdOf } from '../../../controller/guards/latency.ts';
import { timeQuantile } from '../../../controller/guards/times.ts';
import { NO_TALLY } from '../../../controller/tally.ts';
import { thresholdsOf } from '../../../controller/thresholds.ts';
import { Cell } from '../../../telemetry/cell.ts';
import { histogramsReady } from '../../../telemetry/histogram.ts';
import type { ArmWindow, LatencyThreshold } from '../../../telemetry/window.ts';
import { guardOf, headerOf, MINUTE, policyOf } from '../support.ts';

const bound = (breachWhen: '>' | '>=' | '<' | '<=') => ({ kind: 'absolute', breachWhen, value: 50 }) as const;
const at = (...us: number[]) => ({ buckets: { at: us, counts: us.map(() => 1) }, maxMs: 1e9 });

/** Nearest-rank quantile of a list, from the definition. */
const nearestRank = (sorted: readonly number[], percent: number): number =>
  sorted[Math.ceil((percent * sorted.length) / 100) - 1]!;

const latency = (breachWhen: '>' | '>=', value: number) =>
  guardOf({ metric: { kind: 'latency', quantile: 0.95 }, bound: { kind: 'absolute', breachWhen, value } });

describe('latency by exceedance counts (statistics §6)', () => {
  it.each([
    [100, 5, false],
    [100, 6, true],
    [4167, 208, false],
    [4167, 209, true],
    [19, 1, true],
    [20, 1, false],
  ])('p95 < 50 ms with %i requests of which %i take 50 ms or more: over is %s', (samples, events, over) => {
    expect(quantileBreaks({ events, samples }, 0.95, bound('>='))).toBe(over);
    expect(quantileBreaks({ events, samples }, 0.95, bound('>'))).toBe(over);
    expect(20 * events > samples).toBe(over);
  });

  it('equals the nearest-rank quantile of the list, for every operator and edge', () => {
    for (const percent of [50, 90, 95, 99])
      for (let n = 1; n <= 60; n++)
        for (let slow = 0; slow <= n; slow++)
          for (const edge of [0, 1, 3]) {
            const values = [
              ...Array.from({ length: Math.max(0, n - slow - edge) }, () => 20),
              ...Array.from({ length: Math.min(edge, n - slow) }, () => 50),
              ...Array.from({ length: slow }, () => 80),
            ];
            const q = nearestRank(values, percent);
            const more = values.filter((value) => value > 50).length;
            const atLeast = values.filter((value) => value >= 50).length;
            const broken = (operator: '>' | '>=' | '<' | '<=', events: number): boolean =>
              quantileBreaks({ events, samples: n }, percent / 100, bound(operator));
            expect(broken('>', more)).toBe(q > 50);
            expect(broken('>=', atLeast)).toBe(q >= 50);
            expect(broken('<', atLeast)).toBe(q < 50);
            expect(broken('<=', more)).toBe(q <= 50);
          }
  });

  it('the operator chooses the counter', () => {
    expect(['>', '<=', '>=', '<'].map((each) => thresholdOf(bound(each as '>')).operator)).toEqual([
      '>',
      '>',
      '>=',
      '>=',
    ]);
  });

  it('lists distinct counters in one order', () => {
    const policy = policyOf({
      guards: [latency('>=', 50), latency('>', 80), latency('>', 50), latency('>=', 50), guardOf()],
    });
    expect(thresholdsOf(policy)).toEqual([
      { thresholdMs: 50, operator: '>' },
      { thresholdMs: 50, operator: '>=' },
      { thresholdMs: 80, operator: '>' },
    ]);
  });

  it('refuses to guess when the run does not count what the bound needs', () => {
    expect(() => exceedances({ thresholdMs: 50, operator: '>' }, NO_TALLY, headerOf(policyOf()))).toThrow(
      /no counter for > 50 ms/,
    );
  });
});

/** What an arm's window counts and keeps of these latencies, ms. */
function windowOf(values: readonly number[], thresholds: readonly LatencyThreshold[]): ArmWindow {
  const options = { thresholds, scoreGrid: { low: 0, high: 1, bins: 1 }, windowMs: MINUTE, labelDelayMs: 0, hitMs: 0 };
  const cell = new Cell('candidate', 'all', options);
  for (const value of values) cell.answered(value, 0, false);
  return cell.close({ index: 0, startMs: 0, endMs: MINUTE, weightPercent: 5 }, 0, null, false);
}

describe('where interpolation would be wrong, counts are right (statistics §6)', () => {
  beforeAll(histogramsReady);

  // All inside one bucket, as Prometheus' histogram_quantile sees them: the share q of the way from its lower edge to its upper one.
  it.each([
    [220, [200, 300], 250, 295],
    [320, [300, 450], 400, 442.5],
  ] as const)('every answer takes %f ms: a bucket of %j reads as a p95 above %f', (ms, [low, high], limit, reads) => {
    expect(low + 0.95 * (high - low)).toBeCloseTo(reads, 9);
    expect(reads).toBeGreaterThan(limit);
    const window = windowOf(
      Array.from({ length: 400 }, () => ms),
      [{ thresholdMs: limit, operator: '>' }],
    );
    const count = { events: window.over[0]!, samples: window.requests };
    expect(quantileBreaks(count, 0.95, { kind: 'absolute', breachWhen: '>', value: limit })).toBe(false);
    const p95 = timeQuantile({ buckets: decodeBuckets(window.latency.encoded), maxMs: ms }, 0.95, 400)!;
    expect(Math.abs(p95 / ms - 1)).toBeLessThan(0.001);
  });

  it('one slow answer of twenty is no p95 of 50 ms, though interpolated ranks make it 69 ms', () => {
    const sorted = [...Array.from({ length: 19 }, () => 20), 1000];
    const place = 0.95 * 19;
    const [below, above] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
    expect(below + (place % 1) * (above - below)).toBeCloseTo(69, 9);
    const window = windowOf(sorted, [{ thresholdMs: 50, operator: '>=' }]);
    const count = { events: window.over[0]!, samples: window.requests };
    expect(quantileBreaks(count, 0.95, bound('>='))).toBe(false);
    expect(quantileBreaks({ ...count, samples: 19 }, 0.95, bound('>='))).toBe(true);
  });
});

describe('quantiles of times', () => {
  it('takes the nearest rank', () => {
    expect(timeQuantile(at(10, 20, 30, 40), 0.5, 4)).toBe(0.02);
    expect(timeQuantile(at(10, 20, 30, 40), 0.51, 4)).toBe(0.03);
  });

  it('places requests without an answer beyond every time', () => {
    expect(timeQuantile(at(10, 20, 30), 0.75, 4)).toBe(0.03);
    expect(timeQuantile(at(10, 20, 30), 0.76, 4)).toBe(Infinity);
    expect(timeQuantile(at(), 0.5, 0)).toBeNull();
  });
});
