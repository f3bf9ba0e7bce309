/** Labels by cluster of users: they mature with their labels, add up over windows before anybody squares them, and survive a recording. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Cell } from '../../telemetry/cell.ts';
import {
  addClusters,
  type ClusterCounts,
  type Clustering,
  ClusterRecorder,
  NO_CLUSTERS,
} from '../../telemetry/clusters.ts';
import { histogramsReady } from '../../telemetry/histogram.ts';
import { InvariantViolation, WindowChecker } from '../../telemetry/invariants.ts';
import { readRecording, RecordingDigest, RecordingWriter, rowsOf } from '../../telemetry/recording.ts';
import { sumRows } from '../../telemetry/sum.ts';
import type { ArmWindow, Window, WindowHeader } from '../../telemetry/window.ts';
import { frameOf, header, scoreGrid, thresholds, WINDOW_MS, windowsOf } from './recorded.ts';

const home = mkdtempSync(join(tmpdir(), 'coalmine-clusters-'));
afterAll(() => rmSync(home, { recursive: true }));
beforeAll(histogramsReady);

const TENS: Clustering = { clusters: 10, clusterOf: (user) => user % 10 };
const counts = (...rows: readonly (readonly [at: number, impressions: number, outcomes: number])[]): ClusterCounts => ({
  at: rows.map(([at]) => at),
  impressions: rows.map(([, n]) => n),
  outcomes: rows.map(([, , x]) => x),
});

describe('labels by cluster', () => {
  test('are counted where their users are, in the window in which they mature', () => {
    const recorder = new ClusterRecorder(TENS, WINDOW_MS, 25_000);
    recorder.add(4000, 3, true); // matures at 29 s
    recorder.add(4500, 13, false); // the same cluster
    recorder.add(9000, 7, true); // at 34 s
    expect([0, 1, 2, 3, 4].map((index) => recorder.close(index))).toEqual([
      NO_CLUSTERS,
      NO_CLUSTERS,
      counts([3, 2, 1]),
      counts([7, 1, 1]),
      NO_CLUSTERS,
    ]);
  });

  test('add up cluster by cluster, in any order', () => {
    const some = fc
      .uniqueArray(fc.integer({ min: 0, max: 9 }), { maxLength: 10 })
      .map((at) => counts(...at.toSorted((a, b) => a - b).map((each) => [each, each + 2, each % 3] as const)));
    fc.assert(
      fc.property(some, some, some, (a, b, c) => {
        const sum = addClusters(addClusters(a, b), c);
        expect(addClusters(c, addClusters(b, a))).toEqual(sum);
        for (const [i, at] of sum.at.entries()) {
          const of = (each: ClusterCounts, field: 'impressions' | 'outcomes'): number =>
            each[field][each.at.indexOf(at)] ?? 0;
          for (const field of ['impressions', 'outcomes'] as const)
            expect(sum[field][i]).toBe([a, b, c].reduce((total, each) => total + of(each, field), 0));
        }
        expect(new Set(sum.at)).toEqual(new Set([...a.at, ...b.at, ...c.at]));
        expect(sum.at).toEqual(sum.at.toSorted((x, y) => x - y));
      }),
    );
  });
});

const apart: WindowHeader = { ...header(['all']), userClusters: 10 };

/** Windows of one cell per segment in which these users answer, positively when they are even. */
function rowsFor(users: readonly number[], segments: readonly string[] = ['all']): ArmWindow[] {
  return segments.map((segment, s) => {
    const cell = new Cell('candidate', segment, {
      thresholds,
      scoreGrid,
      windowMs: WINDOW_MS,
      labelDelayMs: 0,
      hitMs: 0,
      users: TENS,
    });
    for (const user of users) cell.labelled(1, (user + s) % 2 === 0, user + s);
    return cell.close(frameOf(0), 0, null, false);
  });
}

const windowWith = (row: ArmWindow): Window => ({ index: 0, startMs: 0, endMs: WINDOW_MS, rows: [row] });

describe('a window', () => {
  test('has the labels of its users, which are those of the arm', () => {
    const [row] = rowsFor([1, 4, 14, 4]);
    expect(row!.users).toEqual(counts([1, 1, 0], [4, 3, 3]));
    expect([row!.impressions, row!.outcomes]).toEqual([4, 3]);
    const claimed = { ...row!, users: counts([1, 2, 0], [4, 3, 3]) };
    new WindowChecker().check(windowWith(row!));
    expect(() => new WindowChecker().check(windowWith(claimed))).toThrow(InvariantViolation);
  });

  test('of all segments has the sums of theirs, cluster by cluster', () => {
    const sum = sumRows(rowsFor([1, 4], ['ATL', 'LAX']), 'all');
    expect(sum.users).toEqual(counts([1, 1, 0], [2, 1, 1], [4, 1, 1], [5, 1, 0]));
  });

  test('of a run that does not tell users apart has none, and is recorded as ever', () => {
    const [window] = windowsOf(['all'], [50]);
    for (const row of window!.rows) expect(Object.keys(row)).not.toContain('users');
    const more = { ...window!, rows: window!.rows.map((row) => ({ ...row, users: NO_CLUSTERS })) };
    expect(rowsOf(more).map((row) => row.slice(0, -1))).toEqual(rowsOf(window!));
  });
});

test('a recording read again has them, and they are part of its identity', async () => {
  const file = join(home, 'users.parquet');
  const windows: Window[] = [{ index: 0, startMs: 0, endMs: WINDOW_MS, rows: rowsFor([1, 4, 14, 4]) }];
  const writer = await RecordingWriter.open(file, apart);
  for (const window of windows) writer.add(rowsOf(window));
  await writer.finish();
  expect(await readRecording(file)).toEqual({ header: apart, windows });
  const digestOf = (users: readonly number[]): string => {
    const digest = new RecordingDigest(apart);
    for (const row of rowsFor(users)) digest.add(rowsOf({ ...windows[0]!, rows: [row] }));
    return digest.close();
  };
  expect(digestOf([1, 4])).toBe(digestOf([1, 4]));
  // As many labels and as many positive ones, of other users.
  expect(digestOf([1, 4])).not.toBe(digestOf([1, 6]));
});
