/** The distribution a guard looks at, as counts on the histogram's own grid, with the values at the edges of its bins. */
import { bucketValue } from '../../telemetry/histogram.ts';
import type { Arm } from '../../telemetry/window.ts';
import { bucketHighMs } from '../decode-times.ts';
import type { Guard } from '../policy.ts';
import { positionOfRank, type Sparse, totalOf } from '../sparse.ts';
import type { Tally } from '../tally.ts';
import type { Evidence } from './evidence.ts';
import { comparesPairs } from './measure.ts';

export interface Shape {
  readonly counts: Sparse;
  /** All values: requests without an answer have a latency that is longer than any. */
  readonly n: number;
  /** Lowest and highest value of a bin. */
  readonly low: (at: number) => number;
  readonly high: (at: number) => number;
}

/** Both arms' shapes, the guarded one first. Throws RangeError for a metric that has none. */
export function shapesOf(
  guard: Guard,
  { stage, header }: Evidence,
  tallies: (arm: Arm) => Tally,
  reference: Arm,
): readonly [own: Shape, reference: Shape] {
  const { metric } = guard;
  const kind = metric.kind === 'distribution' ? metric.of : metric.kind;
  if (kind === 'score') {
    const { low, high, bins } = header.scoreGrid;
    const width = (high - low) / bins;
    const scores = (counts: Sparse): Shape => ({
      counts,
      n: totalOf(counts),
      low: (at) => low + width * at,
      high: (at) => low + width * (at + 1),
    });
    const candidate = tallies('candidate');
    return comparesPairs(guard, stage)
      ? [scores(candidate.pairedCandidate), scores(candidate.pairedBaseline)]
      : [scores(candidate.scores), scores(tallies(reference).scores)];
  }
  if (kind === 'latency') return [latencies(tallies('candidate')), latencies(tallies(reference))];
  if (kind === 'feature-fetch') return [fetches(tallies('candidate')), fetches(tallies(reference))];
  throw new RangeError(`got ${metric.kind}, expected a metric with a distribution`);
}

const times = (counts: Sparse, n: number): Shape => ({
  counts,
  n,
  low: (at) => bucketValue(at) / 1000,
  high: bucketHighMs,
});
const latencies = ({ latency, requests }: Tally): Shape => times(latency.buckets, requests);
const fetches = ({ featureFetch }: Tally): Shape => times(featureFetch.buckets, totalOf(featureFetch.buckets));

/** The bin of nearest rank `rank` (1-based): its edges, −∞ and ∞ where the rank leaves 1 … n or falls among what has no value. */
export function atRank({ counts, n, low, high }: Shape, rank: number): readonly [low: number, high: number] {
  if (rank < 1) return [-Infinity, -Infinity];
  const found = rank > n ? null : positionOfRank(counts, rank);
  return found === null ? [Infinity, Infinity] : [low(found.at), high(found.at)];
}

/** The largest differences of the distribution functions: where the reference is above (the candidate's values are larger), and below. */
export function distances(own: Shape, reference: Shape): { readonly above: number; readonly below: number } {
  let above = 0;
  let below = 0;
  let f = 0;
  let g = 0;
  let j = 0;
  const { at, counts } = reference.counts;
  const difference = (): void => {
    const d = g / reference.n - f / own.n;
    above = Math.max(above, d);
    below = Math.max(below, -d);
  };
  for (const [i, position] of own.counts.at.entries()) {
    while (j < at.length && at[j]! < position) {
      g += counts[j++]!;
      difference();
    }
    if (at[j] === position) g += counts[j++]!;
    f += own.counts.counts[i]!;
    difference();
  }
  while (j < at.length) {
    g += counts[j++]!;
    difference();
  }
  return { above, below };
}
