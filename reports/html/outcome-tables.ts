/** Outcome metrics as figures, and the looks of the guards on them. */
import { change, count, duration, NONE, number } from '../format.ts';
import type { Band } from '../measure-series.ts';
import { boundText } from '../metric.ts';
import { looksOf, type OutcomeMetric, outcomeMetrics, type Watch } from '../outcome-metrics.ts';
import { levelWords } from '../outcome-words.ts';
import type { RunData } from '../run-data.ts';
import { html, type Markup } from './escape.ts';
import { table } from './table.ts';

/** Nothing for a run whose outcomes are not measured. */
export function outcomeTables(run: RunData): Markup {
  const outcomes = outcomeMetrics(run);
  if (outcomes === null) return html``;
  const { metrics } = outcomes;
  return html`${table('Outcome metrics while users saw both arms; 95 % intervals at one look', ['', 'baseline', 'candidate', 'difference'], metrics.map(metricCells))}${table(
    'Looks at them',
    LOOK_HEADS,
    metrics.flatMap(({ watches }) => watches.map(lookCells)),
    'words',
  )}`;
}

const LOOK_HEADS = [
  'guard',
  'bound',
  'how sure',
  'looks with labels',
  'first and last',
  'pass / breach / inconclusive',
  'at the last look',
];

function metricCells(metric: OutcomeMetric): string[] {
  const { name, unit, baseline, candidate, change: moved } = metric;
  return [
    unit === '' || unit === '%' ? name : `${name}, shown in ${unit}`,
    meanText(metric, baseline),
    meanText(metric, candidate),
    moved === null ? NONE : `${change(moved.value)} (${change(moved.low)} to ${change(moved.high)})`,
  ];
}

function meanText({ scale, unit }: OutcomeMetric, band: Band | null): string {
  if (band === null) return NONE;
  const shown = (value: number): string => number(scale * value, 4);
  return `${shown(band.value)}${unit === '' ? '' : ` ${unit}`} (${shown(band.low)} to ${shown(band.high)})`;
}

function lookCells(watch: Watch): string[] {
  const { guard } = watch;
  const looks = looksOf(watch);
  const [first, last] = [looks[0], looks.at(-1)];
  const times = (kind: string): string => count(looks.filter(({ verdict }) => verdict === kind).length);
  const between =
    last?.test?.low == null || last.test.high === null
      ? ''
      : ` (${change(last.test.low)} to ${change(last.test.high)})`;
  const moved = last?.value == null || !last.reference ? null : last.value / last.reference - 1;
  return [
    guard.name,
    `${boundText(guard)}, ${guard.action}`,
    levelWords(guard.test),
    count(looks.length),
    first === undefined ? NONE : `${duration(first.atMs)} to ${duration(last!.atMs)}`,
    `${times('pass')} / ${times('breach')} / ${times('inconclusive')}`,
    last === undefined ? NONE : `${change(moved)}${between}`,
  ];
}
