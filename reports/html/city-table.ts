/** Every city's verdict with the figures it rests on. */
import { citiesOf, type City, shiftOf } from '../cities.ts';
import { change, count, duration, ms, NONE, number, percent } from '../format.ts';
import type { RunData } from '../run-data.ts';
import { html, type Markup } from './escape.ts';
import { table } from './table.ts';

const HEADS = [
  'city',
  'verdict',
  'candidate since',
  'requests it served',
  'median, b / c',
  'shift',
  'fetch p99, b / c',
  'p95, b / c',
  'accepted, b / c',
  'alerts',
];

/** Nothing for a scenario without segments. */
export function cityTable(run: RunData): Markup {
  const cities = citiesOf(run);
  if (cities.every(({ openedMs }) => openedMs === null)) return html``;
  return table('Cities, over the windows in which users there met both arms', HEADS, cities.map(cells));
}

function cells(city: City): string[] {
  const { baseline: b, candidate: c, openedMs, openedIn, guard } = city;
  const told = Map.groupBy(city.alerts, (name) => name);
  return [
    city.segment,
    `${SIGNS[city.verdict]} ${city.verdict}${guard === null ? '' : `: ${guard}`}`,
    openedMs === null ? NONE : `${duration(openedMs)} (${openedIn})`,
    count(c.requests),
    both(b.scoreMedian, c.scoreMedian, number),
    change(shiftOf(b.scoreMedian, c.scoreMedian)),
    both(b.fetchMsP99, c.fetchMsP99, ms),
    both(b.latencyMsP95, c.latencyMsP95, ms),
    both(b.outcomeRatio, c.outcomeRatio, percent),
    [...told].map(([name, times]) => (times.length === 1 ? name : `${name} × ${times.length}`)).join(', ') || NONE,
  ];
}

const SIGNS: Readonly<Record<City['verdict'], string>> = {
  passed: '✓',
  'stopped here': '✗',
  inconclusive: '?',
  'not reached': '·',
};

const both = (b: number | null, c: number | null, text: (value: number | null) => string): string =>
  b === null && c === null ? NONE : `${text(b)} / ${text(c)}`;
