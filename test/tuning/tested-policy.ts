/** The random policies with what the fast judge leaves to `decide` in them: tests, segments, a control cohort, the baseline's past. */
import * as fc from 'fast-check';
import type { Inflation, Test } from '../../controller/guard-tests.ts';
import { EACH, perSegment } from '../../controller/per-segment.ts';
import type { Bound, Guard, Metric, Policy, Stage } from '../../controller/policy.ts';
import type { Arm } from '../../telemetry/window.ts';
import { EVERY_MS, LATENCIES_MS, randomPolicy, STAGES } from './random-policy.ts';

/** What a world has beside its two arms. */
export interface Extras {
  /** Empty: none. */
  readonly segments: readonly string[];
  /** A control cohort in the stages with users. */
  readonly control: boolean;
}

interface Asked {
  readonly metric: Metric;
  readonly bound: Bound;
  readonly test: Test | null;
}

const evidence = fc.record({
  alpha: fc.constantFrom(0.001, 0.05),
  passAlpha: fc.constantFrom(0.05, 0.2),
  passBy: fc.constantFrom('evidence' as const, 'estimate' as const),
});
const inflation = fc.constantFrom<Inflation>(1, 1, 4, 'measured');
const divisor = fc.constantFrom(1, 4);
const above = (value: number): Bound => ({ kind: 'absolute', breachWhen: '>', value });

const ratio = fc.constantFrom<Metric>({ kind: 'error-ratio' }, { kind: 'outcome-ratio' });
const share: fc.Arbitrary<Pick<Asked, 'metric' | 'bound'>> = fc.oneof(
  fc.record({ metric: ratio, bound: fc.constantFrom(0.002, 0.01, 0.04, 0.06).map(above) }),
  fc.record({
    metric: fc.constant<Metric>({ kind: 'latency', quantile: 0.95 }),
    bound: fc.constantFrom(...LATENCIES_MS).map(above),
  }),
);
const relative = (to: Exclude<Arm, 'candidate'>): fc.Arbitrary<Bound> =>
  fc.record({
    kind: fc.constant('relative' as const),
    to: fc.constant(to),
    direction: fc.constantFrom('rise' as const, 'drop' as const),
    by: fc.constantFrom(0.02, 0.2),
  });

const asked = (to: Exclude<Arm, 'candidate'>): fc.Arbitrary<Asked> =>
  fc.oneof(
    fc.tuple(share, evidence, inflation, fc.boolean()).map(([of, level, by, lateOnset]) => ({
      ...of,
      test: { method: 'e-process' as const, ...level, inflation: by, lateOnset },
    })),
    fc
      .tuple(share, evidence)
      .map(([of, level]) => ({ ...of, test: { method: 'betting' as const, ...level, inflation: 1 } })),
    fc.tuple(ratio, relative(to), evidence, inflation).map(([metric, bound, level, by]) => ({
      metric,
      bound,
      test: { method: 'two-arm' as const, ...level, inflation: by },
    })),
    fc.tuple(ratio, relative(to), evidence, inflation).map(([metric, bound, level, by]) => ({
      metric,
      bound,
      test: { method: 'ratio-sequence' as const, ...level, inflation: by, sharpestMs: 6 * EVERY_MS },
    })),
    fc.tuple(relative(to), evidence, divisor).map(([bound, level, by]) => ({
      metric: { kind: 'latency' as const, quantile: 0.9 },
      bound,
      test: { method: 'quantile-sequence' as const, ...level, inflation: by },
    })),
    fc.constantFrom(2, 5).map((factor) => ({
      metric: { kind: 'error-ratio' as const },
      bound: above(0.005),
      test: { method: 'burn-rate' as const, factor, longMs: 6 * EVERY_MS, shortMs: EVERY_MS },
    })),
    fc.tuple(ratio, relative(to)).map(([metric, bound]) => ({
      metric,
      bound,
      test: { method: 'mann-whitney' as const, alpha: 0.01, overMs: 6 * EVERY_MS, minWindows: 4 },
    })),
    fc.tuple(ratio, relative('baseline')).map(([metric, bound]) => ({
      metric,
      bound: { ...bound, earlier: true as const } as Bound,
      test: null,
    })),
  );

const guardOf = ({ segments, control }: Extras): fc.Arbitrary<Omit<Guard, 'name'>> =>
  fc.record({ of: asked(control ? 'control' : 'baseline'), windows: fc.constantFrom(1, 3) }).chain(({ of, windows }) =>
    fc.record({
      description: fc.constant(null),
      metric: fc.constant(of.metric),
      bound: fc.constant(of.bound),
      test: fc.constant(of.test),
      sustained: fc.constant(of.test === null ? { forMs: windows * EVERY_MS, reading: 'pooled' as const } : null),
      delayMs: fc.constantFrom(0, 0, 2 * EVERY_MS),
      action: fc.constantFrom('hold' as const, 'roll-back' as const, 'pause' as const, 'watch' as const),
      stages: fc.option(fc.subarray(['canary-10', 'canary-50'], { minLength: 1 })),
      segment: segments.length === 0 ? fc.constant('all') : fc.constantFrom('all', EACH, ...segments),
      requiredToAdvance: fc.constantFrom(false, false, false, true),
      minSamples: fc.constantFrom(1, 1, 100),
      minPositives: fc.constant(0),
      carryOver: fc.boolean(),
    }),
  );

/** The stages of a world: one schedule, so that one recording serves all of its policies. */
export const stagesWith = ({ control }: Extras, stages: readonly Stage[] = STAGES): readonly Stage[] =>
  stages.map((stage) =>
    control && stage.weightPercent > 0 && stage.weightPercent < 100 ? { ...stage, controlPercent: 10 } : stage,
  );

/** One or two guards of the kinds above beside those of a random policy. */
export const testedPolicy = (extras: Extras): fc.Arbitrary<Policy> =>
  fc.tuple(randomPolicy, fc.array(guardOf(extras), { minLength: 1, maxLength: 2 })).map(([policy, guards]) =>
    perSegment(
      {
        ...policy,
        stages: stagesWith(extras, policy.stages),
        guards: [...policy.guards.slice(0, 3), ...guards.map((guard, i) => ({ ...guard, name: `asked-${i}` }))],
      },
      extras.segments,
    ),
  );
