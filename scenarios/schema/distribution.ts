/** Distributions of times in their YAML form, e.g. `{kind: lognormal, mean: 20ms, p95: 33ms}`. */
import { z } from 'zod';
import { duration, fraction, positiveDuration } from '../../config/fields.ts';
import { lognormalOf } from '../lognormal.ts';
import type { TimeDistribution } from '../scenario.ts';

const constant = z
  .strictObject({ kind: z.literal('constant'), value: duration.describe('always this long') })
  .transform(({ kind, value }): TimeDistribution => ({ kind, valueMs: value }));

const exponential = z
  .strictObject({ kind: z.literal('exponential'), mean: positiveDuration.describe('mean') })
  .transform(({ kind, mean }): TimeDistribution => ({ kind, meanMs: mean }));

const LOGNORMAL_RULE = 'one of mean, median and one of sigma, cv2, p95';

const lognormal = z
  .strictObject({
    kind: z.literal('lognormal'),
    mean: positiveDuration.optional().describe(`mean; give ${LOGNORMAL_RULE}`),
    median: positiveDuration.optional().describe(`median; give ${LOGNORMAL_RULE}`),
    sigma: z.number().min(0).max(5).optional().describe('standard deviation of the logarithm'),
    cv2: z.number().min(0).max(1000).optional().describe('squared coefficient of variation'),
    p95: positiveDuration.optional().describe('95th percentile'),
  })
  .transform(({ kind, ...given }, context): TimeDistribution => {
    const found = lognormalOf(given);
    if (typeof found !== 'string') return { kind, ...found };
    context.addIssue({ code: 'custom', message: found });
    return z.NEVER;
  });

const erlang = z
  .strictObject({
    kind: z.literal('erlang'),
    stages: z.int().min(1).max(1000).describe('number of exponential stages in a row'),
    mean: positiveDuration.describe('mean of the sum'),
  })
  .transform(({ kind, stages, mean }): TimeDistribution => ({ kind, stages, meanMs: mean }));

const hyperexponential = z
  .strictObject({
    kind: z.literal('hyperexponential'),
    mean: positiveDuration.describe('mean'),
    cv2: z.number().gt(1).max(1000).describe('squared coefficient of variation'),
  })
  .transform(({ kind, mean, cv2 }): TimeDistribution => ({ kind, meanMs: mean, cv2 }));

const uniform = z
  .strictObject({
    kind: z.literal('uniform'),
    low: duration.describe('shortest'),
    high: positiveDuration.describe('longest'),
  })
  .transform(({ kind, low, high }, context): TimeDistribution => {
    if (high < low) context.addIssue({ code: 'custom', path: ['high'], message: 'expected no less than low' });
    return { kind, lowMs: low, highMs: high };
  });

const empirical = z
  .strictObject({
    kind: z.literal('empirical'),
    quantiles: z
      .array(z.tuple([fraction, duration]))
      .min(2)
      .describe('[probability, time] pairs, both ascending, from probability 0 to 1; linear between'),
  })
  .transform(({ kind, quantiles }, context): TimeDistribution => {
    const issue = (path: (string | number)[], message: string): void =>
      context.addIssue({ code: 'custom', path, message });
    if (quantiles[0]?.[0] !== 0) issue(['quantiles', 0, 0], 'expected 0: the first pair is the minimum');
    if (quantiles.at(-1)?.[0] !== 1)
      issue(['quantiles', quantiles.length - 1, 0], 'expected 1: the last pair is the maximum');
    quantiles.forEach(([probability, ms], i) => {
      const before = quantiles[i - 1];
      if (before === undefined) return;
      if (probability <= before[0]) issue(['quantiles', i, 0], 'expected more than the probability before');
      if (ms < before[1]) issue(['quantiles', i, 1], 'expected no less than the time before');
    });
    return { kind, quantiles };
  });

const simple = z.discriminatedUnion('kind', [
  constant,
  exponential,
  lognormal,
  erlang,
  hyperexponential,
  uniform,
  empirical,
]);

const mixture = z
  .strictObject({
    kind: z.literal('mixture'),
    parts: z
      .array(
        z.strictObject({
          weight: fraction.describe('share of the times that come from this part; all shares sum to 1'),
          of: simple.describe('the part: any distribution but another mixture'),
        }),
      )
      .min(1)
      .describe('distributions to draw from'),
  })
  .transform(({ kind, parts }, context): TimeDistribution => {
    const sum = parts.reduce((total, { weight }) => total + weight, 0);
    if (Math.abs(sum - 1) > 1e-9)
      context.addIssue({
        code: 'custom',
        path: ['parts'],
        message: `got weights that sum to ${Number(sum.toPrecision(6))}, expected 1`,
      });
    return { kind, parts };
  });

/** A distribution of times, ms. */
export const distribution: z.ZodType<TimeDistribution> = z
  .discriminatedUnion('kind', [...simple.options, mixture])
  .meta({ id: 'time-distribution' });
