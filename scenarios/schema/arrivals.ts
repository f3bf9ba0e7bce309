/** Arrival processes in their YAML form. Poisson and regular arrivals take their rate from `traffic`; the others state rates. */
import { z } from 'zod';
import { positiveDuration, duration, rate, rateOrZero } from '../../config/fields.ts';
import { between, ifKnown } from '../../config/rules.ts';
import type { RateSegment, TimeDistribution } from '../scenario.ts';
import { distribution } from './distribution.ts';

/** An arrival process whose mean rate and files are yet to be filled in. */
export type ArrivalsForm =
  | { readonly kind: 'poisson' }
  | { readonly kind: 'regular' }
  | { readonly kind: 'profile'; readonly segments: readonly RateSegment[]; readonly periodMs: number }
  | { readonly kind: 'profile-source'; readonly source: string; readonly periodMs: number }
  | {
      readonly kind: 'mmpp';
      readonly rateRps: readonly [number, number];
      readonly switchPerSecond: readonly [number, number];
    }
  | { readonly kind: 'onoff'; readonly rateRps: number; readonly on: TimeDistribution; readonly off: TimeDistribution }
  | { readonly kind: 'trace'; readonly file: string; readonly repeat: boolean; readonly speedUp: number };

const poisson = z.strictObject({ kind: z.literal('poisson') });
const regular = z.strictObject({ kind: z.literal('regular') });

const point = z.strictObject({
  at: duration.describe('time since the period began'),
  rate: rateOrZero.describe('rate from there on'),
});

const profile = z
  .strictObject({
    kind: z.literal('profile'),
    points: z.array(point).min(1).optional().describe('rates over one period, from 0 on, ascending (or give source)'),
    shape: z.enum(['step', 'linear']).default('step').describe('what the rate does between points'),
    source: z.string().min(1).optional().describe('JSON file with shares of the mean rate per slot (or give points)'),
    period: positiveDuration.describe('the profile repeats after this long; a source is compressed into it'),
  })
  .check(
    between([
      (given, report) => {
        const sources = ['points', 'source'].filter((name) => name in given);
        const got = sources.length === 0 ? 'neither' : 'both';
        if (sources.length !== 1) report([], `got ${got}, expected one of points, source`);
      },
      ({ points }, report) =>
        points !== undefined &&
        points[0]?.at !== 0 &&
        report(['points', 0, 'at'], 'expected 0: the first point begins the period'),
      ({ points = [] }, report) => {
        for (const i of points.keys())
          ifKnown(
            () =>
              points[i]!.at < (points[i - 1]?.at ?? 0) &&
              report(['points', i, 'at'], 'expected no earlier time than the point before'),
          );
      },
      ({ points = [], period }, report) => {
        for (const i of points.keys())
          ifKnown(() => points[i]!.at > period && report(['points', i, 'at'], 'expected a time within the period'));
      },
      ({ points }, report) =>
        points?.every((each) => each.rate === 0) && report(['points'], 'got only rates of 0, expected some traffic'),
    ]),
  )
  .transform(
    ({ points, shape, source, period }): ArrivalsForm =>
      points === undefined
        ? { kind: 'profile-source', source: source ?? '', periodMs: period }
        : { kind: 'profile', segments: segmentsOf(points, shape, period), periodMs: period },
  );

/** Stretches between the points; those of no length (jumps) are left out. */
function segmentsOf(
  points: readonly { at: number; rate: number }[],
  shape: 'step' | 'linear',
  periodMs: number,
): RateSegment[] {
  return points.flatMap(({ at, rate: fromRps }, i) => {
    const next = points[i + 1] ?? { at: periodMs, rate: fromRps };
    return next.at > at
      ? [{ startMs: at, endMs: next.at, fromRps, toRps: shape === 'step' ? fromRps : next.rate }]
      : [];
  });
}

const mmpp = z
  .strictObject({
    kind: z.literal('mmpp'),
    rates: z.tuple([rateOrZero, rate]).describe('rate in the calm and in the busy state'),
    stays: z.tuple([positiveDuration, positiveDuration]).describe('mean time spent in the calm and in the busy state'),
  })
  .transform(
    ({ kind, rates, stays }): ArrivalsForm => ({
      kind,
      rateRps: rates,
      switchPerSecond: [1000 / stays[0], 1000 / stays[1]],
    }),
  );

const onoff = z
  .strictObject({
    kind: z.literal('onoff'),
    rate: rate.describe('rate during on-periods'),
    on: distribution.describe('length of an on-period'),
    off: distribution.describe('length of the silence between'),
  })
  .transform(({ kind, rate: rateRps, on, off }): ArrivalsForm => ({ kind, rateRps, on, off }));

const trace = z.strictObject({
  kind: z.literal('trace'),
  file: z.string().min(1).describe('trace written by `coalmine trace`'),
  repeat: z.boolean().default(false).describe('begin again after the end'),
  speedUp: z.number().gt(0).default(1).describe('recorded time is divided by this'),
});

/** `poisson`, `regular`, or a map with a `kind`. */
export const arrivals: z.ZodType<ArrivalsForm> = z.union([
  z.enum(['poisson', 'regular']).transform((kind): ArrivalsForm => ({ kind })),
  z.discriminatedUnion('kind', [poisson, regular, profile, mmpp, onoff, trace]),
]);
