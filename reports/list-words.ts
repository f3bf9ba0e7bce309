/** What the quality of lists comes to, in plain words. */
import { change, count, number, percent } from './format.ts';
import type { ListMeasure, ListQuality } from './list-quality.ts';

/** A conclusion, then the figures behind it. */
export function listWords(lists: ListQuality): string {
  const measured = lists.measures.filter((measure) => measure.change !== null);
  if (measured.length === 0) return 'No list was measured in both arms.';
  const common = lists.pairs.map(({ name, band }) => `${name} ${number(band.value)}`).join(', ');
  const where = lists.inShadow
    ? `on ${count(lists.requests)} requests that both models answered before any user saw the candidate’s lists`
    : 'in what users of both arms were shown';
  return `${conclusionOf(lists)}: ${measured.map(wordsOf).join('; ')}, ${where}.${common === '' ? '' : ` In common: ${common}.`}`;
}

/** `up`, `down` or neither, as far as the interval tells. */
export function courseOf({ change: moved }: ListMeasure): 'up' | 'down' | 'level' {
  if (moved === null || (moved.low <= 0 && moved.high >= 0)) return 'level';
  return moved.value > 0 ? 'up' : 'down';
}

function wordsOf(measure: ListMeasure): string {
  const course = courseOf(measure);
  const { value, low, high } = measure.change!;
  const moved =
    course === 'level'
      ? `${measure.name} level (${change(low)} to ${change(high)})`
      : `${measure.name} ${course} ${percent(Math.abs(value))}`;
  const { margin, standing } = measure;
  if (margin === null) return moved;
  // What a margin allows needs saying where something came near it.
  const allowed = percent(margin.bound.by);
  if (standing === 'beyond') return `${moved}, beyond its margin of ${allowed}`;
  if (standing === 'open') return `${moved}, which may be beyond its margin of ${allowed}`;
  return course === 'down' ? `${moved}, within its margin of ${allowed}` : moved;
}

const isBeyond = (measure: ListMeasure | undefined): boolean => measure?.standing === 'beyond';

/** The pattern that the measures form. */
export function conclusionOf({ measures, pairs }: ListQuality): string {
  const [precision, novelty, diversity] = ['precision@', 'novelty', 'diversity'].map((start) =>
    measures.find(({ name }) => name.startsWith(start)),
  );
  const fits = precision !== undefined && !isBeyond(precision) && courseOf(precision) !== 'down';
  if (isBeyond(precision)) return 'Broken: the lists hold fewer of the titles that are preferred';
  if (isBeyond(novelty))
    return fits
      ? 'Popularity-biased: the lists fit, because they lean on what everybody is shown anyway'
      : 'The lists lean on what everybody is shown anyway';
  if (isBeyond(diversity)) return 'Collapsed: the titles of a list are all alike';
  if (measures.some(({ standing }) => standing === 'beyond')) return 'Worse than the policy allows';
  if (measures.some(({ standing }) => standing === 'open')) return 'Not decided yet';
  if (measures.every(({ margin }) => margin === null)) return 'No guard says how much is too much';
  // What would be too little to be worse is too little to be better.
  if (precision?.change != null && precision.change.low > (precision.margin?.bound.by ?? 0))
    return 'Better: the lists fit more, and nothing is beyond its margin';
  const overlap = pairs.find(({ name }) => name.startsWith('overlap@'));
  const others = overlap === undefined ? '' : `, though ${percent(1 - overlap.band.value)} of the titles are others`;
  const isWorse = precision === undefined || courseOf(precision) === 'down';
  return `${isWorse ? 'Not worse than the policy allows' : 'As good'}${others}`;
}
