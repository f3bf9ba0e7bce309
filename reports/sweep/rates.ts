/** Rates with their intervals, a line per subject and policy: a dot and a rule, or an upper bound where nothing happened. */
import type { Rate } from '../../tuning/distribution.ts';
import { type Chart, PLOT_WIDTH, type Row, type Spec } from '../chart.ts';
import { percent } from '../format.ts';
import type { Theme } from '../theme.ts';
import { policyChannels } from './palette.ts';
import { bandHeight, bandY } from './bands.ts';

export interface RateRow {
  /** Name of the line. */
  readonly subject: string;
  readonly policy: string;
  readonly rate: Rate;
}

type Head = Pick<Chart, 'id' | 'title' | 'finding' | 'note'>;

/** Rates below this deserve decades of their own. */
const SMALL = 0.02;

/** Draws rates that were measured: `rate.of` must be above 0. */
export function ratesChart(head: Head, rows: readonly RateRow[], policies: readonly string[], what: string): Chart {
  const scale = scaleOf(rows.map(({ rate }) => rate));
  const low = scale.domain[0];
  const data = rows.map(
    ({ subject, policy, rate }): Row => ({
      subject,
      policy,
      events: rate.events,
      of: rate.of,
      ratio: rate.events === 0 ? null : rate.ratio,
      low: rate.low,
      high: rate.high,
      from: Math.max(low, rate.low ?? 0),
      to: rate.high,
      text: `${rate.events} of ${rate.of}`,
      kind: rate.events === 0 ? 'upper bound' : 'measured',
    }),
  );
  const subjects = [...new Set(rows.map(({ subject }) => subject))];
  return {
    ...head,
    datasets: { rates: data },
    table: {
      dataset: 'rates',
      columns: [
        { field: 'subject', label: 'what' },
        { field: 'policy', label: 'policy' },
        { field: 'events', label: 'events' },
        { field: 'of', label: 'rollouts' },
        { field: 'low', label: '95 % from' },
        { field: 'high', label: '95 % to' },
      ],
    },
    fixedWidth: false,
    spec: (theme) => specOf(theme, subjects, policies, scale, what),
  };
}

interface Scale {
  readonly type: 'log' | 'linear';
  readonly domain: readonly [number, number];
  readonly ticks: readonly number[];
}

function scaleOf(rates: readonly Rate[]): Scale {
  const high = Math.max(...rates.map((rate) => rate.high ?? 1));
  const values = rates.map(({ events, ratio, high: bound }) => (events > 0 ? ratio! : (bound ?? 1)));
  const least = Math.min(...values);
  if (least >= SMALL) {
    const end = Math.min(1, high * 1.15);
    const step = [0.01, 0.02, 0.05, 0.1, 0.2].find((each) => end / each <= 8) ?? 0.2;
    return { type: 'linear', domain: [0, end], ticks: multiples(step, end) };
  }
  const first = Math.floor(Math.log10(least) - 0.5);
  const end = Math.min(1, high * 1.6);
  const ticks = Array.from({ length: -first + 1 }, (_, i) => Number((10 ** (first + i)).toPrecision(3)));
  return { type: 'log', domain: [10 ** first, end], ticks: ticks.filter((tick) => tick <= end) };
}

const multiples = (step: number, end: number): number[] =>
  Array.from({ length: Math.floor(end / step + 1e-9) + 1 }, (_, i) => Number((i * step).toPrecision(6)));

const only = (kind: string): Spec => ({ filter: { field: 'kind', equal: kind } });

function specOf(
  theme: Theme,
  subjects: readonly string[],
  policies: readonly string[],
  scale: Scale,
  what: string,
): Spec {
  const x = (field: string): Spec => ({
    field,
    type: 'quantitative',
    scale: { type: scale.type, domain: scale.domain, nice: false, clamp: true },
    axis: { title: `${what}, 95 % interval`, values: scale.ticks, format: '.6~%', grid: true },
  });
  const y = bandY(subjects, policies);
  const tooltip = [
    { field: 'subject', title: 'what' },
    { field: 'policy', title: 'policy' },
    { field: 'text', title: 'events' },
    { field: 'low', type: 'quantitative', title: '95 % from', format: '.3~%' },
    { field: 'high', type: 'quantitative', title: '95 % to', format: '.3~%' },
  ];
  const colour = policyChannels(policies, theme, false);
  return {
    data: { name: 'rates' },
    width: PLOT_WIDTH - 150,
    height: bandHeight(subjects, policies),
    layer: [
      {
        mark: { type: 'rule', strokeWidth: 2, aria: false },
        encoding: {
          x: x('from'),
          x2: { field: 'to' },
          ...y,
          ...colour,
          strokeDash: {
            field: 'kind',
            type: 'nominal',
            scale: {
              domain: ['measured', 'upper bound'],
              range: [
                [1, 0],
                [3, 3],
              ],
            },
            legend: null,
          },
          tooltip,
        },
      },
      {
        transform: [only('measured')],
        mark: { type: 'point', filled: true, size: 70, opacity: 1, aria: false },
        encoding: { x: x('ratio'), ...y, ...policyChannels(policies, theme), tooltip },
      },
      {
        transform: [only('upper bound')],
        mark: { type: 'tick', thickness: 2.5, size: 12, aria: false },
        encoding: { x: x('to'), ...y, ...colour, tooltip },
      },
      {
        mark: { type: 'text', align: 'left', dx: 7, fontSize: 10.5, color: theme.muted, aria: false },
        encoding: { x: x('to'), ...y, text: { field: 'text' } },
      },
    ],
  };
}

/** "3 of 20 (15 %, 95 % interval 3.2 % to 37.9 %)"; nothing seen is a bound. */
export function rateText({ events, of, ratio, low, high }: Rate): string {
  if (of === 0) return 'never tried';
  if (events === 0) return `0 of ${of} (at most ${percent(high, 2)} with 95 % confidence)`;
  return `${events} of ${of} (${percent(ratio, 2)}; 95 % interval ${percent(low, 2)} to ${percent(high, 2)})`;
}
