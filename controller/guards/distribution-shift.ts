/**
 * PSI and Kolmogorov-Smirnov on predictions over a trailing stretch (the formulas are in divergence.ts). PSI: bins
 * at the reference's quantiles; breach when it exceeds both the bound and what chance gives at this sample size. KS: breach when
 * the distance exceeds the bound and its p-value is below α. Both for one look: at every look use cdf-band.
 */
import type { KolmogorovSmirnov, StabilityIndex } from '../guard-tests.ts';
import { positionOfRank } from '../sparse.ts';
import { share } from '../words.ts';
import { distanceP, stabilityIndex, stabilityQuantile } from './divergence.ts';
import { sumsOver, trailing } from './evidence.ts';
import { distances, type Shape, shapesOf } from './shape.ts';
import { type Case, type Tested, unknown } from './test-case.ts';

export function psi(c: Case<StabilityIndex>): Tested {
  const shapes = trailingShapes(c);
  if (shapes === null) return unknown('no samples in one of the arms');
  const [own, reference] = shapes;
  const edges = edgesOf(reference, c.test.bins);
  if (edges.length === 0) return unknown('all predictions of the reference fall into one bin');
  const value = stabilityIndex(binned(own, edges), binned(reference, edges));
  const chance = stabilityQuantile(c.test.alpha, edges.length + 1, own.n, reference.n);
  const bound = c.guard.bound?.kind === 'relative' ? c.guard.bound.by : 0;
  const limit = Math.max(bound, chance);
  return {
    verdict: value > limit ? 'breach' : 'pass',
    words: `PSI ${figure(value)} ${value > limit ? '>' : '≤'} ${figure(limit)} (chance alone stays below ${figure(chance)} with probability ${share(1 - c.test.alpha)})`,
    value: { own: value, reference: null },
  };
}

export function ks(c: Case<KolmogorovSmirnov>): Tested {
  const shapes = trailingShapes(c);
  if (shapes === null) return unknown('no samples in one of the arms');
  const [own, reference] = shapes;
  const { above, below } = distances(own, reference);
  const direction = c.guard.bound?.kind === 'relative' ? c.guard.bound.direction : 'either';
  const value = { rise: above, drop: below, either: Math.max(above, below) }[direction];
  const bound = c.guard.bound?.kind === 'relative' ? c.guard.bound.by : 0;
  const p = distanceP(value, own.n, reference.n);
  const over = value > bound && p < c.test.alpha;
  return {
    verdict: over ? 'breach' : 'pass',
    words: `KS distance ${figure(value)}, p = ${Number(p.toPrecision(2))} ${p < c.test.alpha ? '<' : '≥'} α ${share(c.test.alpha)}, bound ${share(bound)}`,
    value: { own: value, reference: null },
  };
}

const figure = (value: number): string => String(Number(value.toPrecision(3)));

function trailingShapes({
  guard,
  test,
  evidence,
}: Case<StabilityIndex | KolmogorovSmirnov>): readonly [Shape, Shape] | null {
  const { bound } = guard;
  if (bound?.kind !== 'relative') return null;
  const sums = sumsOver(guard, evidence, trailing(guard, evidence, test.overMs));
  const shapes = shapesOf(guard, evidence, sums, bound.to);
  return shapes.some(({ n }) => n === 0) ? null : shapes;
}

/** Positions that end a bin: the reference's quantiles, as far as its grid tells them apart. */
function edgesOf({ counts, n }: Shape, bins: number): number[] {
  const last = counts.at.at(-1);
  const found = Array.from({ length: bins - 1 }, (_, b) => positionOfRank(counts, (n * (b + 1)) / bins)?.at);
  return [...new Set(found)].filter((at) => at !== undefined && at !== last) as number[];
}

function binned({ counts }: Shape, edges: readonly number[]): number[] {
  const bins = Array.from({ length: edges.length + 1 }, () => 0);
  let bin = 0;
  for (const [i, at] of counts.at.entries()) {
    while (bin < edges.length && at > edges[bin]!) bin++;
    bins[bin]! += counts.counts[i]!;
  }
  return bins;
}
