/** How good both models' lists are, on the same requests and before any user saw the candidate's, against what the policy's guards allow. */
import type { Bound, Guard } from '../controller/policy.ts';
import { type LogChange, logMeanChange, pairedMeanChange, sideOf, type Sums, Z95 } from '../statistics/means.ts';
import { NO_MOMENTS, NO_PAIRS } from '../telemetry/measures.ts';
import type { WindowHeader } from '../telemetry/window.ts';
import { type Band, meanBand, measureTotals } from './measure-series.ts';
import type { RunData } from './run-data.ts';
import { beforeUsers } from './series.ts';

/** A run measures lists when its header says so: precision@10, beside whatever else it measures. */
export const measuresLists = ({ measures = [] }: WindowHeader): boolean =>
  measures.some(({ name }) => name.startsWith('precision@'));

/** What a guard allows a measure to change by: `guard` breaks beyond it. */
export interface Margin {
  readonly guard: Guard;
  readonly bound: Extract<Bound, { kind: 'relative' }>;
}

/** `beyond`: the whole interval is beyond the margin; `within`: none of it is; `open`: the margin is inside; null without a margin. */
export type Standing = 'within' | 'beyond' | 'open' | null;

export interface ListMeasure {
  readonly name: string;
  readonly description: string;
  readonly baseline: Band | null;
  readonly candidate: Band | null;
  /** candidate/baseline − 1 with its 95 % interval, as fractions. */
  readonly change: { readonly value: number; readonly low: number; readonly high: number } | null;
  readonly margin: Margin | null;
  readonly standing: Standing;
}

export interface PairMeasure {
  readonly name: string;
  readonly description: string;
  readonly band: Band;
}

export interface ListQuality {
  /** Whether the figures are of mirrored requests, before users saw the candidate's lists; else of what users of both arms were shown. */
  readonly inShadow: boolean;
  /** Requests that both models answered, or that the candidate did. */
  readonly requests: number;
  readonly measures: readonly ListMeasure[];
  readonly pairs: readonly PairMeasure[];
}

/** Null for a run that measures no lists. */
export function listQuality({ header, windows, policy }: RunData): ListQuality | null {
  if (!measuresLists(header)) return null;
  const shadow = measureTotals(beforeUsers(windows));
  const inShadow = Object.values(shadow.pairs).some(({ count }) => count > 0);
  const { arms, pairs, own } = inShadow ? shadow : measureTotals(windows);
  const measures = (header.measures ?? []).map(({ name, description, step }): ListMeasure => {
    const both = pairs[name] ?? NO_PAIRS;
    const sums = (arm: 'baseline' | 'candidate'): Sums =>
      inShadow ? sideOf(both, arm) : (arms[arm]?.[name] ?? NO_MOMENTS);
    const found = inShadow ? pairedMeanChange(both) : logMeanChange(sums('candidate'), sums('baseline'));
    const change = found === null ? null : intervalOf(found);
    const margin = marginOf(policy.guards, name);
    return {
      name,
      description,
      baseline: meanBand({ [name]: sums('baseline') }, name, step),
      candidate: meanBand({ [name]: sums('candidate') }, name, step),
      change,
      margin,
      standing: standingOf(change, margin),
    };
  });
  return {
    inShadow,
    requests: Math.max(0, ...measures.map(({ candidate }) => candidate?.count ?? 0)),
    measures,
    pairs: (header.pairMeasures ?? []).flatMap(({ name, description, step }) => {
      const band = meanBand(own, name, step);
      return band === null ? [] : [{ name, description, band }];
    }),
  };
}

function intervalOf({ value, standardError }: LogChange): NonNullable<ListMeasure['change']> {
  const at = (z: number): number => Math.expm1(value + z * standardError);
  return { value: at(0), low: at(-Z95), high: at(Z95) };
}

/** The tightest of the guards that compare this measure with another arm. */
export function marginOf(guards: readonly Guard[], name: string): Margin | null {
  const margins = guards.flatMap((guard): Margin[] => {
    const { metric, bound } = guard;
    return metric.kind === 'measure' && metric.name === name && bound?.kind === 'relative' ? [{ guard, bound }] : [];
  });
  return margins.toSorted((a, b) => a.bound.by - b.bound.by)[0] ?? null;
}

/** Where the margin is, as changes: a drop has one below 0, a rise one above, either both. */
export function edgesOf({ bound: { direction, by } }: Margin): readonly number[] {
  return { drop: [-by], rise: [by], either: [-by, by] }[direction];
}

function standingOf(change: ListMeasure['change'], margin: Margin | null): Standing {
  if (change === null || margin === null) return null;
  const { direction, by } = margin.bound;
  const [floor, ceiling] = [direction === 'rise' ? -Infinity : -by, direction === 'drop' ? Infinity : by];
  if (change.high < floor || change.low > ceiling) return 'beyond';
  return change.low >= floor && change.high <= ceiling ? 'within' : 'open';
}
