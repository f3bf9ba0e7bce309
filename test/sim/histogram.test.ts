/** The histogram's own bucket layout against HdrHistogram (WebAssembly), byte for byte. */
import * as fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { HIGHEST_US, histogramsReady, newHistogram, TimeRecorder, TimeTotal } from '../../telemetry/histogram.ts';

beforeAll(histogramsReady);

const SEED = 11;
const microseconds = fc
  .oneof(
    fc.integer({ min: 0, max: 5000 }),
    fc.integer({ min: 0, max: 10_000_000 }),
    fc.integer({ min: 0, max: HIGHEST_US }),
    fc.integer({ min: 0, max: 21 }).chain((k) => fc.constantFrom(2048 * 2 ** k - 1, 2048 * 2 ** k, 2048 * 2 ** k + 1)),
    fc.constantFrom(HIGHEST_US - 1, HIGHEST_US),
  )
  .map((us) => Math.min(us, HIGHEST_US));

/** What HdrHistogram encodes when it is told every value itself. */
function reference(values: readonly number[]): Uint8Array {
  const histogram = newHistogram();
  for (const us of values) histogram.recordValue(us);
  const encoded = histogram.encode();
  histogram.destroy();
  return encoded;
}

describe('a recorder', () => {
  test('encodes what HdrHistogram encodes of the same values, byte for byte', () => {
    fc.assert(
      fc.property(fc.array(microseconds, { minLength: 1, maxLength: 200 }), (values) => {
        const recorder = new TimeRecorder();
        for (const us of values) recorder.record(us / 1000);
        const closed = recorder.close();
        expect(Buffer.from(closed.encoded).equals(Buffer.from(reference(values)))).toBe(true);
        expect(closed.count).toBe(values.length);
        expect(closed.sumMs).toBeCloseTo(values.reduce((sum, us) => sum + us, 0) / 1000, 3);
        expect(closed.maxMs).toBe(Math.max(...values) / 1000);
      }),
      { seed: SEED, numRuns: 200 },
    );
  });
});

test('windows merge to what one histogram of all values says', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(microseconds, { minLength: 1, maxLength: 50 }), { minLength: 1, maxLength: 5 }),
      (windows) => {
        const total = new TimeTotal();
        for (const values of windows) {
          const recorder = new TimeRecorder();
          for (const us of values) recorder.record(us / 1000);
          total.add(recorder.close());
        }
        const merged = total.close();
        expect(Buffer.from(merged.encoded).equals(Buffer.from(reference(windows.flat())))).toBe(true);
        const sorted = windows.flat().sort((a, b) => a - b);
        const median = sorted[Math.ceil(sorted.length / 2) - 1]!;
        expect(Math.abs(total.quantile(0.5)! * 1000 - median)).toBeLessThanOrEqual(Math.max(1, median / 1000));
        total.destroy();
      },
    ),
    { seed: SEED, numRuns: 100 },
  );
});
