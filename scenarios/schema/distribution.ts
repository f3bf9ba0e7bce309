/** Distributions of times in their YAML form, e.g. `{kind: lognormal, mean: 20ms, p95: 33ms}`. */
import { z } from 'zod';
import { duration, fraction, positiveDuration } from '../../config/fields.ts';
import { between, ifKnown } from '../../config/rules.ts';
import { lognormalOf, misnamed } from '../lognormal.ts';
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
  .check(
    between([
      (given, report) => {
        // By their names alone, so that a figure that is wrong is still one too many.
        const names = ['mean', 'median', 'sigma', 'cv2', 'p95'].filter((name) => name in given);
        const broken = misnamed(names) ?? lognormalOf({ ...given });
        if (typeof broken === 'string') report([], broken);
      },
    ]),
  )
  .transform(({ kind, ...given }): TimeDistribution => {
    const found = lognormalOf(given);
    // The check has said why.
    return typeof found === 'string' ? z.NEVER : { kind, ...found };
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
  .check(between([({ low, high }, report) => high < low && report(['high'], 'expected no less than low')]))
  .transform(({ kind, low, high }): TimeDistribution => ({ kind, lowMs: low, highMs: high }));

const empirical = z
  .strictObject({
    kind: z.literal('empirical'),
    quantiles: z
      .array(z.tuple([fraction, duration]))
      .min(2)
      .describe('[probability, time] pairs, both ascending, from probability 0 to 1; linear between'),
  })
  .check(
    between([
      ({ quantiles }, report) =>
        quantiles[0]?.[0] !== 0 && report(['quantiles', 0, 0], 'expected 0: the first pair is the minimum'),
      ({ quantiles }, report) =>
        quantiles.at(-1)?.[0] !== 1 &&
        report(['quantiles', quantiles.length - 1, 0], 'expected 1: the last pair is the maximum'),
      ({ quantiles }, report) => {
        for (const i of [...quantiles.keys()].slice(1)) {
          const rises = (column: 0 | 1): number | undefined =>
            ifKnown(() => quantiles[i]![column] - quantiles[i - 1]![column]);
          if ((rises(0) ?? 1) <= 0) report(['quantiles', i, 0], 'expected more than the probability before');
          if ((rises(1) ?? 0) < 0) report(['quantiles', i, 1], 'expected no less than the time before');
        }
      },
    ]),
  )
  .transform(({ kind, quantiles }): TimeDistribution => ({ kind, quantiles }));

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
  .check(
    between([
      ({ parts }, report) => {
        const sum = parts.reduce((total, { weight }) => total + weight, 0);
        if (Math.abs(sum - 1) > 1e-9)
          report(['parts'], `got weights that sum to ${Number(sum.toPrecision(6))}, expected 1`);
      },
    ]),
  )
  .transform(({ kind, parts }): TimeDistribution => ({ kind, parts }));

/** A distribution of times, ms. */
export const distribution: z.ZodType<TimeDistribution> = z
  .discriminatedUnion('kind', [...simple.options, mixture])
  .meta({ id: 'time-distribution' });

/** Times that a calibration file has: `load.ts` puts its table here. */
export interface MeasuredSource {
  readonly kind: 'measured-source';
  readonly file: string;
  /** Whose times; null: of the arm where this stands. */
  readonly arm: 'baseline' | 'candidate' | null;
  /** Between the measured utilisations; null: all of them alike. */
  readonly utilisation: number | null;
}
export type TimesForm = TimeDistribution | MeasuredSource;

/** The calibration that is meant by `measured` alone: of the machine that the shipped figures are of. */
export const REFERENCE = 'models/calibration/live-healthy.json';

const measured = z
  .strictObject({
    kind: z.literal('measured'),
    file: z
      .string()
      .min(1)
      .default(REFERENCE)
      .describe('what `coalmine calibrate` wrote; relative to this file, or to the package'),
    arm: z.enum(['baseline', 'candidate']).optional().describe('whose times (default: of the arm where this stands)'),
    utilisation: fraction.optional().describe('interpolate to this busy share (default: all measured ones alike)'),
  })
  .transform(
    ({ file, arm = null, utilisation = null }): MeasuredSource => ({ kind: 'measured-source', file, arm, utilisation }),
  );

/** `measured` alone. */
export const measuredWord: z.ZodType<MeasuredSource> = z
  .literal('measured')
  .transform((): MeasuredSource => ({ kind: 'measured-source', file: REFERENCE, arm: null, utilisation: null }));

/** A distribution of times, or a table of a calibration file. */
export const timesMap: z.ZodType<TimesForm> = z
  .discriminatedUnion('kind', [...simple.options, mixture, measured])
  .meta({ id: 'times' });

export const times: z.ZodType<TimesForm> = z.union([measuredWord, timesMap]);
