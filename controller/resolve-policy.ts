/** From the YAML form to the Policy: units are read already, defaults are filled in here. */
import type { Test } from './guard-tests.ts';
import { defaultMinPositives, defaultMinSamples, defaultTestSamples } from './min-samples.ts';
import type { Bound, Guard, Metric, Policy, Stage, Sustained } from './policy.ts';
import type { GuardForm, PolicyForm, StageForm } from './policy-form.ts';
import { resolveTest } from './resolve-test.ts';

/** The bound of a guard; null when it has none, or names no direction or more than one (which the checks report). */
export function boundOf({ breachWhen }: GuardForm): Bound | null {
  if (breachWhen === undefined) return null;
  if ('kind' in breachWhen) {
    const { kind, breachWhen: operator, value } = breachWhen;
    return { kind, breachWhen: operator, value };
  }
  const { rise, drop, change, relativeTo } = breachWhen;
  const kind = 'relative';
  const reference = relativeTo === 'before' ? ({ to: 'baseline', earlier: true } as const) : { to: relativeTo };
  if (rise !== undefined) return { kind, ...reference, direction: 'rise', by: rise };
  if (drop !== undefined) return { kind, ...reference, direction: 'drop', by: drop };
  return change === undefined ? null : { kind, ...reference, direction: 'either', by: change };
}

export function resolvePolicy(form: PolicyForm): Policy {
  return {
    name: form.name,
    description: form.description ?? null,
    dialect: 'coalmine',
    evaluateEveryMs: form.evaluateEvery ?? 60_000,
    maxGap: form.maxGap ?? 5,
    coverage: form.coverage ?? 0.8,
    requireCompatibleSchemas: form.requireCompatibleSchemas ?? true,
    stages: form.stages.map(stageOf),
    guards: form.guards.map(guardOf),
    rollback: {
      deadlineMs: form.rollback?.deadline ?? 120_000,
      preWarm: form.rollback?.preWarm ?? true,
      verifyMs: form.rollback?.verify ?? 10_000,
    },
  };
}

const stageOf = ({ name, weight, mirror, control, segments, hold, extend }: StageForm): Stage => ({
  name,
  weightPercent: weight,
  mirrorPercent: mirror ?? 0,
  controlPercent: control ?? 0,
  ...(segments === undefined ? {} : { segments }),
  holdMs: hold,
  extendMs: extend ?? hold,
});

function guardOf(form: GuardForm): Guard {
  const { metric } = form;
  const bound = boundOf(form);
  const sustained =
    form.sustained === undefined ? null : { forMs: form.sustained.for, reading: form.sustained.reading };
  const test = form.test === undefined ? null : resolveTest(form.test, metric);
  return {
    name: form.name,
    description: form.description ?? null,
    metric,
    bound,
    sustained,
    test,
    delayMs: form.delay ?? 0,
    action: form.action,
    stages: form.stages ?? null,
    segment: form.segment ?? 'all',
    requiredToAdvance: form.requiredToAdvance ?? false,
    minSamples: form.minSamples ?? samplesFor(metric, bound, sustained, test),
    minPositives: form.minPositives ?? defaultMinPositives(metric, bound, test),
    carryOver: form.carryOver ?? false,
  };
}

function samplesFor(metric: Metric, bound: Bound | null, sustained: Sustained | null, test: Test | null): number {
  if (sustained !== null) return defaultMinSamples(metric, bound, sustained.reading) ?? 1;
  return test === null ? 1 : defaultTestSamples(test, metric);
}
