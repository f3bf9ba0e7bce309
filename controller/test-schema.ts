/** The YAML form of a guard's statistical test: each method with its own settings. */
import { z } from 'zod';
import { fraction, positiveDuration, positiveSize } from '../config/fields.ts';
import type { Method } from './guard-tests.ts';

/** A test as it is written, units read; what is left out is undefined. */
export interface TestForm {
  readonly method: Method;
  readonly alpha?: number | undefined;
  readonly passAlpha?: number | undefined;
  readonly passBy?: 'evidence' | 'estimate' | undefined;
  readonly varianceInflation?: number | 'measured' | undefined;
  readonly lateOnset?: boolean | undefined;
  readonly sharpestAt?: number | undefined;
  readonly clusterBy?: 'user' | undefined;
  readonly factor?: number | undefined;
  readonly long?: number | undefined;
  readonly short?: number | undefined;
  readonly over?: number | undefined;
  readonly minWindows?: number | undefined;
  readonly bins?: number | undefined;
}

const alpha = fraction.describe('Chance that a healthy candidate is ever called bad in a stage, over all looks.');
const perLook = fraction.describe('Chance that a healthy candidate is called bad at one look; many looks add up.');
const factor = z.number().min(1);

const sequential = {
  alpha,
  passAlpha: fraction.optional().describe('Chance that a bad candidate passes by evidence. Default 5%.'),
  passBy: z
    .enum(['evidence', 'estimate'])
    .optional()
    .describe('What a pass needs: proof (default), or only an estimate on the right side from enough samples.'),
};
const measurable = {
  varianceInflation: z
    .union([factor, z.literal('measured')])
    .optional()
    .describe(
      'Counts are divided by it, since requests of a queue come in clumps. Default: measured for latencies, 1 for everything else.',
    ),
};
const fixed = {
  varianceInflation: factor
    .optional()
    .describe('Numbers of values are divided by it. Default: 12 for latencies, 1 for predictions.'),
};
const over = positiveDuration.describe('The trailing stretch it looks at: a whole number of evaluation windows.');

/** One map per method, so that a setting of another method is refused as unknown. */
export const test: z.ZodType<TestForm> = z.discriminatedUnion('method', [
  z
    .strictObject({
      method: z.literal('e-process'),
      ...sequential,
      ...measurable,
      lateOnset: z
        .boolean()
        .optional()
        .describe(
          'Begin anew at every window, for harm that comes late: faster then, slower otherwise. Default false.',
        ),
    })
    .describe('Events out of requests against an absolute bound, at every look.'),
  z
    .strictObject({ method: z.literal('betting'), ...sequential })
    .describe(
      "Windows' shares of events against an absolute bound, each window one observation: slow, needs no variance inflation.",
    ),
  z
    .strictObject({ method: z.literal('two-arm'), ...sequential, ...measurable })
    .describe("The candidate's events against another arm's, at every look."),
  z
    .strictObject({
      method: z.literal('ratio-sequence'),
      ...sequential,
      ...measurable,
      sharpestAt: positiveDuration.optional().describe("When after a stage's start it is to be sharpest. Default 30m."),
      clusterBy: z
        .enum(['user'])
        .optional()
        .describe(
          'What is independent: users with all of their impressions. Default: every impression by itself. For outcome-ratio where the arms are shared out by user; live worlds do not know whose a label is.',
        ),
    })
    .describe('Confidence sequence for the change of a ratio against another arm, with a margin.'),
  z
    .strictObject({
      method: z.literal('mean-sequence'),
      ...sequential,
      sharpestAt: positiveDuration.optional().describe("When after a stage's start it is to be sharpest. Default 30m."),
    })
    .describe('Confidence sequence for the mean of a measure: against a bound, or its change against another arm.'),
  z
    .strictObject({ method: z.literal('repeated-z'), alpha: perLook })
    .describe('The z-test of one look, repeated: its false alarms grow with every look. For comparison.'),
  z
    .strictObject({ method: z.literal('cdf-band'), ...sequential, ...fixed })
    .describe('Any difference between two distributions, at every look.'),
  z
    .strictObject({ method: z.literal('quantile-sequence'), ...sequential, ...fixed })
    .describe('Confidence sequence for the change of a quantile against another arm.'),
  z
    .strictObject({
      method: z.literal('burn-rate'),
      factor: z.number().positive().optional().describe('Breach above this multiple of the budget. Default 14.4.'),
      long: positiveDuration.optional().describe('The long window. Default 1h.'),
      short: positiveDuration.optional().describe('The short window: it is still going on. Default 5m.'),
    })
    .describe('The bound as an error budget, burnt too fast over both windows.'),
  z
    .strictObject({
      method: z.literal('mann-whitney'),
      alpha: perLook,
      over,
      minWindows: positiveSize.optional().describe('Fewer windows with a value are inconclusive. Default 50.'),
    })
    .describe('Rank test of window values, or of whole distributions, against another arm. One look only.'),
  z
    .strictObject({
      method: z.literal('psi'),
      alpha: perLook,
      over,
      bins: z.number().int().min(2).max(1000).optional().describe('Bins, at quantiles of the reference. Default 10.'),
    })
    .describe('Population stability index of predictions. One look only.'),
  z
    .strictObject({ method: z.literal('ks'), alpha: perLook, over })
    .describe('Distance of Kolmogorov and Smirnov between distributions. One look only.'),
]);
