/** Measured times in the simulator: errors are added to what is declared, overhead to the answer and to no slot. */
import seedrandom from 'seedrandom';
import { expect, test } from 'vitest';
import { readCalibration } from '../../scenarios/calibration.ts';
import { locate } from '../../scenarios/files.ts';
import { meanMs } from '../../scenarios/mean.ts';
import type { TimeDistribution } from '../../scenarios/scenario.ts';
import { REFERENCE } from '../../scenarios/schema/distribution.ts';
import { calibrated } from '../../sim/calibrated.ts';
import { upperQuantileOf } from '../../sim/distribution.ts';
import { QuantileTable } from '../../sim/quantile-table.ts';
import { withError } from '../../sim/with-error.ts';
import { COMPLETED, fault, run, scenarioOf } from './support.ts';

const LOGNORMAL: TimeDistribution = { kind: 'lognormal', medianMs: 19, sigma: 0.35 };
const ERROR = [
  [0, -1],
  [0.5, 0],
  [0.99, 1],
  [1, 5],
] as const;

test('an error of nothing leaves a distribution as it was, to p99.99', () => {
  const same = withError(LOGNORMAL, [
    [0, 0],
    [1, 0],
  ]);
  for (const v of [0.99, 0.5, 0.1, 0.05, 0.01, 0.001, 0.0001])
    expect(upperQuantileOf(same, v) / upperQuantileOf(LOGNORMAL, v)).toBeCloseTo(1, 2);
});

test('times and errors are added as independent: quantiles and mean are those of a million sums', () => {
  const sum = withError(LOGNORMAL, ERROR);
  const draw = seedrandom.alea('calibrated/sums');
  const times = new QuantileTable(LOGNORMAL);
  const errors = new QuantileTable({ kind: 'empirical', quantiles: ERROR.map(([p, ms]) => [p, ms + 1] as const) });
  const sums = Float64Array.from({ length: 1_000_000 }, () => times.at(draw()) + errors.at(draw()) - 1).sort();
  for (const p of [0.05, 0.5, 0.9, 0.95, 0.99, 0.999])
    expect(upperQuantileOf(sum, 1 - p) / sums[Math.floor(p * sums.length)]!, `p${p * 100}`).toBeCloseTo(1, 2);
  expect(meanMs(sum) / (sums.reduce((a, b) => a + b, 0) / sums.length)).toBeCloseTo(1, 2);
});

test('overhead is added to the answer and keeps no slot busy', async () => {
  const form = {
    traffic: '{ requests: 1k, rate: 50/s }',
    baseline: 'service: { kind: constant, value: 15ms }, slots: 1',
  };
  const plain = scenarioOf(form);
  const baseline = { ...plain.arms.baseline, overhead: { kind: 'constant', valueMs: 7 } as const };
  const without = (await run(plain, 20_000)).requests;
  const withIt = (await run({ ...plain, arms: { ...plain.arms, baseline } }, 20_000)).requests;
  expect(without.length).toBeGreaterThan(500);
  expect(withIt.map(({ startMs, finishMs }) => [startMs, finishMs])).toEqual(
    without.map(({ startMs, finishMs }) => [startMs, finishMs]),
  );
  for (const [i, { doneMs }] of withIt.entries()) expect(doneMs - without[i]!.doneMs).toBeCloseTo(7, 9);
});

test('overhead counts towards the time-out, whose caller has the answer only then', async () => {
  const plain = scenarioOf({
    traffic: '{ requests: 1k, rate: 5/s }',
    baseline: 'service: { kind: constant, value: 15ms }, slots: 1, timeout: 20ms',
  });
  const baseline = { ...plain.arms.baseline, overhead: { kind: 'constant', valueMs: 7 } as const };
  const { requests } = await run({ ...plain, arms: { ...plain.arms, baseline } }, 5000);
  expect(
    requests.every(({ status, doneMs, arrivalMs }) => status === 3 && Math.abs(doneMs - arrivalMs - 20) < 1e-9),
  ).toBe(true);
});

test('a calibrated scenario keeps its hash, is slower by the measured means, and says when it is used beyond what was measured', () => {
  const read = readCalibration(locate(REFERENCE, '')!);
  const form = {
    baseline: 'service: { kind: lognormal, mean: 20ms, sigma: 0.35 }',
    candidate: 'service: { kind: constant, value: 20ms }',
  };
  const stated = scenarioOf({ ...form, traffic: '{ requests: 1k, rate: 400/s }' });
  const { scenario, notes } = calibrated(stated, read);
  expect(scenario.hash).toBe(stated.hash);
  const means = read.calibration.points.map(({ arms }) => arms.baseline.serviceError.mean);
  const slower = meanMs(scenario.arms.baseline.service) - 20;
  expect(slower).toBeGreaterThan(Math.min(...means) - 0.1);
  expect(slower).toBeLessThan(Math.max(...means) + 0.1);
  expect(notes.filter((note) => note.includes('used at'))).toEqual([]);
  const beyond = calibrated(scenarioOf({ ...form, traffic: '{ requests: 1k, rate: 5000/s }' }), read);
  expect(beyond.notes.join()).toContain('used at 5000');
});

const near = ([service, overhead]: number[]): unknown => [expect.closeTo(service!, 6), expect.closeTo(overhead!, 6)];

test('a replica that starts during the rehearsal is as slow at first as the cold curve says, and one that was there is not', async () => {
  const plain = scenarioOf({
    traffic: '{ requests: 1k, rate: 20/s }',
    baseline: 'service: { kind: constant, value: 15ms }, startUp: 1s, modelLoad: 0',
  });
  const baseline = {
    ...plain.arms.baseline,
    overhead: { kind: 'constant', valueMs: 1 } as const,
    coldCurve: { serviceMs: [5, 3, -20], overheadMs: [10, 4, 0] },
  };
  const crashed = { ...plain, arms: { ...plain.arms, baseline }, faults: [fault('replica-crash', 2000, 500)] };
  const { requests } = await run(crashed, 20_000);
  const served = requests.filter(({ status }) => status === COMPLETED);
  const after = served.filter(({ arrivalMs }) => arrivalMs > 2000);
  const times = after.map(({ startMs, finishMs, doneMs }) => [finishMs - startMs, doneMs - finishMs]);
  // Nothing takes less than no time.
  expect(times.slice(0, 5)).toEqual([near([20, 11]), near([18, 5]), near([0, 1]), near([15, 1]), near([15, 1])]);
  const before = served.filter(({ arrivalMs }) => arrivalMs < 1900);
  expect(before.length).toBeGreaterThan(10);
  for (const { startMs, finishMs } of before) expect(finishMs - startMs).toBeCloseTo(15, 6);
});

test('the cold curve is what the first half of the measured one lies above its second', () => {
  const read = readCalibration(locate(REFERENCE, '')!);
  const { calibration } = read;
  const coldStart = { starts: 2, serviceErrorMs: [0, 0, 1, 3], overheadMs: [9, 3, 1, 1] };
  const stated = scenarioOf({ traffic: '{ requests: 1k, rate: 400/s }' });
  const of = (each: typeof coldStart): unknown =>
    calibrated(stated, { ...read, calibration: { ...calibration, coldStart: each } }).scenario.arms.candidate.coldCurve;
  expect(of(coldStart)).toEqual({ serviceMs: [-2, -2], overheadMs: [8, 2] });
  expect(of({ starts: 0, serviceErrorMs: [], overheadMs: [] })).toBeUndefined();
});
