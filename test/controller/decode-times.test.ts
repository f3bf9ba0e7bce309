import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeBuckets } from '../../controller/decode-times.ts';
import { timeQuantile } from '../../controller/guards/times.ts';
import { merge, NOTHING, positionOfRank, totalOf } from '../../controller/sparse.ts';
import { histogramsReady, TimeRecorder, TimeTotal } from '../../telemetry/histogram.ts';

beforeAll(histogramsReady);

const sparse = (pairs: [number, number][]) => {
  const sorted = pairs.toSorted((a, b) => a[0] - b[0]);
  return { at: sorted.map(([at]) => at), counts: sorted.map(([, count]) => count) };
};

describe('histograms of times as plain data', () => {
  it('has the counts and quantiles that hdr-histogram-js has, over merged windows', () => {
    const times = fc.array(fc.double({ min: 0, max: 4e6, noNaN: true }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(fc.array(times, { minLength: 1, maxLength: 4 }), (windows) => {
        const recorder = new TimeRecorder();
        const total = new TimeTotal();
        let buckets = NOTHING;
        for (const window of windows) {
          for (const ms of window) recorder.record(ms);
          const closed = recorder.close();
          total.add(closed);
          buckets = merge(buckets, decodeBuckets(closed.encoded));
        }
        const count = windows.flat().length;
        expect(totalOf(buckets)).toBe(count);
        for (const q of [0.01, 0.5, 0.95, 0.999])
          expect(timeQuantile({ buckets, maxMs: total.maxMs }, q, count)).toBeCloseTo(
            total.quantile(q) ?? Number.NaN,
            9,
          );
        total.destroy();
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it('reads nothing from nothing, and refuses other bytes', () => {
    expect(decodeBuckets(new Uint8Array(0))).toEqual(NOTHING);
    expect(() => decodeBuckets(new Uint8Array(64))).toThrow(/cookie/);
    expect(() => decodeBuckets(Uint8Array.of(28, 132, 147, 19))).toThrow(RangeError);
  });

  it('merges like a dense array, and finds ranks', () => {
    const histogram = fc.uniqueArray(fc.tuple(fc.nat(40), fc.integer({ min: 1, max: 9 })), { selector: ([at]) => at });
    fc.assert(
      fc.property(histogram, histogram, (a, b) => {
        const list = [...a, ...b]
          .flatMap(([at, count]) => Array.from({ length: count }, () => at))
          .sort((x, y) => x - y);
        const merged = merge(sparse(a), sparse(b));
        expect(new Set(merged.at).size).toBe(merged.at.length);
        for (const [i, value] of list.entries()) expect(positionOfRank(merged, i + 1)?.at).toBe(value);
        expect(positionOfRank(merged, list.length + 1)).toBeNull();
      }),
      { seed: 2 },
    );
  });
});
