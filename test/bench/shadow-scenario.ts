/** The model that the core is measured on: two fleets behind one feature store, every request mirrored. */
import type { ArmSpec, Scenario } from '../../scenarios/scenario.ts';

const RATE_RPS = 1e7 / 7200;

export interface ShadowModel {
  readonly seed: number;
  /** Median service time: 18.8 ms keeps the fleets 29 % busy, 55 ms 84 %. */
  readonly serviceMedianMs: number;
  readonly windowMs: number;
}

const arm = (serviceMedianMs: number): ArmSpec => ({
  model: null,
  service: { kind: 'lognormal', medianMs: serviceMedianMs, sigma: 0.35 },
  replicas: 24,
  slotsPerReplica: 4,
  queueLimit: Number.POSITIVE_INFINITY,
  queueTimeoutMs: Number.POSITIVE_INFINITY,
  timeoutMs: Number.POSITIVE_INFINITY,
  balancer: 'power-of-two',
  errorRatio: 0.0002,
  coldStart: { requests: 0, factor: 1 },
  startUpMs: 0,
  modelLoadMs: 0,
  keepLoaded: true,
  autoscaler: null,
});

/** The simulator's form of the model; peers/shadow_core.py is the same for SimPy. */
export const shadowScenario = ({ seed, serviceMedianMs, windowMs }: ShadowModel): Scenario => ({
  name: 'shadow-core',
  description: 'benchmark',
  file: '',
  hash: '',
  seed,
  traffic: {
    requests: 1e7,
    arrivals: { kind: 'poisson', rateRps: RATE_RPS },
    keys: { count: 20_000, zipf: 0.9 },
    users: 1_000_000,
    content: { kind: 'none' },
    segments: [],
  },
  arms: { baseline: arm(serviceMedianMs), candidate: arm(serviceMedianMs) },
  features: {
    latency: { kind: 'lognormal', medianMs: 4, sigma: 0.5 },
    slots: Number.POSITIVE_INFINITY,
    availability: 1,
    timeoutMs: Number.POSITIVE_INFINITY,
    cache: {
      capacity: 5_000,
      ttlMs: 600_000,
      scope: 'shared',
      eviction: 'two-way',
      warm: true,
      hitLatencyMs: 0.2,
      preWarmPerSecond: 10_000,
    },
  },
  outcomes: { kind: 'none' },
  shadowTolerance: { absolute: 1e-7, relative: 1e-6 },
  faults: [],
  truth: { candidate: 'healthy', onsetMs: null, cause: null },
  policy: '',
  expect: null,
  windowMs,
  limitMs: Number.POSITIVE_INFINITY,
  timeScale: 1,
});
