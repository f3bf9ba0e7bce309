/** Telemetry windows (10 s) become evaluation windows (60 s). */
import { ALL_SEGMENTS, type ArmWindow, type Window } from '../telemetry/window.ts';
import { cellOf, type Needs, needsOf, segmentsOf } from './needs.ts';
import { lookBackOf, type Policy, type Stage } from './policy.ts';
import type { Bucket } from './state.ts';
import { add, NO_TALLY, type Tally, tallyOf } from './tally.ts';

/** Times are sums of fractions of ms in compressed rehearsals: this much is rounding, relative to an evaluation window. */
const ROUNDING = 1e-6;

/** The evaluation window a telemetry window belongs to: the one its end falls into, ends included. */
export const bucketIndex = (endMs: number, evaluateEveryMs: number): number =>
  Math.ceil(endMs / evaluateEveryMs - ROUNDING) - 1;

/**
 * `buckets` with `windows` added, oldest first. One window at a time: the batches they came in leave no trace. In a stage about some
 * segments, "all" is the sum of theirs: others have no candidate to compare.
 */
export function fold(
  policy: Policy,
  buckets: readonly Bucket[],
  windows: readonly Window[],
  { segments: open }: Pick<Stage, 'segments'>,
): readonly Bucket[] {
  if (windows.length === 0) return buckets;
  const needs = needsOf(policy);
  const segments = segmentsOf(policy);
  const byIndex = new Map(buckets.map((bucket) => [bucket.index, bucket]));
  for (const window of windows) {
    const index = bucketIndex(window.endMs, policy.evaluateEveryMs);
    byIndex.set(index, { index, cells: foldOne(byIndex.get(index)?.cells ?? {}, window, { segments, open, needs }) });
  }
  return [...byIndex.values()].toSorted((a, b) => a.index - b.index);
}

function foldOne(
  cells: Readonly<Record<string, Tally>>,
  window: Window,
  { segments, open, needs }: { segments: ReadonlySet<string>; open: Stage['segments']; needs: Needs },
): Readonly<Record<string, Tally>> {
  const folded = { ...cells };
  const count = (row: ArmWindow, segment: string): void => {
    const cell = cellOf(row.arm, segment);
    folded[cell] = add(folded[cell] ?? NO_TALLY, tallyOf(row, needs.get(cell) ?? new Set()));
  };
  for (const row of window.rows) {
    if (open?.includes(row.segment) === true) count(row, ALL_SEGMENTS);
    if (segments.has(row.segment) && (open === undefined || row.segment !== ALL_SEGMENTS)) count(row, row.segment);
  }
  return folded;
}

/** The buckets some guard may still read at evaluation window `index` or later. */
export function prune(policy: Policy, buckets: readonly Bucket[], index: number): readonly Bucket[] {
  const longestMs = Math.max(0, ...policy.guards.map(lookBackOf));
  const oldest = index + 1 - Math.ceil(longestMs / policy.evaluateEveryMs);
  return buckets.filter((bucket) => bucket.index >= oldest);
}
