/** Quantiles over trailing evaluation windows, with the controller's own arithmetic: histograms are merged, then read. */
import { type Measurement, measure, measurePairs } from '../../controller/guards/measure.ts';
import { partsOf } from '../../controller/needs.ts';
import type { Bound, Guard, Metric } from '../../controller/policy.ts';
import { add, NO_TALLY, type Tally, tallyOf } from '../../controller/tally.ts';
import type { Arm, ArmWindow, WindowHeader } from '../../telemetry/window.ts';

export interface QuantileSeries {
  readonly metric: Metric & { readonly quantile: number };
  readonly segment: string;
  /** The arm that values are related to; null for absolute bounds. */
  readonly to: Exclude<Arm, 'candidate'> | null;
  /** Of mirrored pairs, as in shadow. */
  readonly pairs: boolean;
  /** Evaluation windows that are merged. */
  readonly width: number;
}

/** By evaluation window, over the `width` windows that end there (fewer at the beginning). NaN: unknown. */
export interface Quantiles {
  readonly value: Float64Array;
  readonly reference: Float64Array;
  readonly samples: Float64Array;
  readonly referenceSamples: Float64Array;
  /** What a change is divided by; NaN: by the reference itself. */
  readonly scale: Float64Array;
}

type Rows = readonly { readonly row: ArmWindow; readonly t: number }[];

export function quantilesOf(
  series: QuantileSeries,
  header: WindowHeader,
  evaluations: number,
  rowsOf: (arm: Arm) => Rows,
): Quantiles {
  const { pairs, to, width } = series;
  const guard = guardOf(series);
  const parts = partsOf(guard, pairs);
  const talliesOf = (arm: Arm): Tally[] => {
    const tallies = Array.from({ length: evaluations }, () => NO_TALLY);
    for (const { row, t } of rowsOf(arm)) tallies[t] = add(tallies[t]!, tallyOf(row, parts), parts);
    return trailing(tallies, width, parts);
  };
  const own = talliesOf('candidate');
  const other = to === null || pairs ? null : talliesOf(to);
  const found: Quantiles = {
    value: new Float64Array(evaluations),
    reference: new Float64Array(evaluations),
    samples: new Float64Array(evaluations),
    referenceSamples: new Float64Array(evaluations).fill(Infinity),
    scale: new Float64Array(evaluations).fill(Number.NaN),
  };
  for (let t = 0; t < evaluations; t++) {
    const mine = pairs ? measurePairs(guard, own[t]!, 'candidate', header) : measure(guard, own[t]!, header);
    found.value[t] = mine.value ?? Number.NaN;
    found.samples[t] = mine.samples;
    found.reference[t] = Number.NaN;
    if (to === null) continue;
    const reference: Measurement = pairs
      ? measurePairs(guard, own[t]!, 'baseline', header)
      : measure(guard, other![t]!, header);
    found.reference[t] = reference.value ?? Number.NaN;
    found.referenceSamples[t] = reference.samples;
    found.scale[t] = reference.scale ?? Number.NaN;
  }
  return found;
}

/**
 * The sums of the last `width` tallies at each place: what ends a stretch of `width` and what begins the next one, added up from their common edge
 * (van Herk 1992), so that each sum takes three additions, however long it is.
 */
function trailing(tallies: readonly Tally[], width: number, parts: ReturnType<typeof partsOf>): Tally[] {
  if (width === 1) return [...tallies];
  const begun = [...tallies];
  const ending = [...tallies];
  for (let t = 0; t < tallies.length; t++) if (t % width > 0) begun[t] = add(begun[t - 1]!, tallies[t]!, parts);
  for (let t = tallies.length - 2; t >= 0; t--)
    if (t % width < width - 1) ending[t] = add(tallies[t]!, ending[t + 1]!, parts);
  return tallies.map((_, t) => {
    const from = t + 1 - width;
    return from <= 0 || from % width === 0 ? begun[t]! : add(ending[from]!, begun[t]!, parts);
  });
}

/** What `measure` must know of a guard: its metric, and whether its bound is on counts. */
function guardOf({ metric, segment, to }: QuantileSeries): Guard {
  const bound: Bound | null = to === null ? null : { kind: 'relative', to, direction: 'either', by: 0 };
  return {
    name: '',
    description: null,
    metric,
    bound,
    sustained: { forMs: 0, reading: 'pooled' },
    test: null,
    delayMs: 0,
    action: 'watch',
    stages: null,
    segment,
    requiredToAdvance: false,
    minSamples: 1,
    minPositives: 0,
    carryOver: false,
  };
}
