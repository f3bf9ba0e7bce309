/** The gate (docs: validation §3): accuracy and power of a comparison with an exact value, and what happens to a red row. */
import type { Scenario } from '../../scenarios/scenario.ts';
import { type Estimate, seedOf, T_39 } from './stats.ts';

/** One comparison of a measured value with an exact one. */
export interface Comparison {
  readonly row: string;
  readonly title: string;
  readonly metric: string;
  readonly exact: number;
  readonly measured: number;
  readonly halfWidth: number;
  readonly z: number;
  readonly lag1: number | null;
  readonly requests: number;
  readonly seconds: number;
  /** What is wrong; empty = green. */
  readonly issues: readonly string[];
}

/** Half-widths are predicted for this many requests. */
export const PREDICTED_AT = 2e7;
export const BATCHES = 40;
/** Half-width allowed where the specification predicts none, relative to the value, at 2e7 requests. */
const DEFAULT_H = 0.02;

export interface Judged {
  readonly name: string;
  readonly exact: number;
  /** Predicted half-width at 2e7 requests, relative to the value; null where none is given. */
  readonly h: number | null;
  /** Slack beyond the interval, relative to the value (finite-size effects). */
  readonly tolerance?: number;
}

export function judge(
  row: { readonly id: string; readonly title: string },
  metric: Judged,
  { mean, standardError, lag1 }: Estimate,
  requests: number,
  seconds: number,
): Comparison {
  const { exact, h, tolerance = 0 } = metric;
  const halfWidth = T_39 * standardError;
  const allowed = 1.8 * (h ?? DEFAULT_H) * Math.sqrt(PREDICTED_AT / requests) * Math.abs(exact);
  const issues: string[] = [];
  const what = `${row.id} ${metric.name}`;
  if (!(Math.abs(mean - exact) <= halfWidth + tolerance * Math.abs(exact)))
    issues.push(`${what}: measured ${mean} ± ${halfWidth}, exact ${exact}`);
  if (!(halfWidth <= allowed)) issues.push(`${what}: half-width ${halfWidth}, allowed ${allowed}`);
  if (!(Math.abs(lag1) < 0.4)) issues.push(`${what}: batches too short, lag-1 correlation ${lag1.toFixed(2)}`);
  return {
    row: row.id,
    title: row.title,
    metric: metric.name,
    exact,
    measured: mean,
    halfWidth,
    z: (mean - exact) / standardError,
    lag1,
    requests,
    seconds,
    issues,
  };
}

/** A row: a system whose behaviour is known. The first of its comparisons speaks for it in the joint test. */
export interface Row {
  readonly id: string;
  readonly title: string;
  readonly kind: 'core' | 'kernel';
  /** What is run, for rows about the steady state. */
  readonly scenario?: (seed: number) => Scenario;
  /** Measures with about `requests` requests. */
  run(requests: number, seed: number): Promise<readonly Comparison[]>;
}

export interface RowResult {
  readonly id: string;
  readonly kind: Row['kind'];
  readonly comparisons: readonly Comparison[];
  /** Issues of each further run (two or three, at 4 N), when the first was red. */
  readonly again: readonly (readonly string[])[];
  readonly seed: number;
  readonly red: boolean;
}

const issuesOf = (comparisons: readonly Comparison[]): string[] => comparisons.flatMap(({ issues }) => issues);

/** A red row is run again with three further fixed seeds at four times the size; it stays red when two of the three are red. */
export async function runRow(row: Row, requests: number): Promise<RowResult> {
  const seed = seedOf(row.id);
  const comparisons = await row.run(requests, seed);
  const again: string[][] = [];
  const reds = (): number => again.filter((issues) => issues.length > 0).length;
  // Two of a kind settle it.
  for (let k = 1; issuesOf(comparisons).length > 0 && reds() < 2 && again.length - reds() < 2; k++)
    again.push(issuesOf(await row.run(4 * requests, seedOf(`${row.id}/again-${k}`))));
  const red = reds() >= 2;
  return { id: row.id, kind: row.kind, comparisons, again, seed, red };
}

export type Tier = 'quick' | 'full';
export const tier: Tier = process.env.COALMINE_TIER === 'full' ? 'full' : 'quick';
export const REQUESTS: Readonly<Record<Tier, number>> = { quick: 2e6, full: 2e7 };
