/** Policies by chance, on one schedule, so that all of them can be judged on one recording. */
import * as fc from 'fast-check';
import type { Bound, Guard, Metric, Policy, Stage } from '../../controller/policy.ts';

export const EVERY_MS = 10_000;

const stage = (name: string, weightPercent: number, windows: number, mirrorPercent = 0): Stage => ({
  name,
  weightPercent,
  mirrorPercent,
  controlPercent: 0,
  holdMs: windows * EVERY_MS,
  extendMs: windows * EVERY_MS,
});

/** Four minutes and ten seconds. */
export const STAGES: readonly Stage[] = [
  stage('shadow', 0, 6, 100),
  // Copies beside the users' requests: they come past the weight.
  stage('canary-10', 10, 7, 50),
  stage('canary-50', 50, 12),
  stage('full', 100, 0),
];
const MIRRORED = ['shadow', 'canary-10'];
export const LATENCIES_MS = [25, 40, 60, 120] as const;

const ratio = fc.constantFrom(0.0005, 0.001, 0.004, 0.01, 0.02, 0.05, 0.07);
const change = fc.constantFrom(0.005, 0.02, 0.1, 0.3, 1);
const operator = fc.constantFrom('>', '>=', '<', '<=');
const absolute = (value: fc.Arbitrary<number>): fc.Arbitrary<Bound> =>
  fc.record({ kind: fc.constant('absolute' as const), breachWhen: operator, value });
const relative: fc.Arbitrary<Bound> = fc.record({
  kind: fc.constant('relative' as const),
  to: fc.constant('baseline' as const),
  direction: fc.constantFrom('rise', 'drop', 'either'),
  by: change,
});

const quantile = fc.constantFrom(0.5, 0.9, 0.95, 0.99);
const metricAndBound: fc.Arbitrary<[Metric, Bound | null]> = fc.oneof(
  fc.tuple(fc.constant<Metric>({ kind: 'error-ratio' }), fc.oneof(absolute(ratio), relative)),
  fc.tuple(fc.constant<Metric>({ kind: 'outcome-ratio' }), fc.oneof(absolute(ratio), relative)),
  fc.tuple(fc.constant<Metric>({ kind: 'features-missing-ratio' }), fc.oneof(absolute(ratio), relative)),
  fc.tuple(
    fc.constantFrom(...LATENCIES_MS).map((thresholdMs): Metric => ({ kind: 'slow-ratio', thresholdMs })),
    fc.oneof(absolute(ratio), relative),
  ),
  fc.tuple(fc.constant<Metric>({ kind: 'mismatch-ratio' }), absolute(ratio)),
  fc.tuple(
    quantile.map((q): Metric => ({ kind: 'latency', quantile: q })),
    fc.oneof(absolute(fc.constantFrom(...LATENCIES_MS)), relative, fc.constant(null)),
  ),
  fc.tuple(
    quantile.map((q): Metric => ({ kind: 'feature-fetch', quantile: q })),
    fc.oneof(absolute(fc.constantFrom(0.5, 3, 9)), relative),
  ),
  fc.tuple(
    quantile.map((q): Metric => ({ kind: 'score', quantile: q })),
    fc.oneof(absolute(fc.constantFrom(0.2, 0.5, 0.8)), relative),
  ),
);

const guard: fc.Arbitrary<Omit<Guard, 'name'>> = metricAndBound.chain(([metric, bound]) =>
  fc.record({
    description: fc.constant(null),
    test: fc.constant(null),
    // What the fast judge leaves to `decide`.
    delayMs: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, EVERY_MS),
    metric: fc.constant(metric),
    bound: fc.constant(bound),
    sustained: fc.record({
      forMs: fc.constantFrom(1, 2, 3, 6).map((windows) => windows * EVERY_MS),
      reading: fc.constantFrom('pooled', 'every'),
    }),
    action:
      bound === null ? fc.constant('watch' as const) : fc.constantFrom('hold', 'roll-back', 'pause', 'alert', 'watch'),
    stages:
      metric.kind === 'mismatch-ratio'
        ? fc.constant(MIRRORED)
        : fc.option(
            fc.subarray(
              STAGES.slice(0, 3).map(({ name }) => name),
              { minLength: 1 },
            ),
          ),
    segment: fc.constant('all'),
    requiredToAdvance: fc.constant(false),
    minSamples: fc.constantFrom(1, 1, 20, 300, 2000),
    minPositives: fc.constantFrom(0, 0, 5),
    carryOver: fc.boolean(),
  }),
);

/** Lets most policies advance: every stage has something that nearly always passes. */
const GATE: Guard = {
  name: 'gate',
  description: null,
  test: null,
  delayMs: 0,
  metric: { kind: 'error-ratio' },
  bound: { kind: 'absolute', breachWhen: '>', value: 0.9 },
  sustained: { forMs: EVERY_MS, reading: 'pooled' },
  action: 'hold',
  stages: null,
  segment: 'all',
  requiredToAdvance: true,
  minSamples: 1,
  minPositives: 0,
  carryOver: false,
};

export const randomPolicy: fc.Arbitrary<Policy> = fc
  .record({
    guards: fc.array(fc.tuple(guard, fc.integer({ min: 0, max: 9 })), { minLength: 1, maxLength: 4 }),
    maxGap: fc.constantFrom(0, 1, 5),
    coverage: fc.constantFrom(0.5, 0.8, 1),
    extend: fc.constantFrom(1, 1, 0),
  })
  .map(({ guards, maxGap, coverage, extend }) => ({
    name: 'random',
    description: null,
    dialect: 'coalmine' as const,
    evaluateEveryMs: EVERY_MS,
    maxGap,
    coverage,
    requireCompatibleSchemas: true,
    stages: STAGES.map((each) => ({ ...each, extendMs: each.extendMs * extend })),
    guards: [
      GATE,
      // One guard in five must pass, so that most policies come past their first stage.
      ...guards.map(([each, chance], i) => ({
        ...each,
        name: `guard-${i}`,
        requiredToAdvance: chance <= 1 && each.bound !== null,
      })),
    ],
    rollback: { deadlineMs: 30_000, preWarm: false, verifyMs: 10_000 },
  }));
