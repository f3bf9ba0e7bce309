/** What is true of the candidate, how that shows in labels, and what the policy should make of it. */
import { z } from 'zod';
import { duration, fraction, positiveDuration } from '../../config/fields.ts';
import { between } from '../../config/rules.ts';
import type { Expectation, Outcomes, QueryOutcomes, Truth } from '../scenario.ts';
import { distribution } from './distribution.ts';

const labelDelay = duration.prefault(0).describe('from the answer to its label');

const acceptance = z
  .strictObject({
    kind: z.literal('acceptance'),
    tolerance: z.number().gt(0).describe('accepted when |prediction − actual| is at most this'),
    labelDelay,
  })
  .transform(({ labelDelay: labelDelayMs, ...rest }): Outcomes => ({ ...rest, labelDelayMs }));

const bernoulli = z
  .strictObject({
    kind: z.literal('bernoulli'),
    baseline: fraction.describe("probability of a positive label after the baseline's answer"),
    candidate: fraction.describe("the same after the candidate's"),
    betweenUsers: fraction
      .optional()
      .describe('how much users differ: each has a factor of its own, uniform in 1 ± this. Default: not at all'),
    labelDelay,
  })
  .check(
    between([
      ({ baseline, candidate, betweenUsers = 0 }, report) =>
        Math.max(baseline, candidate) * (1 + betweenUsers) > 1 &&
        report(['betweenUsers'], 'expected so little that no user is positive with more than 100 %'),
    ]),
  )
  .transform(
    ({ labelDelay: labelDelayMs, betweenUsers, ...rest }): Outcomes => ({
      ...rest,
      ...(betweenUsers === undefined ? {} : { betweenUsers }),
      labelDelayMs,
    }),
  );

const queriesOf: z.ZodType<QueryOutcomes> = z
  .strictObject({
    clickThrough: fraction.describe('share of the queries with a click'),
    success: fraction.describe('share of the queries that succeed: of those with a click'),
    timeToSuccess: distribution.describe('from the answer to the success'),
  })
  .check(
    between([
      ({ clickThrough, success }, report) =>
        success > clickThrough && report(['success'], 'expected no more than clickThrough: success takes a click'),
    ]),
  );

const queries = z
  .strictObject({
    kind: z.literal('queries'),
    baseline: queriesOf.describe("what users make of the baseline's answers"),
    candidate: queriesOf.describe("what users make of the candidate's"),
    labelWindow: positiveDuration.describe(
      'a query counts once this long has passed since its answer, in every arm; success that comes later is missed',
    ),
  })
  .transform(({ labelWindow: labelDelayMs, ...rest }): Outcomes => ({ ...rest, labelDelayMs }));

const plays = z
  .strictObject({ kind: z.literal('plays'), labelDelay })
  .transform(({ kind, labelDelay: labelDelayMs }): Outcomes => ({ kind, labelDelayMs }));

/** `none`, or how a prediction becomes a positive label. */
export const outcomes: z.ZodType<Outcomes> = z.union([
  z.literal('none').transform((kind): Outcomes => ({ kind })),
  z.discriminatedUnion('kind', [acceptance, bernoulli, queries, plays]),
]);

export const truth: z.ZodType<Truth> = z
  .strictObject({
    candidate: z.enum(['healthy', 'regressed']).describe('whether rolling back is right'),
    onset: duration.optional().describe('when a regression begins; 0 when left out'),
    cause: z.string().min(1).nullable().default(null).describe('what is wrong, in a few words'),
  })
  .check(
    between([
      ({ candidate, onset }, report) =>
        candidate === 'healthy' &&
        onset !== undefined &&
        report(['onset'], 'expected no onset: the candidate is healthy'),
      ({ candidate, cause }, report) =>
        candidate === 'healthy' && cause !== null && report(['cause'], 'expected no cause: the candidate is healthy'),
    ]),
  )
  .transform(
    ({ candidate, onset, cause }): Truth => ({
      candidate,
      onsetMs: candidate === 'healthy' ? null : (onset ?? 0),
      cause,
    }),
  );

export const expectation: z.ZodType<Expectation> = z
  .strictObject({
    verdict: z.enum(['promoted', 'rolled-back', 'paused', 'refused']).describe('what the policy should decide'),
    guard: z.string().min(1).nullable().default(null).describe('the guard that should decide it'),
    within: duration.nullable().default(null).describe('at most this long after the onset (or the start)'),
    rollback: z.enum(['in-time', 'late']).optional().describe('whether the rollback should keep its deadline'),
    finding: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe("why the policy's answer is worth showing although it is wrong"),
  })
  .transform(
    ({ within, rollback, ...rest }): Expectation => ({
      ...rest,
      withinMs: within,
      ...(rollback === undefined ? {} : { rollback }),
    }),
  );
