/** The YAML form of a whole scenario. `load.ts` fills in what a schema cannot know: files, places, the mean rate. */
import { z } from 'zod';
import { positiveDuration } from '../../config/fields.ts';
import type { Scenario } from '../scenario.ts';
import { type ArmForm, arms } from './arms.ts';
import { faults } from './faults.ts';
import { type FeaturesForm, features } from './features.ts';
import { expectation, outcomes, truth } from './judgement.ts';
import { type TrafficForm, traffic } from './traffic.ts';

/** A scenario as its file states it, in ms and fractions, defaults filled in. */
export type ScenarioForm = Omit<
  Scenario,
  'traffic' | 'arms' | 'features' | 'file' | 'hash' | 'timeScale' | 'windowMs' | 'limitMs'
> & {
  readonly traffic: TrafficForm;
  readonly arms: { readonly baseline: ArmForm; readonly candidate: ArmForm };
  readonly features: FeaturesForm;
  /** ms, as `windowMs` and `limitMs` of the scenario. */
  readonly window: number;
  readonly limit: number;
};

const shadowTolerance = z.strictObject({
  absolute: z.number().min(0).default(0).describe('scores this far apart are still alike'),
  relative: z.number().min(0).default(1e-6).describe("plus this share of the baseline's score"),
});

export const scenarioSchema: z.ZodType<ScenarioForm> = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*$/, { error: 'expected lower-case letters, digits and dashes, such as cold-cache' })
    .describe('short name: lower-case letters, digits and dashes'),
  description: z.string().default('').describe('what is rehearsed, in a sentence'),
  trap: z.string().min(1).optional().describe('what policies get wrong here and how to see it, for the report'),
  seed: z.int().min(0).default(1).describe('seed of every random stream'),
  traffic: traffic.describe('who asks for what, and how often'),
  arms: arms.describe('the two versions of the service'),
  features: features.prefault({}).describe('feature store and caches'),
  outcomes: outcomes.prefault('none').describe('how a prediction becomes a positive label, or none'),
  shadowTolerance: shadowTolerance.prefault({}).describe('how far apart two scores of one mirrored request may be'),
  faults: faults.prefault([]).describe('what goes wrong'),
  truth: truth.prefault({ candidate: 'healthy' }).describe('what is true of the candidate'),
  policy: z
    .string()
    .min(1)
    .default('policies/seed.yaml')
    .describe('policy file; relative to this file, or to the package'),
  expect: expectation.nullable().default(null).describe('what the policy should decide'),
  window: positiveDuration.prefault('10s').describe('width of a telemetry window'),
  limit: positiveDuration.prefault('24h').describe('the rehearsal ends here even when the policy has not decided'),
});
