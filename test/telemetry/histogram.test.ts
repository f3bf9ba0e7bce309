import * as fc from 'fast-check';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WasmHistogram } from 'hdr-histogram-js';
import {
  bucketOf,
  bucketValue,
  HIGHEST_US,
  histogramsReady,
  newHistogram,
  NO_TIMES,
  TimeRecorder,
  TimeTotal,
} from '../../telemetry/histogram.ts';
import type { TimeHistogram } from '../../telemetry/window.ts';

beforeAll(histogramsReady);

const recorded = (times: readonly number[]): TimeHistogram => {
  const recorder = new TimeRecorder();
  for (const ms of times) recorder.record(ms);
  return recorder.close();
};
const totals: TimeTotal[] = [];
const totalOf = (...windows: TimeHistogram[]): TimeTotal => {
  const total = new TimeTotal();
  totals.push(total);
  for (const window of windows) total.add(window);
  return total;
};
afterEach(() => {
  for (const total of totals.splice(0)) total.destroy();
});

/** Times from 1 µs to the hour, as the simulator makes them. */
const times = fc.array(
  fc.double({ min: -3, max: Math.log10(3_600_000), noNaN: true }).map((x) => 10 ** x),
  {
    minLength: 1,
    maxLength: 300,
  },
);

/** The nearest-rank quantile, by sorting. */
function bruteQuantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)]!;
}

describe('our buckets are HdrHistogram’s own', () => {
  test('every value falls into the bucket that HdrHistogram gives it, at every edge of the layout', () => {
    for (let us = 1024; us < HIGHEST_US; us *= 2) {
      for (const value of [us - 1, us, us + 1, us * 1.5, us * 2 - 1].filter((v) => v <= HIGHEST_US)) {
        const histogram = newHistogram();
        histogram.recordValue(value);
        const lowest = bucketValue(bucketOf(value));
        expect(lowest, `${value}`).toBeLessThanOrEqual(value);
        expect(bucketOf(lowest), `${value}`).toBe(bucketOf(value));
        // HdrHistogram answers the highest value it cannot tell from the recorded one.
        const highest = histogram.getValueAtPercentile(100);
        expect([bucketOf(highest), bucketOf(highest + 1)], `${value}`).toEqual([bucketOf(value), bucketOf(value) + 1]);
        histogram.destroy();
      }
    }
  });

  test('a bucket is never wider than a thousandth of its values', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: HIGHEST_US }), (us) => {
        const index = bucketOf(us);
        expect(bucketValue(index + 1) - bucketValue(index)).toBeLessThanOrEqual(Math.max(1, us / 1000));
      }),
    );
  });
});

describe('TimeRecorder', () => {
  test('encodes byte for byte as hdr-histogram-js does, runs of empty buckets and large counts included', () => {
    const counted = fc.array(
      fc.tuple(
        fc.double({ min: 0, max: Math.log10(3_600_000_000), noNaN: true }).map((x) => Math.round(10 ** x)),
        fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 40_000_000 })),
      ),
      { minLength: 1, maxLength: 80 },
    );
    fc.assert(
      fc.property(counted, (entries) => {
        const recorder = new TimeRecorder();
        const histogram = newHistogram();
        for (const [us, n] of entries) {
          recorder.recordMany(us / 1000, n);
          histogram.recordValueWithCount(us, n);
        }
        const theirs = histogram.encode();
        histogram.destroy();
        expect(Buffer.from(recorder.close().encoded).toString('hex')).toBe(Buffer.from(theirs).toString('hex'));
      }),
    );
  });

  test('keeps count, sum and maximum exactly', () => {
    fc.assert(
      fc.property(times, (values) => {
        const { count, sumMs, maxMs } = recorded(values);
        expect({ count, maxMs }).toEqual({ count: values.length, maxMs: Math.max(...values) });
        expect(sumMs).toBeCloseTo(
          values.reduce((a, b) => a + b, 0),
          4,
        );
      }),
    );
  });

  test('starts anew after a close', () => {
    const recorder = new TimeRecorder();
    recorder.record(5000);
    recorder.close();
    recorder.record(1);
    expect(recorder.close()).toEqual(recorded([1]));
    expect(recorder.close()).toEqual(NO_TIMES);
  });

  test('recording many at once is recording each', () => {
    const recorder = new TimeRecorder();
    recorder.record(7.25);
    recorder.recordMany(0.2, 1000);
    recorder.recordMany(3, 0);
    const single = recorded([7.25, ...Array<number>(1000).fill(0.2)]);
    expect(recorder.close()).toEqual({ ...single, sumMs: expect.closeTo(single.sumMs, 9) as number });
  });

  test('a time beyond the hour counts in the last bucket and keeps its exact maximum', () => {
    const long = 5e9;
    const total = totalOf(recorded([1, long]));
    expect([total.count, total.maxMs]).toEqual([2, long]);
    expect(total.quantile(0.99)).toBeCloseTo(HIGHEST_US / 1000, -4);
  });
});

describe('TimeTotal', () => {
  test('merged windows have the quantiles of all their times together, to a thousandth', () => {
    fc.assert(
      fc.property(times, times, times, (a, b, c) => {
        const total = totalOf(recorded(a), NO_TIMES, recorded(b), recorded(c));
        const all = [...a, ...b, ...c];
        for (const q of [0.01, 0.5, 0.9, 0.95, 0.99]) {
          const exact = bruteQuantile(all, q);
          // A thousandth, and the half µs that every time is rounded to.
          expect(Math.abs(total.quantile(q)! - exact), `q ${q} of ${all.length}`).toBeLessThanOrEqual(
            exact / 1000 + 0.00051,
          );
        }
        expect(total.mean()).toBeCloseTo(all.reduce((s, x) => s + x, 0) / all.length, 4);
        total.destroy();
        totals.pop();
      }),
      { numRuns: 50 },
    );
  });

  test('no quantile is above the maximum', () => {
    // HdrHistogram answers the highest value of a bucket, which for 1,234 ms is 1,235.
    expect(totalOf(recorded([1234.5678])).quantile(0.5)).toBe(1234.5678);
    expect(totalOf(recorded([1, 50.0004])).quantile(0.999)).toBe(50.0004);
  });

  test('of nothing has neither mean nor quantiles: absent is null, never 0', () => {
    const total = totalOf(NO_TIMES);
    expect([total.mean(), total.quantile(0.5), total.close()]).toEqual([null, null, NO_TIMES]);
  });

  test('closed, it is one window’s histogram; reset, it is new', () => {
    const [a, b] = [recorded([1, 2, 3]), recorded([40, 50])];
    const total = totalOf(a, b);
    const whole = total.close();
    expect(whole).toEqual(recorded([1, 2, 3, 40, 50]));
    total.reset();
    expect(total.close()).toEqual(NO_TIMES);
    total.add(whole);
    expect(total.quantile(0.5)).toBeCloseTo(3, 2);
  });

  test('its encoding is HdrHistogram’s V2, which other tools read', () => {
    const decoded = WasmHistogram.decode(recorded([1, 2, 2, 3]).encoded, 32) as WasmHistogram;
    expect([decoded.totalCount, decoded.getValueAtPercentile(50)]).toEqual([4, 2000]);
    decoded.destroy();
  });
});
