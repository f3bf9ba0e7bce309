/** A figure before and tonight, and where its scatter can be seen: among the seeds in virtual time, among the nights by the clock on the wall. */
import { isSameHost } from '../host.ts';
import { deviation, mean, median } from '../statistics/sample.ts';
import type { Figure } from './figures.ts';
import type { Night, NightRun } from './night.ts';

export interface Sample {
  readonly scatter: 'seeds' | 'nights';
  /** Seeds or nights. */
  readonly n: number;
  /** Means over the seeds, and nights; of ratios geometric ones, so that effect = log(tonight/before). */
  readonly before: number;
  readonly tonight: number;
  /** On the scale's own terms: logarithms of ratios, or differences. */
  readonly effect: number;
  /** Standard error of the effect and its degrees of freedom; null when it takes more seeds or nights to see any. */
  readonly spread: { readonly error: number; readonly degrees: number } | null;
  readonly isSame: boolean;
  /** Means of the nights before, over seeds that tonight has; null for a night that had none, or cannot be compared. */
  readonly past: readonly (number | null)[];
}

/** By seed. */
export type Runs = ReadonlyMap<number, NightRun>;
type Values = ReadonlyMap<number, number>;

/** Nights it takes before one night's scatter around the others is worth a word. */
const FEWEST_NIGHTS = 3;

/** Null where nothing can be compared. `before`: the same rehearsal on earlier nights, oldest first. */
export function sampleOf(
  figure: Figure,
  tonight: { readonly night: Night; readonly runs: Runs },
  before: readonly { readonly night: Night; readonly runs: Runs }[],
): Sample | null {
  const now = valuesOf(figure, tonight.runs);
  const isMeasured = figure.isMeasured || [...tonight.runs.values()].some(({ isLive }) => isLive);
  const isComparable = ({ host }: Night): boolean => !isMeasured || isSameHost(host, tonight.night.host);
  const past = before.map(({ night, runs }) => (isComparable(night) ? valuesOf(figure, runs, now) : new Map()));
  return isMeasured ? acrossNights(figure, now, past) : acrossSeeds(figure, now, past);
}

/** Values by seed, of seeds that are `among` others. */
const valuesOf = ({ name }: Figure, runs: Runs, among?: Values): Values =>
  new Map(
    [...runs].flatMap(([seed, { figures }]) =>
      figures[name] == null || among?.has(seed) === false ? [] : [[seed, figures[name]] as const],
    ),
  );

/**
 * Virtual time: what a seed gives is the same every night until code changes it, so every seed is compared with the median of its own past,
 * and the scatter is that of the seeds' changes: d̄ ± t·s/√n.
 */
function acrossSeeds(figure: Figure, now: Values, before: readonly Values[]): Sample | null {
  const pairs = [...now].flatMap(([seed, value]) => {
    const past = before.flatMap((values) => values.get(seed) ?? []);
    return past.length === 0 ? [] : [{ value: scaled(figure, value), past: scaled(figure, median(past)) }];
  });
  if (pairs.length === 0) return null;
  const changes = pairs.map(({ value, past }) => value - past);
  const n = pairs.length;
  return {
    scatter: 'seeds',
    n,
    before: unscaled(figure, mean(pairs.map(({ past }) => past))),
    tonight: unscaled(figure, mean(pairs.map(({ value }) => value))),
    effect: mean(changes),
    spread: n < 2 ? null : { error: deviation(changes) / Math.sqrt(n), degrees: n - 1 },
    isSame: changes.every((change) => change === 0),
    past: before.map((values) => (values.size === 0 ? null : unscaled(figure, meanOf(figure, values)))),
  };
}

/**
 * Wall time: all seeds of a night share the night's weather, so a night counts once, by its mean over seeds, and tonight is held against what
 * one more night would give: d ± t·s·√(1 + 1/m), m nights.
 */
function acrossNights(figure: Figure, now: Values, before: readonly Values[]): Sample | null {
  // A night that lacks seeds would be another mixture.
  const means = before.map((values) => (values.size === now.size ? meanOf(figure, values) : null));
  const past = means.filter((each) => each !== null);
  const m = past.length;
  if (m === 0 || now.size === 0) return null;
  const [own, reference] = [meanOf(figure, now), mean(past)];
  return {
    scatter: 'nights',
    n: m,
    before: unscaled(figure, reference),
    tonight: unscaled(figure, own),
    effect: own - reference,
    spread: m < FEWEST_NIGHTS ? null : { error: deviation(past) * Math.sqrt(1 + 1 / m), degrees: m - 1 },
    isSame: false,
    past: means.map((each) => (each === null ? null : unscaled(figure, each))),
  };
}

/** What is less is taken for this, so that nothing at all has a logarithm: times are told apart down to a microsecond. */
const LEAST = 0.001;

const scaled = ({ scale }: Figure, value: number): number =>
  scale === 'ratio' ? Math.log(Math.max(LEAST, value)) : value;
const unscaled = ({ scale }: Figure, value: number): number => (scale === 'ratio' ? Math.exp(value) : value);

const meanOf = (figure: Figure, values: Values): number =>
  mean([...values.values()].map((value) => scaled(figure, value)));
