import { beforeAll, describe, expect, test } from 'vitest';
import { histogramsReady, TimeRecorder } from '../../telemetry/histogram.ts';
import type { ArmWindow } from '../../telemetry/window.ts';
import { countBeyond } from '../../tuning/derive-counters.ts';

beforeAll(histogramsReady);

const rowOf = (timesMs: readonly number[], errors: number): ArmWindow => {
  const recorder = new TimeRecorder();
  for (const time of timesMs) recorder.record(time);
  return { latency: recorder.close(), errors } as ArmWindow;
};

describe('latency bounds counted from histograms', () => {
  const times = Array.from({ length: 5000 }, (_, i) => 20 + i * 0.01);

  test('are the exact counts to 0.1 % of the bound', () => {
    const row = rowOf(times, 0);
    for (let thresholdMs = 21; thresholdMs < 69; thresholdMs += 0.37) {
      const [over, from] = countBeyond(row, [
        { thresholdMs, operator: '>' },
        { thresholdMs, operator: '>=' },
      ]) as [number, number];
      const beyond = (bound: number): number => times.filter((time) => time > bound).length;
      expect(over).toBeLessThanOrEqual(beyond(thresholdMs * 0.999));
      expect(over).toBeGreaterThanOrEqual(beyond(thresholdMs * 1.001));
      expect(from).toBeGreaterThanOrEqual(over);
    }
  });

  test('tell "at the bound" from "over it" where a bucket begins with the bound', () => {
    const row = rowOf([1, 1, 1.5], 0);
    expect(countBeyond(row, [{ thresholdMs: 1, operator: '>' }])).toEqual([1]);
    expect(countBeyond(row, [{ thresholdMs: 1, operator: '>=' }])).toEqual([3]);
  });

  test('count every request without an answer as beyond any bound', () => {
    expect(countBeyond(rowOf([1, 2], 7), [{ thresholdMs: 9000, operator: '>' }])).toEqual([7]);
  });

  test('know bounds that no time reaches', () => {
    expect(countBeyond(rowOf([1], 0), [{ thresholdMs: 1e9, operator: '>' }])).toEqual([0]);
  });
});
