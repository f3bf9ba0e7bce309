/**
 * Quantiles that guards may ask for, worked out when the page is made: a histogram of predictions per evaluation window would fill the
 * page with a few recordings, its quantiles do not.
 */
import { counterOf } from '../controller/guards/latency.ts';
import { comparesPairs } from '../controller/guards/measure.ts';
import type { Guard, Policy } from '../controller/policy.ts';
import { RecordedGrid } from '../tuning/fast/grid.ts';
import type { Quantiles, QuantileSeries } from '../tuning/fast/quantiles.ts';
import type { Judged } from '../tuning/judge.ts';
import type { ByteReader, ByteWriter } from './bytes.ts';
import { decides } from './guards.ts';

export type PackedQuantiles = ReadonlyMap<string, Quantiles>;

export const keyOf = (series: QuantileSeries): string => JSON.stringify(series);

/** Whether the guard is decided by a quantile of a histogram. */
export const readsQuantile = (guard: Guard): guard is Guard & { metric: QuantileSeries['metric'] } =>
  'quantile' in guard.metric && counterOf(guard) === null;

/** Every series that the policy's deciding guards can ask for, given how long each may look back; `policy` is at the recording's scale. */
export function seriesFor(policy: Policy, lengthsMs: (guard: Guard) => readonly number[]): readonly QuantileSeries[] {
  const found = new Map<string, QuantileSeries>();
  for (const guard of policy.guards.filter(decides).filter(readsQuantile)) {
    const { metric, segment, bound } = guard;
    const to = bound?.kind === 'relative' ? bound.to : null;
    const widths = new Set([1, ...lengthsMs(guard).map((ms) => Math.max(1, Math.round(ms / policy.evaluateEveryMs)))]);
    const stages = policy.stages.filter(({ name }) => guard.stages === null || guard.stages.includes(name));
    for (const pairs of new Set(stages.map((stage) => comparesPairs(guard, stage))))
      for (const width of widths) {
        const series = { metric, segment, to, pairs, width };
        found.set(keyOf(series), series);
      }
  }
  return [...found.values()];
}

export function writeQuantiles(
  out: ByteWriter,
  { value, reference, samples, referenceSamples, scale }: Quantiles,
): void {
  for (let t = 0; t < value.length; t++) {
    const isKnown = samples[t]! > 0;
    out.whole(isKnown ? samples[t]! : 0);
    if (!isKnown) continue;
    // Infinity, of series without a reference, as 0: nobody has 0 samples of what is compared.
    out.whole(Number.isFinite(referenceSamples[t]!) ? referenceSamples[t]! + 1 : 0);
    out.double(value[t]!);
    out.double(reference[t]!);
    out.double(scale[t]!);
  }
}

export function readQuantiles(from: ByteReader, evaluations: number): Quantiles {
  const found: Quantiles = {
    value: new Float64Array(evaluations).fill(Number.NaN),
    reference: new Float64Array(evaluations).fill(Number.NaN),
    samples: new Float64Array(evaluations),
    referenceSamples: new Float64Array(evaluations),
    scale: new Float64Array(evaluations).fill(Number.NaN),
  };
  for (let t = 0; t < evaluations; t++) {
    const samples = from.whole();
    if (samples === 0) continue;
    const others = from.whole();
    found.samples[t] = samples;
    found.referenceSamples[t] = others === 0 ? Infinity : others - 1;
    found.value[t] = from.double();
    found.reference[t] = from.double();
    found.scale[t] = from.double();
  }
  return found;
}

/** A grid that knows its quantiles beforehand; others come from the recording's histograms, as ever. */
export class PackedGrid extends RecordedGrid {
  private readonly known: PackedQuantiles;

  constructor(recording: Judged, everyMs: number, known: PackedQuantiles) {
    super(recording, everyMs);
    this.known = known;
  }

  override quantiles(series: QuantileSeries): Quantiles {
    return this.known.get(keyOf(series)) ?? super.quantiles(series);
  }
}
