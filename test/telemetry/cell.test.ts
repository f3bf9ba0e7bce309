import { beforeAll, describe, expect, test } from 'vitest';
import { histogramsReady, NO_TIMES } from '../../telemetry/histogram.ts';
import { sumRows } from '../../telemetry/sum.ts';
import { ALL_SEGMENTS, type ArmWindow } from '../../telemetry/window.ts';
import { type Event, eventsOf, frameOf, newCell, WINDOW_MS } from './recorded.ts';

beforeAll(histogramsReady);

/** What a cell counted of these events. */
function counted(events: readonly Event[], segment = ALL_SEGMENTS): ArmWindow {
  const cell = newCell('candidate', segment);
  for (const event of events) event(cell);
  return cell.close(frameOf(0), 0, null, true);
}
const answer =
  (latencyMs: number): Event =>
  (cell) =>
    cell.answered(latencyMs, 0, false);

describe('latency thresholds are counted exactly, at their edge too', () => {
  // In the header's order: >= 50 ms, > 50 ms, > 200 ms.
  test.each([
    [49.999_999_999, [0, 0, 0]],
    [50, [1, 0, 0]],
    [50.000_000_001, [1, 1, 0]],
    [200, [1, 1, 0]],
    [200.1, [1, 1, 1]],
  ])('an answer after %f ms counts %j', (latencyMs, over) => {
    expect(counted([answer(latencyMs)]).over).toEqual(over);
  });

  test('a request without an answer is over every one of them, however fast it failed', () => {
    const lost = (['failed', 'rejected', 'timedOut'] as const).map(
      (how): Event =>
        (cell) =>
          cell.unanswered(how, false),
    );
    const row = counted([answer(1), ...lost]);
    expect(row.over).toEqual([3, 3, 3]);
    expect(row).toMatchObject({ requests: 4, completed: 1, failed: 1, rejected: 1, timedOut: 1, errors: 3 });
    expect(row.latency.count, 'latency is that of answers').toBe(1);
  });
});

describe('a window', () => {
  test('of nothing has zero counts and no times', () => {
    const row = newCell('candidate').close(frameOf(3), 0, null, false);
    expect(row).toMatchObject({
      index: 3,
      requests: 0,
      over: [0, 0, 0],
      latency: NO_TIMES,
      wait: NO_TIMES,
      shadow: null,
    });
    expect([row.busyMs, row.capacityMs, row.readyReplicas], 'absent is null').toEqual([null, null, null]);
  });

  test('starts at nothing after the one before: two windows count what one would', () => {
    const events = eventsOf(400, 'halves');
    const cell = newCell('candidate');
    for (const event of events.slice(0, 150)) event(cell);
    const first = cell.close(frameOf(0), 0, null, true);
    for (const event of events.slice(150)) event(cell);
    const second = cell.close(frameOf(1), 0, null, true);
    expect(first).toEqual(counted(events.slice(0, 150)));
    // Labels of answers at time 0 belong to the first window, so the second has none.
    const { impressions: _, outcomes: __, ...rest } = counted(events.slice(150));
    expect(second).toMatchObject({ ...rest, ...frameOf(1), impressions: 0, outcomes: 0 });
  });

  test('counts requests that did not wait, and features from the cache, with the others', () => {
    const row = counted([
      (cell) => cell.answered(20, 0, false),
      (cell) => cell.answered(30, 10, false),
      (cell) => cell.hits++,
      (cell) => cell.fetched(6, true),
      (cell) => cell.fetched(9, false),
    ]);
    expect(row.wait).toMatchObject({ count: 2, sumMs: 10, maxMs: 10 });
    expect(row.featureFetch).toMatchObject({ count: 3, sumMs: expect.closeTo(15.2, 9) as number, maxMs: 9 });
    expect(row).toMatchObject({ cacheHits: 1, cacheMisses: 2, featuresMissing: 1 });
  });

  test('counts copies apart, answered or not', () => {
    const row = counted([
      (cell) => cell.answered(20, 0, true),
      (cell) => cell.unanswered('rejected', true),
      (cell) => cell.answered(20, 0, false),
    ]);
    expect(row).toMatchObject({ requests: 3, mirrored: 2 });
  });
});

/** The window in which the label of an answer at `doneMs` is counted. */
const maturity = (doneMs: number, delayMs: number): number => {
  const cell = newCell('baseline', ALL_SEGMENTS, delayMs);
  let label: number | null = null;
  for (let index = 0; index < 40; index++) {
    if (frameOf(index).startMs <= doneMs && doneMs < frameOf(index).endMs) cell.labelled(doneMs, true);
    const row = cell.close(frameOf(index), 0, null, false);
    expect(row.outcomes).toBe(row.impressions);
    if (row.impressions === 0) continue;
    expect([label, row.impressions], 'once').toEqual([null, 1]);
    label = index;
  }
  return label!;
};

describe('a label counts in the window in which it matures', () => {
  test.each([
    ['at once without a delay', 12_345, 0, 1],
    ['a whole number of windows later', 12_345, 3 * WINDOW_MS, 4],
    ['just before a window ends', 9_999, 10_000, 1],
    ['exactly when a window begins', 5_000, 5_000, 1],
    ['after a delay that is no number of windows', 19_999, 25_002, 4],
    ['after the longest way round the queue', 99_999, 290_000, 38],
  ])('%s', (_, doneMs, delayMs, index) => {
    expect(maturity(doneMs, delayMs)).toBe(index);
    expect(index).toBe(Math.floor((doneMs + delayMs) / WINDOW_MS));
  });

  test('positive or not', () => {
    const row = counted([(cell) => cell.labelled(1, true), (cell) => cell.labelled(2, false)]);
    expect(row).toMatchObject({ impressions: 2, outcomes: 1 });
  });
});

describe('a shadow comparison', () => {
  test('is there while requests are mirrored, and as long as pairs end; null otherwise', () => {
    const cell = newCell('candidate');
    expect(cell.close(frameOf(0), 0, null, true).shadow).toMatchObject({ compared: 0, incomplete: 0 });
    cell.pairs.lost();
    expect(cell.close(frameOf(1), 0, null, false).shadow).toMatchObject({ compared: 0, incomplete: 1 });
    expect(cell.close(frameOf(2), 0, null, false).shadow).toBeNull();
  });

  test('sums both arms over the same requests', () => {
    const row = counted([
      (cell) => cell.pairs.complete(12),
      (cell) => cell.pairs.scored(10, 14, true),
      (cell) => cell.pairs.complete(30),
      (cell) => cell.pairs.scored(20, 19, false),
      (cell) => cell.pairs.lost(),
    ]);
    expect(row.shadow).toMatchObject({
      compared: 2,
      mismatches: 1,
      baselineSum: 30,
      candidateSum: 33,
      absoluteDifferenceSum: 5,
      slowerSumMs: 42,
      incomplete: 1,
    });
  });
});

describe('the row of all segments', () => {
  test('is what counting without segments gives', () => {
    const events = eventsOf(900, 'sums');
    const whole = counted(events);
    const parts = [0, 1, 2].map((part) =>
      counted(
        events.filter((_, i) => i % 3 === part),
        `segment-${part}`,
      ),
    );
    // Sums of fractions depend on their order in the last digits; everything else is exact.
    expect(rounded(sumRows(parts, ALL_SEGMENTS))).toEqual(rounded(whole));
  });

  test('of one segment is that segment', () => {
    const row = counted(eventsOf(50, 'one'), 'nyc');
    expect(sumRows([row], ALL_SEGMENTS)).toEqual({ ...row, segment: ALL_SEGMENTS });
  });

  test('has no shadow comparison when no segment has one', () => {
    const rows = ['a', 'b'].map((segment) => newCell('baseline', segment).close(frameOf(0), 0, null, false));
    expect(sumRows(rows, ALL_SEGMENTS).shadow).toBeNull();
  });
});

/** Every number to nine significant digits, at any depth. */
function rounded(value: unknown): unknown {
  if (typeof value === 'number') return Number(value.toPrecision(9));
  if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return value.map(rounded);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, rounded(each)]));
}
