/**
 * Named numbers that single requests have beside their latency: precision@10 of a list, ms until a user succeeded. Values are rounded
 * to whole steps, so that counts, sums and sums of squares are whole numbers: they add up exactly, in any order.
 */

/** A measure as the run's header declares it. */
export interface MeasureInfo {
  /** Ends in its unit, when it has one: `time-to-success-ms`. */
  readonly name: string;
  /** What it is, for axis titles. */
  readonly description: string;
  /** Values are whole multiples of it. */
  readonly step: number;
}

/** Count, Σ x and Σ x² of values in steps. */
export interface Moments {
  readonly count: number;
  readonly sum: number;
  readonly squares: number;
}

/** The values b and c of both copies of mirrored requests, in steps: what a comparison on the same requests needs. */
export interface PairMoments {
  readonly count: number;
  readonly baselineSum: number;
  readonly candidateSum: number;
  readonly baselineSquares: number;
  readonly candidateSquares: number;
  /** Σ b·c; the squares of the differences are Σ c² − 2 Σ b·c + Σ b². */
  readonly products: number;
}

/** By name of the measure. */
export type MeasureSums = Readonly<Record<string, Moments>>;
export type PairSums = Readonly<Record<string, PairMoments>>;

export const NO_MOMENTS: Moments = { count: 0, sum: 0, squares: 0 };
export const NO_PAIRS: PairMoments = {
  count: 0,
  baselineSum: 0,
  candidateSum: 0,
  baselineSquares: 0,
  candidateSquares: 0,
  products: 0,
};

/** Field by field; names that only one side has are kept. */
function addAll<T extends object>(a: Readonly<Record<string, T>>, b: Readonly<Record<string, T>>, none: T) {
  const names = Object.keys(b);
  if (names.length === 0) return a;
  const sum: Record<string, T> = { ...a };
  for (const name of names) {
    const [x, y] = [(a[name] ?? none) as Record<string, number>, b[name] as Record<string, number>];
    sum[name] = Object.fromEntries(Object.keys(none).map((field) => [field, x[field]! + y[field]!])) as T;
  }
  return sum;
}

export const addMeasures = (a: MeasureSums, b: MeasureSums): MeasureSums => addAll(a, b, NO_MOMENTS);
export const addPairs = (a: PairSums, b: PairSums): PairSums => addAll(a, b, NO_PAIRS);

const FIELDS = 3;
const PAIR_FIELDS = 6;

/** Adds up an arm's values between two window ends: those known with the answer, and those that mature with its label. */
export class MeasureRecorder {
  private readonly names: readonly string[];
  private readonly windowMs: number;
  private readonly delayMs: number;
  private readonly width: number;
  private readonly now: Float64Array;
  /** A ring over windows, as long as a label takes at most. */
  private readonly later: Float64Array;
  private readonly slots: number;

  constructor(infos: readonly MeasureInfo[], windowMs: number, delayMs: number) {
    this.names = infos.map(({ name }) => name);
    this.windowMs = windowMs;
    this.delayMs = delayMs;
    this.width = FIELDS * infos.length;
    this.now = new Float64Array(this.width);
    this.slots = Math.ceil(delayMs / windowMs) + 2;
    this.later = new Float64Array(this.slots * this.width);
  }

  /** Measure number `k` of an answer. */
  record(k: number, steps: number): void {
    put(this.now, FIELDS * k, steps);
  }

  /** Measure number `k` of a prediction answered at `doneMs`, counted when its label matures. */
  recordLater(doneMs: number, k: number, steps: number): void {
    const slot = Math.floor((doneMs + this.delayMs) / this.windowMs) % this.slots;
    put(this.later, slot * this.width + FIELDS * k, steps);
  }

  close(index: number): MeasureSums {
    const { now, later, width } = this;
    const from = (index % this.slots) * width;
    const sums = this.names.map((name, k): [string, Moments] => {
      const at = FIELDS * k;
      const of = (field: number): number => now[at + field]! + later[from + at + field]!;
      return [name, { count: of(0), sum: of(1), squares: of(2) }];
    });
    now.fill(0);
    later.fill(0, from, from + width);
    return Object.fromEntries(sums);
  }
}

/** Count, sum and squares from place `at` on. */
function put(into: Float64Array, at: number, steps: number): void {
  into[at]!++;
  into[at + 1]! += steps;
  into[at + 2]! += steps * steps;
}

/** Adds up what mirrored pairs have: both copies' values of the arms' measures, and measures of the two answers together. */
export class PairMeasureRecorder {
  private readonly names: readonly string[];
  private readonly ownNames: readonly string[];
  private readonly both: Float64Array;
  private readonly own: Float64Array;

  constructor(infos: readonly MeasureInfo[], pairInfos: readonly MeasureInfo[]) {
    this.names = infos.map(({ name }) => name);
    this.ownNames = pairInfos.map(({ name }) => name);
    this.both = new Float64Array(PAIR_FIELDS * infos.length);
    this.own = new Float64Array(FIELDS * pairInfos.length);
  }

  /** Measure number `k` of both copies. */
  record(k: number, baseline: number, candidate: number): void {
    const { both } = this;
    const at = PAIR_FIELDS * k;
    both[at]!++;
    both[at + 1]! += baseline;
    both[at + 2]! += candidate;
    both[at + 3]! += baseline * baseline;
    both[at + 4]! += candidate * candidate;
    both[at + 5]! += baseline * candidate;
  }

  /** Pair measure number `k`. */
  recordOwn(k: number, steps: number): void {
    put(this.own, FIELDS * k, steps);
  }

  close(): { readonly measures: PairSums; readonly pairMeasures: MeasureSums } {
    const { both, own } = this;
    const measures = this.names.map((name, k): [string, PairMoments] => {
      const [count, baselineSum, candidateSum, baselineSquares, candidateSquares, products] = both.subarray(
        PAIR_FIELDS * k,
      ) as unknown as [number, number, number, number, number, number];
      return [name, { count, baselineSum, candidateSum, baselineSquares, candidateSquares, products }];
    });
    const pairMeasures = this.ownNames.map((name, k): [string, Moments] => {
      const [count, sum, squares] = own.subarray(FIELDS * k) as unknown as [number, number, number];
      return [name, { count, sum, squares }];
    });
    both.fill(0);
    own.fill(0);
    return { measures: Object.fromEntries(measures), pairMeasures: Object.fromEntries(pairMeasures) };
  }
}
