/**
 * The statistical tests a guard may use in place of "sustained". What is bad stays in the guard's bound; a test says how much evidence
 * is asked for. α is the probability that a healthy candidate is ever called bad: with the sequential tests over all looks of a
 * stage, with the fixed-sample ones (mann-whitney, psi, ks) at each look.
 */

/** Divides counts, since requests of a queue are not independent: a factor ≥ 1, or measured from the windows. */
export type Inflation = number | 'measured';

interface Sequential {
  /** Breach: proven with this chance of a false alarm. */
  readonly alpha: number;
  /** Pass: the opposite is proven with this chance of being wrong. */
  readonly passAlpha: number;
  /** What a pass needs: proof, or only an estimate on the right side of the bound from enough samples. */
  readonly passBy: 'evidence' | 'estimate';
  readonly inflation: Inflation;
}

/** Events out of requests against a bound: error ratios, "p95 < 50 ms" as a share of slow answers. */
export interface EProcess extends Sequential {
  readonly method: 'e-process';
  /** Restart sum: for harm that begins long after the stage did. */
  readonly lateOnset: boolean;
}

/** Windows' shares of events against a bound, each window one observation: no clump inside a window matters. */
export interface Betting extends Sequential {
  readonly method: 'betting';
}

/** Events of the candidate among those of two arms: load and time of day cancel. */
export interface TwoArm extends Sequential {
  readonly method: 'two-arm';
}

/** Confidence sequence for the change of a ratio, with a margin. */
export interface RatioSequence extends Sequential {
  readonly method: 'ratio-sequence';
  /** When after a stage's start the sequence is to be sharpest, ms. */
  readonly sharpestMs: number;
  /** What is independent: users with all of their impressions. Absent: every impression by itself. */
  readonly clusterBy?: 'user';
}

/** Confidence sequence for the mean of a measure or its change, in the form of the ratio's. */
export interface MeanSequence extends Sequential {
  readonly method: 'mean-sequence';
  readonly sharpestMs: number;
}

/** The fixed-sample z-test, asked again at every look: what is wrong with it is what it is here for. */
export interface RepeatedZ {
  readonly method: 'repeated-z';
  readonly alpha: number;
}

/** Any difference between two distributions. */
export interface CdfBand extends Sequential {
  readonly method: 'cdf-band';
}

/** Confidence sequence for the change of a quantile. */
export interface QuantileSequence extends Sequential {
  readonly method: 'quantile-sequence';
}

/** An error budget, burnt faster than `factor` times over both windows. */
export interface BurnRate {
  readonly method: 'burn-rate';
  readonly factor: number;
  readonly longMs: number;
  readonly shortMs: number;
}

/** Ranks of window values over a trailing stretch, or of whole distributions. */
export interface MannWhitney {
  readonly method: 'mann-whitney';
  readonly alpha: number;
  readonly overMs: number;
  /** Fewer windows in any arm are inconclusive. */
  readonly minWindows: number;
}

/** Population stability index over a trailing stretch. */
export interface StabilityIndex {
  readonly method: 'psi';
  readonly alpha: number;
  readonly overMs: number;
  readonly bins: number;
}

/** Kolmogorov's and Smirnov's distance over a trailing stretch. */
export interface KolmogorovSmirnov {
  readonly method: 'ks';
  readonly alpha: number;
  readonly overMs: number;
}

export type Test =
  | EProcess
  | Betting
  | TwoArm
  | RatioSequence
  | MeanSequence
  | RepeatedZ
  | CdfBand
  | QuantileSequence
  | BurnRate
  | MannWhitney
  | StabilityIndex
  | KolmogorovSmirnov;

export type Method = Test['method'];

/** How far back a test looks, ms; 0 for those that sum up since the stage began. */
export function lookBackMs(test: Test): number {
  if ('overMs' in test) return test.overMs;
  return test.method === 'burn-rate' ? Math.max(test.longMs, test.shortMs) : 0;
}

/** Whether α holds over all looks of a stage together. */
export const isSequential = (
  test: Test,
): test is EProcess | Betting | TwoArm | RatioSequence | MeanSequence | CdfBand | QuantileSequence =>
  'passAlpha' in test;

/** Whether the test sums up everything since the stage began, and so needs a memory. */
export const sumsUp = (test: Test): boolean => isSequential(test) || test.method === 'repeated-z';

/** The test on a schedule that is `timeScale` times shorter. */
export function scaleTest(test: Test, timeScale: number): Test {
  if (test.method === 'burn-rate')
    return { ...test, longMs: test.longMs / timeScale, shortMs: test.shortMs / timeScale };
  if ('sharpestMs' in test) return { ...test, sharpestMs: test.sharpestMs / timeScale };
  return 'overMs' in test ? { ...test, overMs: test.overMs / timeScale } : test;
}
