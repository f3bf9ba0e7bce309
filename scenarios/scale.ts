import type { ArrivalProcess, Fault, Outcomes, Scenario } from './scenario.ts';

/**
 * The same rehearsal in 1/factor of the time, with 1/factor of the requests: what `--requests` and `--time-scale` mean.
 *
 * Divided is the *schedule*, everything that says when something happens or how long the rehearsal looks at it:
 * `traffic.requests`, the arrival profile's period, fault times and lengths, the onset, the label delay, the expected
 * time, the window and the limit. (The policy's durations are divided by the same factor where the policy is loaded, so
 * a hold still is the same number of windows.)
 *
 * Kept is the *physics*, everything that happens to one request or makes the system what it is: arrival rates and the
 * length of bursts (mmpp, onoff, trace), service and feature times, time-outs, fleets, start-up and load times,
 * autoscaler timings, cache capacity and TTL. Load and queueing are therefore those of the full size.
 */
export function scaleSchedule(scenario: Scenario, factor: number): Scenario {
  if (!(factor > 0) || factor === Infinity) throw new RangeError(`got a factor of ${factor}, expected one above 0`);
  const { traffic, truth, expect } = scenario;
  return {
    ...scenario,
    traffic: {
      ...traffic,
      requests: Math.max(1, Math.round(traffic.requests / factor)),
      arrivals: scaleArrivals(traffic.arrivals, factor),
    },
    outcomes: scaleOutcomes(scenario.outcomes, factor),
    faults: scenario.faults.map((fault) => scaleFault(fault, factor)),
    truth: { ...truth, onsetMs: truth.onsetMs === null ? null : truth.onsetMs / factor },
    expect: expect === null || expect.withinMs === null ? expect : { ...expect, withinMs: expect.withinMs / factor },
    windowMs: scenario.windowMs / factor,
    limitMs: scenario.limitMs / factor,
    timeScale: scenario.timeScale * factor,
  };
}

function scaleArrivals(arrivals: ArrivalProcess, factor: number): ArrivalProcess {
  if (arrivals.kind !== 'profile') return arrivals;
  const segments = arrivals.segments.map((each) => ({
    ...each,
    startMs: each.startMs / factor,
    endMs: each.endMs / factor,
  }));
  return { ...arrivals, segments, periodMs: arrivals.periodMs / factor };
}

const scaleOutcomes = (outcomes: Outcomes, factor: number): Outcomes =>
  outcomes.kind === 'none' ? outcomes : { ...outcomes, labelDelayMs: outcomes.labelDelayMs / factor };

function scaleFault(fault: Fault, factor: number): Fault {
  const { trigger } = fault;
  const scaled =
    trigger.on === 'time'
      ? { ...trigger, atMs: trigger.atMs / factor }
      : { ...trigger, afterMs: trigger.afterMs / factor };
  return { ...fault, trigger: scaled, forMs: fault.forMs / factor };
}
