/** What a benchmark is: it measures and reports figures; it never judges time. */

/** `small` sizes show that a benchmark still runs; its figures mean nothing. */
export interface BenchOptions {
  readonly small: boolean;
}

/** One measured quantity. */
export interface Figure {
  readonly what: string;
  readonly unit: string;
  /** One per round. */
  readonly values: readonly number[];
  /** What it is compared with, measured in the same rounds: `times` > 1 means that ours is better. */
  readonly ratio?: { readonly times: number; readonly to: string };
  /** What we want it to be; nothing fails when it is not. */
  readonly target?: Target;
}

/** Bound on the median, or on the ratio. */
export interface Target {
  readonly on?: 'median' | 'ratio';
  readonly atLeast?: number;
  readonly below?: number;
}

export interface Report {
  readonly figures: readonly Figure[];
  /** Sentences a reader of the figures must know: sizes, what was skipped, what both programs found. */
  readonly notes: readonly string[];
}

export interface Bench {
  readonly name: string;
  /** One sentence. */
  readonly about: string;
  run(options: BenchOptions): Promise<Report>;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** Standard error of the mean of independent replications. */
export function standardErrorOf(values: readonly number[]): number {
  const mean = meanOf(values);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1) / values.length);
}

/** Does the figure reach its target? Null when it has none. */
export function reached({ values, ratio, target }: Figure): boolean | null {
  if (target === undefined) return null;
  const value = target.on === 'ratio' ? (ratio?.times ?? Number.NaN) : median(values);
  return value >= (target.atLeast ?? Number.NEGATIVE_INFINITY) && value < (target.below ?? Number.POSITIVE_INFINITY);
}
