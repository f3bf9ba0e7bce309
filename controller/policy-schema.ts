/** The YAML form of a policy. What it means and what is left out is filled in by load-policy.ts. */
import { z } from 'zod';
import { duration, fraction, positiveDuration, size, weightPercent } from '../config/fields.ts';
import { boundText } from './bound-text.ts';
import { metricText } from './metric-text.ts';
import type { PolicyForm } from './policy-form.ts';
import { test } from './test-schema.ts';

const name = z.string().min(1);

const stage = z
  .strictObject({
    name: name.describe('Name of the stage, unique in the policy.'),
    weight: weightPercent.describe(
      'Share of the requests the candidate answers, 0% to 100%; never less than in the stage before.',
    ),
    mirror: weightPercent
      .optional()
      .describe('Share of the requests of which the candidate gets a copy whose answer no user sees. Default 0%.'),
    control: weightPercent
      .optional()
      .describe(
        "Share of the requests that a control cohort answers: a fresh fleet of the baseline's model and the candidate's size, for guards with relativeTo: control. Usually the weight. Default 0%.",
      ),
    segments: z
      .array(name)
      .min(1)
      .optional()
      .describe(
        "Segments of the scenario whose requests the stage is about: weight, mirror and control are shares of theirs, and guards on all read theirs. Everybody else stays with the baseline. Default: every request. A segment's weight never falls.",
      ),
    hold: duration.describe(
      'How long the stage lasts before it may advance. 0 only for the last stage: the rollout is promoted when it is reached.',
    ),
    extend: duration
      .optional()
      .describe(
        'How much longer it may last while a required guard does not pass; then the rollout pauses. Default: as long as the hold.',
      ),
  })
  .describe('One stage of the rollout.');

const change = z
  .strictObject({
    rise: fraction.optional().describe('Breach when the value is more than this above the reference.'),
    drop: fraction.optional().describe('Breach when the value is more than this below the reference.'),
    change: fraction
      .optional()
      .describe('Breach when the value is more than this away from the reference, in either direction.'),
    relativeTo: z
      .enum(['baseline', 'control', 'before'])
      .describe(
        "The arm whose value over the same windows is the reference; before: the baseline's value over as long a stretch, just before users first saw the candidate.",
      ),
  })
  .describe('A bound on value/reference − 1; exactly one of rise, drop and change.');

const guard = z
  .strictObject({
    name: name.describe('Name of the guard, unique in the policy.'),
    description: z.string().optional().describe('What it protects, for the report.'),
    metric: metricText.describe(
      'What is looked at: a quantile (latency p95, feature-fetch p99, score median) or a ratio (error-ratio).',
    ),
    breachWhen: z
      .union([boundText, change])
      .optional()
      .describe(
        'When the guard is broken: an absolute bound such as "> 50ms", or a change against another arm. Left out: only watched.',
      ),
    sustained: z
      .strictObject({
        for: positiveDuration.describe('A whole number of evaluation windows.'),
        reading: z
          .enum(['pooled', 'every'])
          .describe(
            'pooled: one value over the trailing stretch. every: each of its evaluation windows. They differ by orders of magnitude in false alarms, so there is no default.',
          ),
      })
      .optional()
      .describe('For how long it must be broken. Exactly one of sustained and test.'),
    test: test.optional().describe('A statistical test that decides instead. Exactly one of sustained and test.'),
    delay: duration
      .optional()
      .describe('How long a breach must stand, at every evaluation, before it counts. Default 0.'),
    action: z
      .enum(['watch', 'alert', 'hold', 'pause', 'roll-back'])
      .describe('What a breach does. watch: nothing. hold: the stage does not advance.'),
    stages: z.array(name).min(1).optional().describe('Stages the guard is active in. Default: all.'),
    segment: name
      .optional()
      .describe(
        "Segment of the requests, or each: one guard per segment of the stage, of which all must pass and each may act; a test's alpha is divided among them. Default: all, every request of the stage.",
      ),
    requiredToAdvance: z.boolean().optional().describe('A stage advances only when this guard passes. Default false.'),
    minSamples: size
      .optional()
      .describe(
        'Below this many samples in any arm it reads (per evaluation window when reading is every) the guard is inconclusive.',
      ),
    minPositives: size
      .optional()
      .describe('Relative bounds on ratios: below this many events in any arm the guard is inconclusive. Default 50.'),
    carryOver: z
      .boolean()
      .optional()
      .describe('Keep what was seen in the stage before when a stage begins. Default false.'),
  })
  .describe('One rule about one metric.');

const rollback = z
  .strictObject({
    deadline: positiveDuration.optional().describe('From the decision to the verified baseline. Default 2m.'),
    preWarm: z
      .union([z.boolean(), z.literal('first')])
      .optional()
      .describe(
        "Fill the baseline's cache before the rollback counts as complete; first: before its traffic comes back, which then leaves the candidate later. Default true.",
      ),
    verify: duration.optional().describe('How long the baseline must answer within every absolute bound. Default 10s.'),
  })
  .describe('How the rollback proceeds.');

const policyForm = z
  .strictObject({
    name: name.describe('Name of the policy.'),
    description: z.string().optional().describe('What the policy is for, for the report.'),
    evaluateEvery: positiveDuration
      .optional()
      .describe('Width of an evaluation window, and how often the guards are asked. Default 60s.'),
    maxGap: size
      .optional()
      .describe('More missing evaluation windows in a row than this reset streaks and raise data-loss. Default 5.'),
    coverage: fraction.optional().describe('Share of the windows of a trailing sum that must hold data. Default 80%.'),
    requireCompatibleSchemas: z
      .boolean()
      .optional()
      .describe("Refuse to start when the models' feature schemas differ. Default true."),
    alarmBudget: fraction
      .optional()
      .describe(
        'Share of healthy candidates that its tests may roll back, over all guards and stages; more is refused.',
      ),
    stages: z.array(stage).min(1).describe('The stages in order; the last one has a weight of 100%.'),
    guards: z
      .array(guard)
      .min(1)
      .describe('The rules, in order of importance: of several broken at once the first is named.'),
    rollback: rollback.optional(),
  })
  .describe('A rollout policy of Coalmine: stages and guards.');

/** What a policy file must look like. */
export const policySchema: z.ZodType<PolicyForm> = policyForm;

/** The JSON Schema (draft 7) of policy files, for editors. */
export const policyJsonSchema = (): Record<string, unknown> =>
  z.toJSONSchema(
    policyForm.extend({
      extends: z.string().optional().describe('Another policy file; this one only states the differences.'),
    }),
    {
      target: 'draft-7',
      io: 'input',
    },
  );
