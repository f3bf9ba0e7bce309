/** A night in words and numbers, the same on a terminal, in Markdown, in JUnit and on the page. */
import type { FigureComparison, Status } from '../../nightly/compare-nights.ts';
import type { NightResult } from '../../nightly/result.ts';
import type { VerdictComparison } from '../../nightly/verdicts.ts';
import { change, count, duration, NONE, number, ms, percent, plural } from '../format.ts';
import type { Tone } from '../words.ts';

/** Signs beside the words, so that colour is never the only difference. */
export const SIGNS: Readonly<Record<Status, string>> = {
  same: '=',
  within: '✓',
  worse: '✗',
  better: '▲',
  unclear: '?',
  'too few': '·',
};

export const toneOf = ({ conclusion }: NightResult): Tone =>
  conclusion === 'held' ? 'right' : conclusion === 'regressed' ? 'wrong' : 'open';

export function titleOf({ conclusion, comparison }: NightResult): string {
  if (conclusion === 'regressed') return 'Regressed';
  if (conclusion === 'inconclusive') return 'Inconclusive';
  return comparison.nights === 0 ? 'First night' : 'Held';
}

const TALLIES: readonly (readonly [Status, string])[] = [
  ['worse', 'worse'],
  ['unclear', 'unclear'],
  ['better', 'better'],
  ['within', 'within tolerance'],
  ['same', 'the same'],
  ['too few', 'with too few nights or seeds'],
];

/** What it was compared with, and what came of it. */
export function sentenceOf({ night, comparison }: NightResult): string {
  const { nights, figures, verdicts, confidence } = comparison;
  const named = night.isAccepted ? 'taken as it is from now on' : 'nothing to compare with yet';
  if (nights === 0) return `${plural(night.runs.length, 'rehearsal')}, ${named}; ${endsOf(verdicts)}`;
  const tally = (status: Status): number => figures.filter((each) => each.status === status).length;
  const parts = TALLIES.flatMap(([status, words]) => (tally(status) === 0 ? [] : [`${tally(status)} ${words}`]));
  return `${plural(night.runs.length, 'rehearsal')} against ${plural(nights, 'night')}, ${endsOf(verdicts)}; of ${plural(figures.length, 'figure')}, ${parts.join(', ')} (all intervals hold together with ${percent(confidence)})`;
}

/** "2 wrong, 1 undecided"; "all right"; "1 proves nothing". */
function endsOf(verdicts: readonly VerdictComparison[]): string {
  const sum = (of: 'wrong' | 'undecided' | 'invalid'): number =>
    verdicts.reduce((all, each) => all + each[of].length, 0);
  const [wrong, undecided, invalid] = [sum('wrong'), sum('undecided'), sum('invalid')];
  const parts = [
    ...(wrong + undecided > 0 ? [`${wrong} wrong, ${undecided} undecided`] : []),
    ...(invalid > 0 ? [`${invalid} ${invalid === 1 ? 'proves' : 'prove'} nothing`] : []),
  ];
  return parts.length === 0 ? 'all right' : parts.join(', ');
}

/** What is to be looked at: regressions first, then what changed otherwise. */
export function findingsOf({ comparison }: NightResult): readonly string[] {
  const { verdicts, figures, missing, gone } = comparison;
  const about = (status: Status): string[] => figures.filter((each) => each.status === status).map(figureSentence);
  return [
    ...verdicts.flatMap(verdictFindings),
    ...about('worse'),
    ...missing.map(({ rehearsal, title, seeds }) => `? ${rehearsal}: no ${title} any more (${seedsText(seeds)})`),
    ...about('better'),
    ...verdicts
      .filter(({ isOther }) => isOther)
      .map(
        ({ rehearsal }) =>
          `· ${rehearsal}: scenario or policy is another one since the last night, so nothing is compared`,
      ),
    ...verdicts.filter(({ isNew }) => isNew).map(({ rehearsal }) => `· ${rehearsal}: is new`),
    ...gone.map((rehearsal) => `· ${rehearsal}: was rehearsed the last time, and is not any more`),
  ];
}

function verdictFindings({
  rehearsal,
  newlyWorse,
  unexpected,
  newlyBetter,
  changed,
  invalid,
}: VerdictComparison): string[] {
  const already = unexpected.filter((seed) => !newlyWorse.includes(seed));
  const said = (sign: string, seeds: readonly number[], what: string): string[] =>
    seeds.length === 0 ? [] : [`${sign} ${rehearsal}: ${what} (${seedsText(seeds)})`];
  return [
    ...said('✗', newlyWorse, 'ended worse than before'),
    ...said('✗', already, 'not as its scenario expects'),
    ...said('▲', newlyBetter, 'ended better than before'),
    ...said('·', changed, 'another verdict or guard than the last time, just as right or wrong'),
    ...said('?', invalid, 'the live run proves nothing'),
  ];
}

export const seedsText = (seeds: readonly number[]): string =>
  seeds.length === 0 ? NONE : `seed${seeds.length === 1 ? '' : 's'} ${seeds.join(', ')}`;

/** "✗ slow-tail: latency p99 of the candidate +12.3 % (+10.1 % to +14.5 %; tolerated 5 %): 44.8 ms before, 50.3 ms tonight" */
const figureSentence = (figure: FigureComparison): string =>
  `${SIGNS[figure.status]} ${figure.rehearsal}: ${figure.title} ${movedText(figure)}`;

/** "+12.3 % (+10.1 % to +14.5 %; tolerated 5 %): 44.8 ms before, 50.3 ms tonight" */
export const movedText = (figure: FigureComparison): string =>
  `${effectText(figure)} (${intervalText(figure)}; tolerated ${toleranceText(figure)}): ${valueText(figure, figure.before)} before, ${valueText(figure, figure.tonight)} tonight`;

/** Of shares: in percentage points. */
const points = (value: number): string => `${value > 0 ? '+' : ''}${number(value * 100)} points`;

/** Factors beyond a hundred are no number that anybody reads. */
const factor = (value: number): string => (value > 99 ? 'over +9,900 %' : change(value));

export const effectText = ({ scale, effect }: FigureComparison): string =>
  scale === 'ratio' ? factor(effect) : points(effect);

export function intervalText({ scale, low, high, n, scatter }: FigureComparison): string {
  if (low === null || high === null) return `no interval from ${plural(n, scatter === 'seeds' ? 'seed' : 'night')}`;
  const text = scale === 'ratio' ? factor : points;
  return `${text(low)} to ${text(high)}`;
}

export const toleranceText = ({ scale, tolerance }: FigureComparison): string =>
  scale === 'ratio' ? percent(tolerance) : points(tolerance).replace('+', '');

export function valueText({ unit }: Pick<FigureComparison, 'unit'>, value: number): string {
  if (unit === 'share') return percent(value);
  if (unit === 'per-second') return `${count(value)}/s`;
  return value < 1000 ? ms(value) : duration(value);
}
