/** Calibration files: what `coalmine calibrate` measured of real servers on one machine, and how they are read. */
import { z } from 'zod';
import { hashOf } from '../config/hash.ts';
import { between } from '../config/rules.ts';
import { loadYaml } from '../config/yaml.ts';
import type { TimeDistribution } from './scenario.ts';

/** Times of one kind, measured one by one, ms. */
export interface MeasuredTimes {
  readonly samples: number;
  readonly mean: number;
  /** 95 % interval of the mean, from batch means, which allow for neighbours being alike; null when there were too few. */
  readonly interval: readonly [number, number] | null;
  /** At the file's `probabilities`, ascending. */
  readonly quantiles: readonly number[];
}

/** One arm at one utilisation. */
export interface CalibratedArm {
  /** Busy share of its slots. */
  readonly utilisation: number;
  /** What slots were held for: the declared time, the timer's error and whatever of the model's own run exceeds it. */
  readonly service: MeasuredTimes;
  /** Held minus declared, request by request; may be negative. */
  readonly serviceError: MeasuredTimes;
  /** Latency at the gateway less features, queue and slot: gateway, network, reading and writing in the server. */
  readonly overhead: MeasuredTimes;
}

export interface CalibrationPoint {
  /** Busy share of the busier arm's slots that was aimed at. */
  readonly target: number;
  readonly seconds: number;
  /** Both arms together. */
  readonly requestsPerSecond: number;
  readonly arms: { readonly baseline: CalibratedArm; readonly candidate: CalibratedArm };
  readonly features: {
    /** Answers from the replica's own cache, and reads from the store. Null without any. */
    readonly hit: MeasuredTimes | null;
    readonly miss: MeasuredTimes | null;
    /** Of the reads: really taken minus declared. */
    readonly missError: MeasuredTimes | null;
  };
  /** Share of one core that the gateway used. */
  readonly gatewayCpuShare: number;
  /** It is a measurement; when not, `reasons` say why. */
  readonly valid: boolean;
  readonly reasons: readonly string[];
}

export interface Calibration {
  readonly schemaVersion: 1;
  readonly kind: 'calibration';
  readonly name: string;
  readonly provenance: Readonly<Record<string, unknown>>;
  /** What the servers were told to take: service times, and reads from the feature store (null without any). */
  readonly declared: {
    readonly baseline: TimeDistribution;
    readonly candidate: TimeDistribution;
    readonly features: TimeDistribution | null;
  };
  /** Of every table of quantiles. */
  readonly probabilities: readonly number[];
  /** By rising rate. */
  readonly points: readonly CalibrationPoint[];
  /** Replicas started under load, request by request from their first: mean service error and overhead, ms. */
  readonly coldStart: {
    readonly starts: number;
    readonly serviceErrorMs: readonly number[];
    readonly overheadMs: readonly number[];
  };
  /** From wanting a process to its serving, less the load of its model; and that load. Mean ms of the same replicas. */
  readonly startUp: { readonly starts: number; readonly processMs: number; readonly modelLoadMs: number };
}

/** A calibration with what identifies it. */
export interface ReadCalibration {
  readonly calibration: Calibration;
  readonly file: string;
  /** sha256 of what the file says, however it is written. */
  readonly hash: string;
}

const ms = z.number().min(0);
const share = z.number().min(0);
const probability = z.number().min(0).max(1);

const simple = [
  z.strictObject({ kind: z.literal('constant'), valueMs: ms }),
  z.strictObject({ kind: z.literal('exponential'), meanMs: ms }),
  z.strictObject({ kind: z.literal('lognormal'), medianMs: ms, sigma: ms }),
  z.strictObject({ kind: z.literal('erlang'), stages: z.int().min(1), meanMs: ms }),
  z.strictObject({ kind: z.literal('hyperexponential'), meanMs: ms, cv2: z.number().gt(1) }),
  z.strictObject({ kind: z.literal('uniform'), lowMs: ms, highMs: ms }),
  z.strictObject({ kind: z.literal('empirical'), quantiles: z.array(z.tuple([probability, ms])).min(2) }),
] as const;
/** A distribution in the form in which the simulator has it, all times in ms. */
const declared: z.ZodType<TimeDistribution> = z.discriminatedUnion('kind', [
  ...simple,
  z.strictObject({
    kind: z.literal('mixture'),
    parts: z.array(z.strictObject({ weight: probability, of: z.discriminatedUnion('kind', simple) })).min(1),
  }),
]);

const measured: z.ZodType<MeasuredTimes> = z
  .strictObject({
    samples: z.int().min(1),
    mean: z.number(),
    interval: z.tuple([z.number(), z.number()]).nullable(),
    quantiles: z.array(z.number()).min(2),
  })
  .check(between([({ quantiles }, report) => ascends(quantiles, report, ['quantiles'])]));

const arm: z.ZodType<CalibratedArm> = z.strictObject({
  utilisation: share,
  service: measured,
  serviceError: measured,
  overhead: measured,
});
const point: z.ZodType<CalibrationPoint> = z.strictObject({
  target: share,
  seconds: z.number().gt(0),
  requestsPerSecond: z.number().gt(0),
  arms: z.strictObject({ baseline: arm, candidate: arm }),
  features: z.strictObject({ hit: measured.nullable(), miss: measured.nullable(), missError: measured.nullable() }),
  gatewayCpuShare: share,
  valid: z.boolean(),
  reasons: z.array(z.string()),
});

export const calibrationSchema: z.ZodType<Calibration> = z
  .strictObject({
    schemaVersion: z.literal(1),
    kind: z.literal('calibration'),
    name: z.string().min(1),
    provenance: z.record(z.string(), z.unknown()),
    declared: z.strictObject({ baseline: declared, candidate: declared, features: declared.nullable() }),
    probabilities: z.array(probability).min(2),
    points: z.array(point).min(1),
    coldStart: z.strictObject({
      starts: z.int().min(0),
      serviceErrorMs: z.array(z.number()),
      overheadMs: z.array(z.number()),
    }),
    startUp: z.strictObject({ starts: z.int().min(0), processMs: ms, modelLoadMs: ms }),
  })
  .check(
    between([
      ({ probabilities }, report) => ascends(probabilities, report, ['probabilities']),
      ({ probabilities }, report) =>
        probabilities[0] !== 0 && report(['probabilities', 0], 'expected 0: the first quantile is the minimum'),
      ({ probabilities }, report) =>
        probabilities.at(-1) !== 1 &&
        report(['probabilities', probabilities.length - 1], 'expected 1: the last quantile is the maximum'),
      ({ probabilities, points }, report) => {
        for (const [i, { arms, features }] of points.entries()) {
          const tables = [
            ...(['baseline', 'candidate'] as const).flatMap((name) =>
              (['service', 'serviceError', 'overhead'] as const).map(
                (kind) => [['arms', name, kind], arms[name][kind]] as const,
              ),
            ),
            ...(['hit', 'miss', 'missError'] as const).map((kind) => [['features', kind], features[kind]] as const),
          ];
          for (const [path, table] of tables)
            if (table !== null && table.quantiles.length !== probabilities.length)
              report(
                ['points', i, ...path, 'quantiles'],
                `got ${table.quantiles.length} quantiles, expected ${probabilities.length}, one per probability`,
              );
          if (i > 0 && points[i]!.requestsPerSecond <= points[i - 1]!.requestsPerSecond)
            report(['points', i, 'requestsPerSecond'], 'expected more than the point before');
        }
      },
    ]),
  );

function ascends(
  values: readonly number[],
  report: (path: (string | number)[], message: string) => void,
  path: string[],
): void {
  for (let i = 1; i < values.length; i++)
    if (values[i]! < values[i - 1]!) report([...path, i], 'expected no less than the one before');
}

/** Throws BadInput with every issue. JSON is read as the YAML it also is, which tells the place of every value. */
export function readCalibration(file: string): ReadCalibration {
  const { value } = loadYaml(file, calibrationSchema);
  return { calibration: value, file, hash: hashOf(value) };
}

/** A table as [probability, ms] pairs, strictly ascending in probability. */
export type Quantiles = readonly (readonly [number, number])[];

/**
 * A table between points: every quantile is interpolated linearly over `at`, which rises from point to point, and is that of the nearest
 * point beyond the outermost ones. Without `x`, all points weigh alike. Points without such a table are left out; null when none has it.
 */
export function tableAt(
  { points, probabilities }: Calibration,
  table: (point: CalibrationPoint) => MeasuredTimes | null,
  at: (point: CalibrationPoint) => number,
  x: number | null,
): Quantiles | null {
  const known = points.flatMap((each) => {
    const times = table(each);
    return times === null ? [] : [{ x: at(each), quantiles: times.quantiles }];
  });
  if (known.length === 0) return null;
  const weights = known.map((_, i) =>
    x === null
      ? 1 / known.length
      : weightAt(
          known.map((each) => each.x),
          i,
          x,
        ),
  );
  return probabilities.map((p, k) => [
    p,
    known.reduce((sum, { quantiles }, i) => sum + weights[i]! * quantiles[k]!, 0),
  ]);
}

/** Weight of point `i` of ascending `xs` in a linear interpolation at `x`. */
function weightAt(xs: readonly number[], i: number, x: number): number {
  const inside = Math.min(xs.at(-1)!, Math.max(xs[0]!, x));
  const [before, here, after] = [xs[i - 1], xs[i]!, xs[i + 1]];
  if (inside === here) return 1;
  if (inside < here) return before === undefined || inside <= before ? 0 : (inside - before) / (here - before);
  return after === undefined || inside >= after ? 0 : (after - inside) / (after - here);
}
