import { expect, test } from 'vitest';
import { withFleetFigures } from '../../../live/gateway/window-rows.ts';
import { WindowChecker } from '../../../telemetry/invariants.ts';
import type { ArmWindow } from '../../../telemetry/window.ts';
import { OPTIONS } from './options.ts';
import { Caller, epochMs, pause, startPair, WindowLog } from './support.ts';

/** Sum of a count over all windows of an arm, all segments. */
const totalOf = (rows: readonly ArmWindow[], arm: string, of: (row: ArmWindow) => number): number =>
  rows.filter((row) => row.arm === arm && row.segment === 'all').reduce((sum, row) => sum + of(row), 0);

/** What the baseline answers to request `number`: one in ten each of 500, 503 and 504. */
const status = (number: number): number => [200, 500, 503, 504][number % 10] ?? 200;

test('windows count exactly what was sent: answers, errors by class, hits, scores, pairs, labels, by segment', async () => {
  const { gateway, baseline, candidate } = await startPair(
    {
      segments: ['even', 'odd'],
      segmentOfRow: Uint8Array.from({ length: 100 }, (_, row) => row % 2),
      labels: { kind: 'acceptance', actual: new Float32Array(100).fill(3), tolerance: 0.5 },
    },
    {
      baseline: ({ number }) => ({ status: status(number), timing: '1;250;0;5000;5000', score: '3.25' }),
      candidate: ({ number }) => ({ timing: '0;800;100;1;1', score: number % 4 === 0 ? '3.5' : '3.3' }),
    },
  );
  const log = new WindowLog(gateway);
  const checker = new WindowChecker();
  await gateway.begin(epochMs());
  await gateway.setRoute({ mirrorPercent: 100 });
  const replies = await new Caller(gateway).sendMany(1000, 0, (n) => ({ row: n % 100 }));
  const done = Math.ceil((await gateway.status()).nowMs! / OPTIONS.windowMs);
  // Copies may still be on their way when the users have their answers.
  while ((await gateway.status()).inFlight.candidate > 0) await pause(10);
  const windows = await log.until(done + 1);
  for (const window of windows) checker.check(window);
  const rows = windows.flatMap((window) => window.rows);

  expect(replies.filter(({ status: s }) => s === 200).length).toBe(700);
  expect([baseline.seen.length, candidate.copies.length]).toEqual([1000, 1000]);
  const of = (arm: string) => (count: (row: ArmWindow) => number) => totalOf(rows, arm, count);
  const [b, c] = [of('baseline'), of('candidate')];
  expect([b((r) => r.arrived), b((r) => r.arrivedMirrored), b((r) => r.completed)]).toEqual([1000, 0, 700]);
  expect([b((r) => r.failed), b((r) => r.rejected), b((r) => r.timedOut)]).toEqual([100, 100, 100]);
  expect([c((r) => r.arrived), c((r) => r.arrivedMirrored), c((r) => r.completed)]).toEqual([1000, 1000, 1000]);
  expect([b((r) => r.cacheHits), b((r) => r.cacheMisses)]).toEqual([1000, 0]);
  expect([c((r) => r.cacheHits), c((r) => r.cacheMisses)]).toEqual([0, 1000]);
  expect(c((r) => r.featureFetch.sumMs)).toBeCloseTo(800, 6);
  expect(c((r) => r.wait.sumMs)).toBeCloseTo(100, 6);
  expect([b((r) => r.scores.count), c((r) => r.scores.count)]).toEqual([700, 1000]);
  expect([b((r) => r.impressions), b((r) => r.outcomes), c((r) => r.impressions)]).toEqual([700, 700, 0]);
  expect(c((r) => r.shadow!.compared)).toBe(700);
  expect(c((r) => r.shadow!.incomplete)).toBe(300);
  // |3.5 − 3.25| is beyond the tolerance of 0.1, |3.3 − 3.25| is not.
  const mismatches = Array.from({ length: 1000 }, (_, n) => n).filter((n) => n % 4 === 0 && status(n) === 200).length;
  expect(c((r) => r.shadow!.mismatches)).toBe(mismatches);
  const odd = rows.filter((row) => row.arm === 'baseline' && row.segment === 'odd');
  expect(odd.reduce((sum, row) => sum + row.arrived, 0)).toBe(500);
});

test('windows end at whole multiples of their width from the given start, and nothing before it counts', async () => {
  const { gateway } = await startPair({ windowMs: 100 });
  const log = new WindowLog(gateway);
  const caller = new Caller(gateway);
  await caller.sendMany(20);
  const startAtMs = epochMs() + 150;
  await gateway.begin(startAtMs);
  await caller.sendMany(5);
  expect((await gateway.status()).sums.received).toBe(25);
  const windows = await log.until(3);
  expect(epochMs()).toBeGreaterThanOrEqual(startAtMs + 400);
  expect(windows.map(({ index, startMs, endMs }) => [index, startMs, endMs])).toEqual(
    windows.map((_, i) => [i, i * 100, (i + 1) * 100]),
  );
  const arrived = windows.flatMap(({ rows }) => rows).reduce((sum, row) => sum + row.arrived, 0);
  // The second burst may end after the start on a busy machine; the first cannot.
  expect(arrived).toBeLessThanOrEqual(5);
  await expect(gateway.begin(startAtMs)).rejects.toThrow('the rehearsal has begun already');
});

test("the fleet's figures are null until the world adds them, on the rows of all segments", async () => {
  const { gateway } = await startPair({ windowMs: 50, segments: ['only', 'other'], segmentOfRow: Uint8Array.of(0) });
  const log = new WindowLog(gateway);
  await gateway.begin(epochMs());
  const [window] = await log.until(0);
  expect(window!.rows.map(({ busyMs }) => busyMs)).toEqual([null, null, null, null, null, null]);
  const figures = { busyMs: 20, capacityMs: 100, readyReplicas: 2 };
  const known = withFleetFigures(window!, { baseline: figures, candidate: { ...figures, busyMs: 30 } });
  expect(known.rows.map(({ busyMs }) => busyMs)).toEqual([20, null, null, 30, null, null]);
});
