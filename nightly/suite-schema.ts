/** The YAML form of a suite: what is rehearsed every night. What is left out is filled in by suite.ts. */
import { z } from 'zod';
import { fraction, positiveSize } from '../config/fields.ts';
import { FIGURES } from './figures.ts';

export interface RehearsalForm {
  readonly name?: string | undefined;
  readonly scenario: string;
  readonly policy?: string | undefined;
  readonly seeds?: number | undefined;
  readonly requests?: number | undefined;
  readonly live?: boolean | undefined;
}

export interface SuiteForm {
  readonly name: string;
  readonly description?: string | undefined;
  readonly seeds: number;
  readonly requests?: number | undefined;
  readonly nights: number;
  readonly alpha: number;
  readonly tolerances: Readonly<Record<string, number | undefined>>;
  readonly rehearsals: readonly RehearsalForm[];
}

const NAME = /^[\w.+-]+$/;
const named = z
  .string()
  .regex(NAME, 'expected letters, digits and any of . _ + - (it names a folder)')
  .meta({ pattern: NAME.source });

const rehearsal = z.strictObject({
  name: named
    .optional()
    .describe("What it is called in results. Default: the scenario's name, and the policy's where one is stated."),
  scenario: z.string().min(1).describe('A scenario file, beside this one or one that came with the package.'),
  policy: z
    .string()
    .min(1)
    .optional()
    .describe(
      "The policy under test, found likewise. Default: the scenario's own, of which alone it expects anything.",
    ),
  seeds: positiveSize.optional().describe("How many seeds, from the scenario's on. Default: the suite's."),
  requests: positiveSize.optional().describe("Requests of the shadow stage. Default: the suite's."),
  live: z.boolean().optional().describe('Against real servers under k6, in wall time. Default false.'),
});

const TOLERANCES: Readonly<Record<string, z.ZodType<number | undefined>>> = Object.fromEntries(
  FIGURES.map(({ name, title, scale, tolerance }) => [
    name,
    fraction
      .optional()
      .describe(`${title}${scale === 'difference' ? ', in points' : ''}. Default: ${tolerance * 100}%.`),
  ]),
);

/** What a suite must look like. */
export const suiteSchema: z.ZodType<SuiteForm> = z
  .strictObject({
    name: named.describe('Name of the suite.'),
    description: z.string().optional().describe('What it watches.'),
    seeds: positiveSize.prefault(5).describe('Seeds per rehearsal: one alone has no interval, two hardly.'),
    requests: positiveSize
      .optional()
      .describe("Requests of the shadow stages; fewer compress the schedules. Default: each scenario's."),
    nights: positiveSize.prefault(14).describe('Nights of history that tonight is compared with, at most.'),
    alpha: fraction
      .refine((value) => value > 0 && value < 1, 'expected a share above 0 and below 100 %')
      .prefault('5%')
      .describe('Chance, at most, that a night in which nothing got worse than tolerated is called a regression.'),
    tolerances: z
      .strictObject(TOLERANCES)
      .prefault({})
      .describe('By figure: how much worse is no regression yet, as a share of what it was.'),
    rehearsals: z.array(rehearsal).min(1).describe('What is rehearsed, in this order.'),
  })
  .describe('A suite of Coalmine: what `coalmine nightly` rehearses and compares with the nights before.');
