/** The run's measures over time: means with 95 % intervals by arm, changes on the same requests, and measures of pairs. */
import { meanInterval, pairedMeanChange, Z95 } from '../statistics/means.ts';
import { addMeasures, addPairs, type MeasureSums, NO_PAIRS, type PairSums } from '../telemetry/measures.ts';
import type { Arm, Window } from '../telemetry/window.ts';
import { wholeRows } from './series.ts';

/** Means need more requests than a line has room for: few, wide points. */
const MOST_POINTS = 60;

/** A point of fewer values than this share of the fullest says nothing: the last few requests of a stage that has ended. */
const ENOUGH = 0.005;

export interface Band {
  readonly count: number;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** The name under which labels are added up beside the measures: a number of every prediction whose label is known, 0 or 1. */
export const OUTCOME_RATIO = 'outcome-ratio';

export interface MeasureTotals {
  /** By measure, OUTCOME_RATIO among them. */
  readonly arms: Readonly<Partial<Record<Arm, MeasureSums>>>;
  readonly pairs: PairSums;
  readonly own: MeasureSums;
}

export interface MeasurePoint extends MeasureTotals {
  readonly startMs: number;
  readonly endMs: number;
}

export function measureTotals(windows: readonly Window[]): MeasureTotals {
  const arms: Partial<Record<Arm, MeasureSums>> = {};
  let [pairs, own]: [PairSums, MeasureSums] = [{}, {}];
  for (const row of windows.flatMap(wholeRows)) {
    const { impressions: count, outcomes } = row;
    const labels = { [OUTCOME_RATIO]: { count, sum: outcomes, squares: outcomes } };
    arms[row.arm] = addMeasures(arms[row.arm] ?? {}, { ...row.measures, ...labels });
    pairs = addPairs(pairs, row.shadow?.measures ?? {});
    own = addMeasures(own, row.shadow?.pairMeasures ?? {});
  }
  return { arms, pairs, own };
}

/** Windows added up until at most MOST_POINTS points are left. */
export function measurePoints(windows: readonly Window[]): readonly MeasurePoint[] {
  const span = Math.max(1, Math.ceil(windows.length / MOST_POINTS));
  return Array.from({ length: Math.ceil(windows.length / span) }, (_, i) => {
    const part = windows.slice(i * span, (i + 1) * span);
    return { startMs: part[0]!.startMs, endMs: part.at(-1)!.endMs, ...measureTotals(part) };
  });
}

export function meanBand(sums: MeasureSums | undefined, name: string, step: number): Band | null {
  const found = meanInterval(sums?.[name], step);
  return found === null ? null : { count: found.count, value: found.mean, low: found.low, high: found.high };
}

/** candidate/baseline − 1 on the same requests, in percent. */
export function pairedBand(pairs: PairSums, name: string): Band | null {
  const change = pairedMeanChange(pairs[name] ?? NO_PAIRS);
  if (change === null) return null;
  const at = (z: number): number => 100 * Math.expm1(change.value + z * change.standardError);
  return { count: pairs[name]!.count, value: at(0), low: at(-Z95), high: at(Z95) };
}

/** The bands that stand on enough values; the others become gaps. */
export function withoutSparse(bands: readonly (Band | null)[]): readonly (Band | null)[] {
  const most = Math.max(0, ...bands.map((band) => band?.count ?? 0));
  return bands.map((band) => (band !== null && band.count >= ENOUGH * most ? band : null));
}
