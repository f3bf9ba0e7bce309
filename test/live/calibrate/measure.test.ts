/** Real servers are measured: times add up to the latency, and a restarted replica is told apart. */
import { expect, test } from 'vitest';
import { measure } from '../../../live/calibrate/measure.ts';
import { crashesAt } from '../../../live/calibrate/point.ts';
import { freshOf, pointOf, SETTLED_MS } from '../../../live/calibrate/summarise.ts';
import { RUNTIME } from '../../../models/runtime.ts';
import { tinyScenario } from '../world/support.ts';

test('a run of real servers gives service, overhead and feature times, and the curve of a replica that starts', {
  timeout: 60_000,
}, async () => {
  const seconds = 6;
  const tiny = await tinyScenario({ rate: 120, baseline: { replicas: '2' }, candidate: { replicas: '2' } });
  const scenario = { ...tiny, faults: crashesAt([2500]), limitMs: seconds * 1000 };
  const measured = await measure(scenario, {
    load: 'builtin',
    k6: null,
    redis: null,
    runtime: RUNTIME,
    signal: undefined,
  });
  const point = pointOf({ target: 0.1, seconds }, measured);
  const settled = measured.samples.filter(({ receivedMs }) => receivedMs >= SETTLED_MS);
  expect(point.arms.baseline.service.samples + point.arms.candidate.service.samples).toBe(settled.length);
  for (const { service, serviceError, overhead, utilisation } of [point.arms.baseline, point.arms.candidate]) {
    // 10 ms are declared of every request.
    expect(service.mean - serviceError.mean).toBeCloseTo(10, 2);
    expect(service.quantiles[0]).toBeGreaterThan(5);
    expect(overhead.quantiles[0]).toBeGreaterThan(0);
    expect(utilisation).toBeGreaterThan(0);
    expect(utilisation).toBeLessThan(0.5);
  }
  const { hit, miss, missError } = point.features;
  expect(hit!.samples + miss!.samples).toBe(settled.length);
  // A hit is a look into a map, a read is held for the 4 ms that are declared.
  expect(hit!.quantiles[50]).toBeLessThan(miss!.quantiles[50]!);
  expect(miss!.mean - missError!.mean).toBeCloseTo(4, 2);
  const { coldStart, startUp } = freshOf(measured, 2500);
  expect([coldStart.starts, startUp.starts]).toEqual([2, 2]);
  expect(startUp.processMs).toBeGreaterThan(startUp.modelLoadMs);
  expect(startUp.modelLoadMs).toBeGreaterThan(0);
  expect(coldStart.overheadMs.length).toBeGreaterThan(5);
});
