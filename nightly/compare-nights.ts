/** Tonight against the nights before: verdict by verdict, figure by figure, each with its effect and interval. */
import { studentUpperQuantile } from '../statistics/student.ts';
import { FIGURES, type Figure } from './figures.ts';
import type { Host } from '../host.ts';
import type { End, Night, NightRun } from './night.ts';
import type { Suite } from './suite.ts';

/**
 * `same`: every value is what it was. `worse` and `better`: the whole interval is beyond the tolerance. `within`: the whole interval is inside
 * it. `unclear`: neither. `too few`: no interval can be had yet.
 */
export type Status = 'same' | 'within' | 'worse' | 'better' | 'unclear' | 'too few';

export interface FigureComparison extends Pick<Figure, 'title' | 'unit' | 'scale' | 'worse'> {
  readonly rehearsal: string;
  readonly figure: string;
  /** Where the scatter was taken from: the same seeds then and now, or one night and the next. */
  readonly scatter: 'seeds' | 'nights';
  /** Seeds or nights. */
  readonly n: number;
  readonly before: number;
  readonly tonight: number;
  /** Tonight/before − 1, or tonight − before for a difference; with the interval that decides. Nulls where there is no interval. */
  readonly effect: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly tolerance: number;
  readonly status: Status;
}

export interface VerdictComparison {
  readonly rehearsal: string;
  readonly seeds: number;
  readonly wrong: readonly number[];
  readonly undecided: readonly number[];
  /** Seeds that did not end as their scenario expects. */
  readonly unexpected: readonly number[];
  /** Seeds that ended better when they were last rehearsed: right, or at least undecided. */
  readonly newlyWorse: readonly number[];
  readonly newlyBetter: readonly number[];
  /** As good or bad as before, but another verdict or guard. */
  readonly changed: readonly number[];
  readonly invalid: readonly number[];
  /** Nights this rehearsal can be compared with: it was the same in all that was asked for. */
  readonly nights: number;
  /** It was rehearsed before, but otherwise: its scenario or policy has changed since. */
  readonly isOther: boolean;
}

export interface Comparison {
  /** Nights of the suite's history that were looked at. */
  readonly nights: number;
  /** Chance that every interval holds, at least. */
  readonly confidence: number;
  readonly verdicts: readonly VerdictComparison[];
  readonly figures: readonly FigureComparison[];
}

/** `history` is oldest first, and what came before an accepted night does not count. */
export function compareNights(
  tonight: Night,
  history: readonly Night[],
  { alpha, tolerances }: Pick<Suite, 'alpha' | 'tolerances'>,
): Comparison {
  const accepted = history.findLastIndex(({ isAccepted }) => isAccepted);
  const nights = tonight.isAccepted ? [] : history.slice(Math.max(0, accepted));
  const names = [...new Set(tonight.runs.map(({ rehearsal }) => rehearsal))];
  const verdicts = names.map((name) => verdictsOf(name, tonight, nights));
  const samples = names.flatMap((name) =>
    FIGURES.flatMap((figure) => {
      const sample = sampleOf(name, figure, tonight, nights);
      return sample === null
        ? []
        : [{ rehearsal: name, figure, sample, tolerance: tolerances[figure.name] ?? figure.tolerance }];
    }),
  );
  // Bonferroni over all that could be called a regression wrongly: all intervals hold at once.
  const tested = samples.filter(({ sample }) => !sample.isSame && sample.spread !== null).length;
  const half = alpha / (2 * Math.max(1, tested));
  return {
    nights: nights.length,
    confidence: 1 - alpha,
    verdicts,
    figures: samples.map(({ rehearsal, figure, sample, tolerance }) => ({
      rehearsal,
      figure: figure.name,
      title: figure.title,
      unit: figure.unit,
      scale: figure.scale,
      worse: figure.worse,
      ...compared(figure, sample, tolerance, half),
    })),
  };
}

/** The runs of a rehearsal that are the same in all that was asked for, by seed. */
function runsOf(name: string, night: Night, keys: ReadonlyMap<number, string>): Map<number, NightRun> {
  const own = night.runs.filter(
    ({ rehearsal, seed, key, isInvalid }) => rehearsal === name && !isInvalid && keys.get(seed) === key,
  );
  return new Map(own.map((run) => [run.seed, run]));
}

const keysOf = (name: string, { runs }: Night): Map<number, string> =>
  new Map(runs.filter(({ rehearsal }) => rehearsal === name).map(({ seed, key }) => [seed, key]));

function verdictsOf(name: string, tonight: Night, nights: readonly Night[]): VerdictComparison {
  const keys = keysOf(name, tonight);
  const own = tonight.runs.filter(({ rehearsal }) => rehearsal === name);
  const earlier = nights.map((night) => runsOf(name, night, keys)).filter((runs) => runs.size > 0);
  const last = (seed: number): NightRun | undefined => earlier.findLast((runs) => runs.has(seed))?.get(seed);
  const proven = own.filter(({ isInvalid }) => !isInvalid);
  const seedsWhere = (is: (run: NightRun) => boolean): number[] => proven.filter(is).map(({ seed }) => seed);
  /** How many steps down from what it was the last time. */
  const steps = ({ seed, end }: NightRun): number => RANK[end] - RANK[last(seed)?.end ?? end];
  return {
    rehearsal: name,
    seeds: own.length,
    wrong: seedsWhere(({ end }) => end === 'wrong'),
    undecided: seedsWhere(({ end }) => end === 'undecided'),
    unexpected: seedsWhere(({ isUnexpected }) => isUnexpected),
    newlyWorse: seedsWhere((run) => steps(run) > 0),
    newlyBetter: seedsWhere((run) => steps(run) < 0),
    changed: seedsWhere((run) => {
      const before = last(run.seed) ?? run;
      return steps(run) === 0 && (before.verdict !== run.verdict || before.guard !== run.guard);
    }),
    invalid: own.filter(({ isInvalid }) => isInvalid).map(({ seed }) => seed),
    nights: earlier.length,
    isOther: earlier.length === 0 && nights.some(({ runs }) => runs.some(({ rehearsal }) => rehearsal === name)),
  };
}

const RANK: Readonly<Record<End, number>> = { right: 0, undecided: 1, wrong: 2 };

/** Values before and tonight, and where their scatter can be seen. */
interface Sample {
  readonly scatter: 'seeds' | 'nights';
  readonly n: number;
  readonly before: number;
  readonly tonight: number;
  /** On the scale's own terms: logarithms of ratios, or differences. */
  readonly effect: number;
  /** Standard error of the effect and its degrees of freedom; null when it takes more seeds or nights to see any. */
  readonly spread: { readonly error: number; readonly degrees: number } | null;
  readonly isSame: boolean;
}

/** Nights it takes before one night's scatter around the others is worth a word. */
const FEWEST_NIGHTS = 3;

function sampleOf(name: string, figure: Figure, tonight: Night, nights: readonly Night[]): Sample | null {
  const keys = keysOf(name, tonight);
  const now = valuesOf(figure, runsOf(name, tonight, keys));
  const isMeasured = figure.isMeasured || tonight.runs.some((run) => run.rehearsal === name && run.isLive);
  const comparable = isMeasured ? nights.filter(({ host }) => isSameHost(host, tonight.host)) : nights;
  const before = comparable.map((night) => valuesOf(figure, runsOf(name, night, keys))).filter(({ size }) => size > 0);
  return before.length === 0 || now.size === 0
    ? null
    : isMeasured
      ? acrossNights(figure, now, before)
      : acrossSeeds(figure, now, before);
}

/** A figure's values by seed; of a ratio those above zero alone. */
function valuesOf({ name, scale }: Figure, runs: ReadonlyMap<number, NightRun>): Map<number, number> {
  const values = [...runs].map(([seed, { figures }]) => [seed, figures[name] ?? null] as const);
  return new Map(
    values.filter((each): each is [number, number] => each[1] !== null && (scale === 'difference' || each[1] > 0)),
  );
}

const isSameHost = (a: Host, b: Host): boolean =>
  a.platform === b.platform && a.arch === b.arch && a.cpu === b.cpu && a.cores === b.cores;

/**
 * Virtual time: what a seed gives is the same every night until code changes it, so every seed is compared with the median of its own past,
 * and the scatter is that of the seeds' changes: d̄ ± t·s/√n.
 */
function acrossSeeds(figure: Figure, now: Map<number, number>, before: readonly Map<number, number>[]): Sample | null {
  const pairs = [...now].flatMap(([seed, value]) => {
    const past = before.flatMap((values) => values.get(seed) ?? []);
    return past.length === 0 ? [] : [{ value, past: median(past) }];
  });
  if (pairs.length === 0) return null;
  const changes = pairs.map(({ value, past }) => scaled(figure, value) - scaled(figure, past));
  const n = pairs.length;
  const isSame = changes.every((change) => change === 0);
  return {
    scatter: 'seeds',
    n,
    before: median(pairs.map(({ past }) => past)),
    tonight: median(pairs.map(({ value }) => value)),
    effect: mean(changes),
    spread: n < 2 ? null : { error: deviation(changes) / Math.sqrt(n), degrees: n - 1 },
    isSame,
  };
}

/**
 * Wall time: all seeds of a night share the night's weather, so a night counts once, by its mean over seeds, and tonight is held against what
 * one more night would give: d ± t·s·√(1 + 1/m), m nights.
 */
function acrossNights(figure: Figure, now: Map<number, number>, before: readonly Map<number, number>[]): Sample | null {
  // A night that lacks seeds would be another mixture.
  const seeds = [...now.keys()];
  const whole = before.filter((values) => seeds.every((seed) => values.has(seed)));
  if (whole.length === 0) return null;
  const nightly = (values: ReadonlyMap<number, number>): number =>
    mean(seeds.map((seed) => scaled(figure, values.get(seed)!)));
  const past = whole.map(nightly);
  const m = past.length;
  const [own, reference] = [nightly(now), mean(past)];
  return {
    scatter: 'nights',
    n: m,
    before: unscaled(figure, reference),
    tonight: unscaled(figure, own),
    effect: own - reference,
    spread: m < FEWEST_NIGHTS ? null : { error: deviation(past) * Math.sqrt(1 + 1 / m), degrees: m - 1 },
    isSame: false,
  };
}

function compared(
  figure: Figure,
  sample: Sample,
  tolerance: number,
  half: number,
): Omit<FigureComparison, 'rehearsal' | 'figure' | 'title' | 'unit' | 'scale' | 'worse'> {
  const { scatter, n, before, tonight, effect, spread, isSame } = sample;
  const shown = (value: number): number => (figure.scale === 'ratio' ? Math.expm1(value) : value);
  const width = spread === null ? null : spread.error * studentUpperQuantile(half, spread.degrees);
  const low = isSame ? 0 : width === null ? null : shown(effect - width);
  const high = isSame ? 0 : width === null ? null : shown(effect + width);
  return {
    scatter,
    n,
    before,
    tonight,
    effect: isSame ? 0 : shown(effect),
    low,
    high,
    tolerance,
    status: isSame ? 'same' : low === null || high === null ? 'too few' : statusOf(figure, low, high, tolerance),
  };
}

function statusOf({ worse }: Figure, low: number, high: number, tolerance: number): Status {
  if (low > tolerance) return worse === 'more' ? 'worse' : 'better';
  if (high < -tolerance) return worse === 'less' ? 'worse' : 'better';
  return low >= -tolerance && high <= tolerance ? 'within' : 'unclear';
}

const scaled = ({ scale }: Figure, value: number): number => (scale === 'ratio' ? Math.log(value) : value);
const unscaled = ({ scale }: Figure, value: number): number => (scale === 'ratio' ? Math.exp(value) : value);
const mean = (values: readonly number[]): number => values.reduce((sum, each) => sum + each, 0) / values.length;

/** s, with n − 1. */
function deviation(values: readonly number[]): number {
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, each) => sum + (each - centre) ** 2, 0) / (values.length - 1));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
