/** What runs of real servers say about times. */
import type { Calibration, CalibratedArm, CalibrationPoint, MeasuredTimes } from '../../scenarios/calibration.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { FROM_CACHE, FROM_STORE } from '../gateway/answer-headers.ts';
import { GATEWAY_ARMS } from '../gateway/options.ts';
import type { AnswerSample } from '../gateway/samples.ts';
import { TimesByNumber } from '../replica/draws.ts';
import type { LiveArm } from '../world.ts';
import type { Measured } from './measure.ts';
import type { PointPlan } from './point.ts';
import { meanOf, measuredTimes, rounded } from './tables.ts';

/** Connections open and caches settle before this; what came earlier is left out. */
export const SETTLED_MS = 1000;
/** Requests of a fresh replica that are told one by one. */
const COLD_REQUESTS = 64;

const overheadOf = ({ latencyMs, fetchMs, waitMs, heldMs }: AnswerSample): number =>
  Math.max(0, latencyMs - fetchMs - waitMs - heldMs);
const serviceErrorOf = ({ heldMs, declaredMs }: AnswerSample): number => heldMs - declaredMs;

/** Throws RangeError when an arm answered nothing. */
export function pointOf({ target, seconds }: PointPlan, measured: Measured): CalibrationPoint {
  const { report, scenario } = measured;
  const samples = inOrder(measured).filter(({ receivedMs }) => receivedMs >= SETTLED_MS);
  const gateway = report.processes.find(({ name }) => name === 'gateway');
  return {
    target,
    seconds,
    requestsPerSecond: rounded(report.load.sent / seconds),
    arms: { baseline: armOf('baseline', samples, measured), candidate: armOf('candidate', samples, measured) },
    features: featuresOf(samples, scenario),
    gatewayCpuShare: rounded(gateway?.cpuShare ?? 0),
    valid: report.valid,
    reasons: report.reasons,
  };
}

/** The curve of replicas that were started during the run, from their first request, and how long their starts took. */
export function freshOf(measured: Measured, firstAtMs: number): Pick<Calibration, 'coldStart' | 'startUp'> {
  const byServer = Map.groupBy(inOrder(measured), ({ server }) => server).values();
  const curves = [...byServer].filter((samples) => samples[0]!.receivedMs >= firstAtMs);
  const curve = (of: (sample: AnswerSample) => number): number[] => {
    const means: number[] = [];
    for (let i = 0; i < COLD_REQUESTS; i++) {
      const ith = curves.flatMap((samples) => (i < samples.length ? [of(samples[i]!)] : []));
      if (ith.length > 0) means.push(rounded(meanOf(ith)));
    }
    return means;
  };
  const { fresh } = measured;
  const mean = (of: 'startUpMs' | 'modelLoadMs'): number =>
    fresh.length === 0 ? 0 : rounded(meanOf(fresh.map((replica) => replica[of])));
  return {
    coldStart: { starts: curves.length, serviceErrorMs: curve(serviceErrorOf), overheadMs: curve(overheadOf) },
    startUp: { starts: fresh.length, processMs: mean('startUpMs'), modelLoadMs: mean('modelLoadMs') },
  };
}

const inOrder = ({ samples }: Measured): AnswerSample[] => samples.toSorted((a, b) => a.receivedMs - b.receivedMs);

function armOf(arm: LiveArm, samples: readonly AnswerSample[], { utilisation }: Measured): CalibratedArm {
  const own = samples.filter((sample) => GATEWAY_ARMS[sample.arm as 0 | 1] === arm);
  if (own.length === 0) throw new RangeError(`${arm}: got no answers, expected some to measure`);
  const of = (value: (sample: AnswerSample) => number): MeasuredTimes => measuredTimes(own.map(value))!;
  return {
    utilisation: rounded(utilisation[arm]),
    service: of(({ heldMs }) => heldMs),
    serviceError: of(serviceErrorOf),
    overhead: of(overheadOf),
  };
}

function featuresOf(samples: readonly AnswerSample[], { features, seed }: Scenario): CalibrationPoint['features'] {
  const from = (place: number): AnswerSample[] => samples.filter((sample) => sample.features === place);
  const { latency } = features;
  const declared =
    latency === null ? null : GATEWAY_ARMS.map((arm) => new TimesByNumber(latency, seed, `features/latency/${arm}`));
  const misses = from(FROM_STORE);
  return {
    hit: measuredTimes(from(FROM_CACHE).map(({ fetchMs }) => fetchMs)),
    miss: measuredTimes(misses.map(({ fetchMs }) => fetchMs)),
    missError:
      declared === null
        ? null
        : measuredTimes(misses.map(({ arm, number, fetchMs }) => fetchMs - declared[arm]!.at(number))),
  };
}
