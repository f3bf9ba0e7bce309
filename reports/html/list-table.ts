/** The lists of both models on the same requests: means, differences and what the policy's guards allow. */
import { change, NONE, number } from '../format.ts';
import { edgesOf, listQuality, type ListMeasure, type Margin } from '../list-quality.ts';
import type { Band } from '../measure-series.ts';
import type { RunData } from '../run-data.ts';
import { html, type Markup } from './escape.ts';
import { table } from './table.ts';

/** Nothing for a run that measures no lists. */
export function listTable(run: RunData): Markup {
  const lists = listQuality(run);
  if (lists === null) return html``;
  const rows = [
    ...lists.measures.map((measure) => [
      measure.name,
      meanText(measure.baseline),
      meanText(measure.candidate),
      changeText(measure),
      measure.margin === null ? NONE : notAllowed(measure.margin),
      STANDINGS[measure.standing ?? 'none'],
    ]),
    ...lists.pairs.map(({ name, band }) => [`${name}, of both lists`, NONE, meanText(band), NONE, NONE, '']),
  ];
  return table(
    lists.inShadow
      ? 'Lists on the same requests, before any user saw the candidate’s; 95 % intervals'
      : 'Lists that users were shown; 95 % intervals',
    ['', 'baseline', 'candidate', 'difference', 'not allowed', ''],
    rows,
  );
}

/** `below -2 %`. */
const notAllowed = (margin: Margin): string =>
  edgesOf(margin)
    .map((edge) => `${edge < 0 || margin.bound.direction === 'drop' ? 'below' : 'above'} ${change(edge)}`)
    .join(', ');

const STANDINGS = { within: '✓ within', beyond: '✗ beyond', open: '? open', none: '' } as const;

const meanText = (band: Band | null): string =>
  band === null ? NONE : `${number(band.value, 4)} (${number(band.low, 4)} to ${number(band.high, 4)})`;

const changeText = ({ change: moved }: ListMeasure): string =>
  moved === null ? NONE : `${change(moved.value)} (${change(moved.low)} to ${change(moved.high)})`;
