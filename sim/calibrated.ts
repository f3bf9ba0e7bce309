import {
  type Calibration,
  type CalibrationPoint,
  type Quantiles,
  type ReadCalibration,
  tableAt,
} from '../scenarios/calibration.ts';
import { meanArrivalRps } from '../scenarios/mean.ts';
import type { ArmSpec, FeatureStore, Scenario } from '../scenarios/scenario.ts';
import { withError } from './with-error.ts';

/** A scenario as real servers play it, by what was measured of them, and what to know about that, in words. */
export interface CalibratedScenario {
  readonly scenario: Scenario;
  readonly notes: readonly string[];
  /** Half of the 95 % interval of the mean service time, as a share of that mean, at the worst point; null when there is none. */
  readonly uncertainty: { readonly baseline: number | null; readonly candidate: number | null };
}

const rpsOf = ({ requestsPerSecond }: CalibrationPoint): number => requestsPerSecond;

/**
 * Declared times plus the error that real servers were measured to have, interpolated at the scenario's mean rate, since what a request
 * costs depends on the rate: service and store reads longer by their errors, the overhead added to the answer outside the slot, cache
 * hits, starts and the first requests after them as measured. Waits are left to the simulator. The hash stays the stated scenario's.
 */
export function calibrated(scenario: Scenario, { calibration }: ReadCalibration): CalibratedScenario {
  const { points } = calibration;
  const rate = meanArrivalRps(scenario.traffic.arrivals);
  const table = (of: Parameters<typeof tableAt>[1]): Quantiles | null => tableAt(calibration, of, rpsOf, rate);
  const coldCurve = coldCurveOf(calibration.coldStart);
  const armOf = (name: 'baseline' | 'candidate'): ArmSpec => {
    const spec = scenario.arms[name];
    const overhead = table((point) => point.arms[name].overhead)!;
    return {
      ...spec,
      service: withError(spec.service, table((point) => point.arms[name].serviceError)!),
      overhead: { kind: 'empirical', quantiles: overhead },
      coldCurve,
      startUpMs: spec.startUpMs + calibration.startUp.processMs,
      modelLoadMs: spec.modelLoadMs + calibration.startUp.modelLoadMs,
    };
  };
  const [least, most] = [rpsOf(points[0]!), rpsOf(points.at(-1)!)];
  const notes = [
    ...(rate === null ? ['the rate of a trace is not known beforehand: all measured rates weigh alike'] : []),
    ...(rate !== null && (rate < least || rate > most)
      ? [
          `measured at ${Math.round(least)} to ${Math.round(most)} requests/s, used at ${Math.round(rate)}: the nearest measurement is taken`,
        ]
      : []),
    ...points
      .filter(({ valid }) => !valid)
      .map(({ target }) => `the point at ${Math.round(target * 100)} % is no measurement`),
  ];
  return {
    scenario: {
      ...scenario,
      arms: { baseline: armOf('baseline'), candidate: armOf('candidate') },
      features: featuresOf(scenario.features, table),
    },
    notes,
    uncertainty: { baseline: uncertaintyOf(points, 'baseline'), candidate: uncertaintyOf(points, 'candidate') },
  };
}

/** What the first half of the curve lies above the mean of its second half, in which replicas are as they stay. */
function coldCurveOf({ serviceErrorMs, overheadMs }: Calibration['coldStart']): ArmSpec['coldCurve'] {
  const half = Math.floor(Math.min(serviceErrorMs.length, overheadMs.length) / 2);
  if (half === 0) return undefined;
  const above = (curve: readonly number[]): number[] => {
    const later = curve.slice(half);
    const settled = later.reduce((sum, ms) => sum + ms, 0) / later.length;
    return curve.slice(0, half).map((ms) => ms - settled);
  };
  return { serviceMs: above(serviceErrorMs), overheadMs: above(overheadMs) };
}

function uncertaintyOf(points: readonly CalibrationPoint[], arm: 'baseline' | 'candidate'): number | null {
  const shares = points.map(({ arms }) => {
    const { interval, mean } = arms[arm].serviceError;
    // What was declared is known; only the error is not. It counts as a share of the whole time.
    return interval === null ? null : (interval[1] - interval[0]) / 2 / (arms[arm].service.mean || mean);
  });
  return shares.includes(null) ? null : Math.max(...(shares as number[]));
}

function featuresOf(
  features: FeatureStore,
  table: (of: Parameters<typeof tableAt>[1]) => Quantiles | null,
): FeatureStore {
  const { latency, cache } = features;
  const error = table((point) => point.features.missError);
  const hit = table((point) => point.features.hit);
  return {
    ...features,
    latency: latency === null || error === null ? latency : withError(latency, error),
    // The median: hits all take the same time in the simulator, and a few that met a busy moment are no measure of it.
    cache: hit === null ? cache : { ...cache, hitLatencyMs: hit[Math.floor(hit.length / 2)]![1] },
  };
}
