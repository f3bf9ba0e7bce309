/** The size and rate of a calibration run: the busier arm is as busy as wanted, at a rate the machine can make. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { crashesAt, pointScenario, sizedFor } from '../../../live/calibrate/point.ts';
import { packageRoot } from '../../../scenarios/files.ts';
import { loadScenario } from '../../../scenarios/load.ts';
import { meanArrivalRps, meanMs } from '../../../scenarios/mean.ts';
import type { ArmSpec } from '../../../scenarios/scenario.ts';

const { scenario } = loadScenario(join(packageRoot, 'scenarios/live-slow-tail.yaml'));
const busy = (spec: ArmSpec, rps: number): number =>
  (rps * meanMs(spec.service)) / 1000 / (spec.replicas * spec.slotsPerReplica);

test.each([0.3, 0.6, 0.8])(
  'at %d the busier arm is as busy as wanted with half of the requests, the other no busier',
  (target) => {
    const sized = sizedFor(scenario, 800, 0.8);
    const { arms, traffic } = pointScenario(sized, { target, seconds: 10 });
    const rate = meanArrivalRps(traffic.arrivals)!;
    const shares = [busy(arms.baseline, rate / 2), busy(arms.candidate, rate / 2)];
    expect(Math.max(...shares)).toBeCloseTo(target, 10);
    expect(Math.min(...shares)).toBeGreaterThan(0.7 * target);
    expect(rate).toBeLessThanOrEqual(800 * (target / 0.8) + 1e-9);
    expect(traffic.requests).toBe(Math.round(rate * 10));
  },
);

test('slots are the same at every utilisation, so only the rate changes', () => {
  const sized = sizedFor(scenario, 800, 0.8);
  const slots = [0.3, 0.8].map((target) => pointScenario(sized, { target, seconds: 5 }).arms.candidate.slotsPerReplica);
  expect(slots[0]).toBe(slots[1]);
});

test('nothing declared hides what is measured: no errors, limits, cold start or start-up, and only the faults asked for', () => {
  const { arms, faults } = pointScenario(sizedFor(scenario, 800, 0.8), { target: 0.3, seconds: 5 }, crashesAt([2000]));
  expect(arms.baseline).toMatchObject({
    errorRatio: 0,
    queueLimit: Infinity,
    startUpMs: 0,
    modelLoadMs: 0,
    autoscaler: null,
  });
  expect(faults).toMatchObject([{ kind: 'replica-crash', arm: null, size: 1, trigger: { on: 'time', atMs: 2000 } }]);
});
