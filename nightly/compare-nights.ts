/** Tonight against the nights before: verdict by verdict, figure by figure, each with its effect and interval. */
import { studentUpperQuantile } from '../statistics/student.ts';
import { FIGURES, type Figure } from './figures.ts';
import type { Night, NightRun } from './night.ts';
import { type Runs, type Sample, sampleOf } from './sample.ts';
import type { Suite } from './suite.ts';
import { type VerdictComparison, verdictsOf } from './verdicts.ts';

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
  /** What the nights of the comparison had, in their order: means over the seeds; null where a night had none. */
  readonly past: readonly (number | null)[];
  readonly tolerance: number;
  readonly status: Status;
}

/** A figure that seeds had the last time and have no more, though they ended the same way. */
export interface MissingFigure extends Pick<Figure, 'title'> {
  readonly rehearsal: string;
  readonly figure: string;
  readonly seeds: readonly number[];
}

export interface Comparison {
  /** Nights of the suite's history that were looked at. */
  readonly nights: number;
  /** Of these nights, oldest first. */
  readonly dates: readonly string[];
  /** Chance that every interval holds, at least. */
  readonly confidence: number;
  readonly verdicts: readonly VerdictComparison[];
  readonly figures: readonly FigureComparison[];
  readonly missing: readonly MissingFigure[];
  /** Rehearsals of the last night that tonight lacks. */
  readonly gone: readonly string[];
}

/** `history` is oldest first, and what came before an accepted night does not count. */
export function compareNights(
  tonight: Night,
  history: readonly Night[],
  { alpha, tolerances }: Pick<Suite, 'alpha' | 'tolerances'>,
): Comparison {
  const accepted = history.findLastIndex(({ isAccepted }) => isAccepted);
  const nights = tonight.isAccepted ? [] : history.slice(Math.max(0, accepted));
  const names = namesOf(tonight);
  const rehearsals = names.map((name) => {
    const keys = keysOf(name, tonight);
    return {
      name,
      now: { night: tonight, runs: runsOf(name, tonight, keys) },
      before: nights.map((night) => ({ night, runs: runsOf(name, night, keys) })),
    };
  });
  const samples = rehearsals.flatMap(({ name, now, before }) =>
    FIGURES.flatMap((figure) => {
      const sample = sampleOf(figure, now, before);
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
    dates: nights.map(({ date }) => date),
    confidence: 1 - alpha,
    verdicts: rehearsals.map(({ name, before }) =>
      verdictsOf(
        name,
        tonight,
        before.map(({ runs }) => runs).filter(({ size }) => size > 0),
        nights,
      ),
    ),
    figures: samples.map(({ rehearsal, figure, sample, tolerance }) => ({
      rehearsal,
      figure: figure.name,
      title: figure.title,
      unit: figure.unit,
      scale: figure.scale,
      worse: figure.worse,
      ...compared(figure, sample, tolerance, half),
    })),
    missing: rehearsals.flatMap(({ name, now, before }) =>
      missingOf(
        name,
        now.runs,
        before.map(({ runs }) => runs),
      ),
    ),
    gone: nights.length === 0 ? [] : namesOf(nights.at(-1)!).filter((name) => !names.includes(name)),
  };
}

const namesOf = ({ runs }: Night): string[] => [...new Set(runs.map(({ rehearsal }) => rehearsal))];

/** The runs of a rehearsal that are the same in all that was asked for, by seed. */
function runsOf(name: string, night: Night, keys: ReadonlyMap<number, string>): Runs {
  const own = night.runs.filter(
    ({ rehearsal, seed, key, isInvalid }) => rehearsal === name && !isInvalid && keys.get(seed) === key,
  );
  return new Map(own.map((run) => [run.seed, run]));
}

const keysOf = (name: string, { runs }: Night): Map<number, string> =>
  new Map(runs.filter(({ rehearsal }) => rehearsal === name).map(({ seed, key }) => [seed, key]));

/** Without a word about these, what cannot be had any more would pass for what got no worse. */
function missingOf(rehearsal: string, now: Runs, earlier: readonly Runs[]): MissingFigure[] {
  const last = (seed: number): NightRun | undefined => earlier.findLast((runs) => runs.has(seed))?.get(seed);
  return FIGURES.flatMap(({ name, title }) => {
    const seeds = [...now.values()]
      .filter(({ seed, verdict, figures }) => {
        const before = last(seed);
        return figures[name] == null && before?.figures[name] != null && before.verdict === verdict;
      })
      .map(({ seed }) => seed);
    return seeds.length === 0 ? [] : [{ rehearsal, figure: name, title, seeds }];
  });
}

/** e to more than this is no number. */
const MOST_LOG = 700;

function compared(
  figure: Figure,
  sample: Sample,
  tolerance: number,
  half: number,
): Omit<FigureComparison, 'rehearsal' | 'figure' | 'title' | 'unit' | 'scale' | 'worse'> {
  const { scatter, n, before, tonight, effect, spread, isSame, past } = sample;
  const shown = (value: number): number => (figure.scale === 'ratio' ? Math.expm1(Math.min(MOST_LOG, value)) : value);
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
    past,
    tolerance,
    status: isSame ? 'same' : low === null || high === null ? 'too few' : statusOf(figure, low, high, tolerance),
  };
}

function statusOf({ worse }: Figure, low: number, high: number, tolerance: number): Status {
  if (low > tolerance) return worse === 'more' ? 'worse' : 'better';
  if (high < -tolerance) return worse === 'less' ? 'worse' : 'better';
  return low >= -tolerance && high <= tolerance ? 'within' : 'unclear';
}
