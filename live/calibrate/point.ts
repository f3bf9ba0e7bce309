/** The scenario that is run at one utilisation, for its times alone. */
import { meanMs } from '../../scenarios/mean.ts';
import type { ArmSpec, Fault, Scenario } from '../../scenarios/scenario.ts';

/** How long and how hard. */
export interface PointPlan {
  /** Wanted busy share of the busier arm's slots. */
  readonly target: number;
  readonly seconds: number;
}

/** Windows are only looked at for how busy the fleets were. */
const WINDOW_MS = 1000;

/** Requests per second that keep every slot of the arm busy. */
const capacityRps = ({ replicas, slotsPerReplica, service }: ArmSpec): number =>
  (replicas * slotsPerReplica * 1000) / meanMs(service);

/**
 * The scenario with so many slots per arm that `mostRps`, half of them to each arm, keeps a share `busiest` of them busy, rounded down to whole
 * slots. The utilisation is then set by the rate alone, since what a request costs depends on the rate.
 */
export function sizedFor(scenario: Scenario, mostRps: number, busiest: number): Scenario {
  const sized = (spec: ArmSpec): ArmSpec => {
    const wanted = (mostRps / 2 / 1000) * (meanMs(spec.service) / busiest / spec.replicas);
    return { ...plain(spec), slotsPerReplica: Math.max(1, Math.floor(wanted)) };
  };
  const { baseline, candidate } = scenario.arms;
  return { ...scenario, arms: { baseline: sized(baseline), candidate: sized(candidate) }, faults: [] };
}

/** Nothing is declared that would hide what is to be measured, and nobody is turned away. */
const plain = (spec: ArmSpec): ArmSpec => ({
  ...spec,
  queueLimit: Number.POSITIVE_INFINITY,
  errorRatio: 0,
  coldStart: { requests: 0, factor: 1 },
  startUpMs: 0,
  modelLoadMs: 0,
  keepLoaded: true,
  autoscaler: null,
});

/** The rate at which the busier arm is as busy as wanted when each gets half, Poisson, for so long. */
export function pointScenario(
  sized: Scenario,
  { target, seconds }: PointPlan,
  faults: readonly Fault[] = [],
): Scenario {
  const { arms, traffic } = sized;
  const rateRps = 2 * target * Math.min(capacityRps(arms.baseline), capacityRps(arms.candidate));
  return {
    ...sized,
    traffic: {
      ...traffic,
      arrivals: { kind: 'poisson', rateRps },
      requests: Math.max(1, Math.round(rateRps * seconds)),
    },
    faults,
    windowMs: WINDOW_MS,
    limitMs: seconds * 1000,
  };
}

/** One replica of each arm dies at each of these times and is started anew. */
export const crashesAt = (timesMs: readonly number[]): Fault[] =>
  timesMs.map((atMs) => ({
    name: `restart-${atMs}`,
    kind: 'replica-crash',
    trigger: { on: 'time', atMs },
    forMs: 0,
    arm: null,
    size: 1,
  }));
