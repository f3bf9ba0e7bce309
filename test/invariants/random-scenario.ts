/** Small random scenarios with everything that can go wrong in them, and random actions: what the invariants are tried on. */
import * as fc from 'fast-check';
import { loadScenario } from '../../scenarios/load.ts';
import type {
  ArmSpec,
  Autoscaler,
  Fault,
  FeatureStore,
  Outcomes,
  RateSegment,
  Scenario,
  TimeDistribution,
} from '../../scenarios/scenario.ts';
import type { Action } from '../../world.ts';

/** Traffic lasts this long, then stops for good. */
export const TRAFFIC_MS = 8000;
export const WINDOW_MS = 500;

/** Actions with the times at which the controller takes them. */
export interface Step {
  readonly atMs: number;
  readonly actions: readonly Action[];
}

export interface Trial {
  readonly scenario: Scenario;
  readonly steps: readonly Step[];
}

const plain = loadScenario('random.yaml', {
  text: `
name: random
traffic: { requests: 1000, rate: 100/s }
arms:
  baseline: { service: { kind: constant, value: 1ms }, replicas: 1 }
  candidate: { service: { kind: constant, value: 1ms }, replicas: 1 }
window: ${WINDOW_MS}ms
limit: 1000d
`,
}).scenario;

const NEVER = Number.POSITIVE_INFINITY;

const times = (meanMs: number): fc.Arbitrary<TimeDistribution> =>
  fc.constantFrom<TimeDistribution>(
    { kind: 'constant', valueMs: meanMs },
    { kind: 'exponential', meanMs },
    { kind: 'lognormal', medianMs: meanMs, sigma: 0.5 },
    { kind: 'uniform', lowMs: 0, highMs: 2 * meanMs },
  );

const autoscaler: fc.Arbitrary<Autoscaler | null> = fc.option(
  fc.record({
    minReplicas: fc.constant(1),
    maxReplicas: fc.integer({ min: 4, max: 6 }),
    targetUtilisation: fc.constantFrom(0.3, 0.6, 0.9),
    metricLagMs: fc.constantFrom(0, 300),
    metricWindowMs: fc.constantFrom(200, 1000),
    syncEveryMs: fc.constantFrom(150, 700),
    tolerance: fc.constantFrom(0, 0.1),
    scaleDownStabilisationMs: fc.constantFrom(0, 1000),
  }),
  { freq: 2 },
);

const arm: fc.Arbitrary<ArmSpec> = fc
  .tuple(
    fc.constantFrom(2, 10, 40).chain(times),
    fc.record({
      replicas: fc.integer({ min: 1, max: 4 }),
      slotsPerReplica: fc.integer({ min: 1, max: 3 }),
      queueLimit: fc.constantFrom(NEVER, NEVER, 0, 1, 4),
      queueTimeoutMs: fc.constantFrom(NEVER, NEVER, 5, 60),
      timeoutMs: fc.constantFrom(NEVER, NEVER, 25, 200),
      balancer: fc.constantFrom('round-robin', 'random', 'power-of-two', 'least-loaded'),
      errorRatio: fc.constantFrom(0, 0, 0.1),
      coldStart: fc.constantFrom({ requests: 0, factor: 1 }, { requests: 20, factor: 3 }),
      startUpMs: fc.constantFrom(0, 100, 900),
      modelLoadMs: fc.constantFrom(0, 400),
      keepLoaded: fc.boolean(),
      autoscaler,
    }),
  )
  .map(([service, rest]): ArmSpec => ({ model: null, service, ...rest }));

const features: fc.Arbitrary<FeatureStore> = fc.record({
  latency: fc.option(fc.constantFrom(1, 8).chain(times), { freq: 3 }),
  slots: fc.constantFrom(NEVER, NEVER, 3),
  availability: fc.constantFrom(1, 0.9),
  timeoutMs: fc.constantFrom(NEVER, 10),
  cache: fc.record({
    capacity: fc.constantFrom(0, 10, 1000),
    ttlMs: fc.constantFrom(NEVER, 300),
    scope: fc.constantFrom('replica' as const, 'shared' as const),
    eviction: fc.constantFrom('lru' as const, 'two-way' as const),
    warm: fc.boolean(),
    hitLatencyMs: fc.constantFrom(0, 0.2),
    preWarmPerSecond: fc.constant(500),
  }),
});

const outcomes: fc.Arbitrary<Outcomes> = fc.constantFrom<Outcomes>(
  { kind: 'none' },
  { kind: 'bernoulli', baseline: 0.1, candidate: 0.2, labelDelayMs: 0 },
  { kind: 'bernoulli', baseline: 0.1, candidate: 0.2, labelDelayMs: 1250 },
);

const fault = (kinds: readonly Fault['kind'][]): fc.Arbitrary<Fault> =>
  fc
    .record({
      kind: fc.constantFrom(...kinds),
      atMs: fc.integer({ min: 0, max: TRAFFIC_MS }),
      forMs: fc.constantFrom(0, 100, 1500),
      arm: fc.constantFrom(null, 'baseline' as const, 'candidate' as const),
      trigger: fc.constantFrom('time', 'time', 'weight-change', 'stage'),
      share: fc.constantFrom(0.05, 0.5, 1),
      factor: fc.constantFrom(0.5, 2, 8),
      count: fc.integer({ min: 1, max: 3 }),
    })
    .map(({ kind, atMs, forMs, arm: hit, trigger, share, factor, count }): Fault => {
      const shared = kind === 'feature-missing' || kind === 'error-burst';
      const counted = kind === 'replica-crash' || kind === 'replica-hang';
      return {
        name: kind,
        kind,
        trigger:
          trigger === 'time'
            ? { on: 'time', atMs }
            : trigger === 'stage'
              ? { on: 'stage', stage: 'canary', afterMs: atMs / 10 }
              : { on: 'weight-change', afterMs: atMs / 10 },
        forMs,
        arm: kind === 'traffic-spike' ? null : hit,
        size: shared ? share : counted ? count : factor,
      };
    });

const GENTLE = [
  'cold-cache',
  'autoscaling-lag',
  'feature-delay',
  'feature-missing',
  'traffic-spike',
  'model-load-slow',
  'upstream-brownout',
  'error-burst',
  'score-skew',
] as const;
/** These change what was recorded at dispatch. */
const ROUGH = ['replica-crash', 'replica-hang'] as const;

const segments: fc.Arbitrary<readonly RateSegment[]> = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 300 })), { minLength: 1, maxLength: 3 })
  .map((rates) => {
    const lengthMs = TRAFFIC_MS / rates.length;
    const traffic = rates.map(([fromRps, toRps], i) => ({
      startMs: i * lengthMs,
      endMs: (i + 1) * lengthMs,
      fromRps,
      toRps,
    }));
    return [...traffic, { startMs: TRAFFIC_MS, endMs: 1e12, fromRps: 0, toRps: 0 }];
  });

const step: fc.Arbitrary<Step> = fc.record({
  atMs: fc.integer({ min: 0, max: TRAFFIC_MS }),
  actions: fc.oneof(
    fc
      .constantFrom(0, 1, 10, 50, 100)
      .map((weightPercent): Action[] => [{ kind: 'set-weight', weightPercent, stage: 'canary' }]),
    fc.constantFrom(0, 30, 100).map((percent): Action[] => [{ kind: 'mirror', percent, stage: 'shadow' }]),
    fc.constantFrom<Action[]>([{ kind: 'pre-warm', arm: 'candidate' }], [{ kind: 'load', arm: 'baseline' }]),
  ),
});

/** A trial; `rough` ones crash and hang replicas as well. */
export const trials = (rough: boolean): fc.Arbitrary<Trial> =>
  fc
    .record({
      seed: fc.integer({ min: 0, max: 1e6 }),
      segments,
      baseline: arm,
      candidate: arm,
      features,
      outcomes,
      faults: fc.array(fault(rough ? [...GENTLE, ...ROUGH, ...ROUGH, ...ROUGH] : GENTLE), { maxLength: 5 }),
      steps: fc.array(step, { maxLength: 5 }),
      shadow: fc.boolean(),
      rollBack: fc.boolean(),
    })
    .map(({ seed, segments: rates, baseline, candidate, features: store, outcomes: labels, faults, ...rest }) => {
      const scenario: Scenario = {
        ...plain,
        seed,
        traffic: {
          ...plain.traffic,
          arrivals: { kind: 'profile', segments: rates, periodMs: 1e12 },
          keys: { count: 50, zipf: 0.9 },
          users: 100,
        },
        arms: { baseline, candidate },
        features: store,
        outcomes: labels,
        faults: faults.map((each, i) => ({ ...each, name: `${each.kind}-${i}` })),
      };
      const steps: Step[] = [...rest.steps];
      if (rest.shadow) steps.push({ atMs: 0, actions: [{ kind: 'mirror', percent: 100, stage: 'shadow' }] });
      steps.sort((a, b) => a.atMs - b.atMs);
      // A rollback ends it: the baseline is loaded first where that is needed, and nothing is done afterwards.
      if (rest.rollBack)
        steps.push({
          atMs: TRAFFIC_MS - 2000,
          actions: [
            { kind: 'roll-back', guard: 'random' },
            { kind: 'load', arm: 'baseline' },
            { kind: 'mirror', percent: 0, stage: 'rollback' },
            { kind: 'set-weight', weightPercent: 0, stage: 'rollback' },
          ],
        });
      return {
        scenario,
        steps: rest.rollBack ? steps.filter(({ atMs }, i) => atMs < 6000 || i === steps.length - 1) : steps,
      };
    });
