/** Ratios over time with 95 % intervals: the online metric, and errors. */
import type { Arm } from '../../telemetry/window.ts';
import { type Chart, type LeftOut, PLOT_WIDTH, type Row } from '../chart.ts';
import { duration, number, percent } from '../format.ts';
import type { RunData } from '../run-data.ts';
import { type CountPoint, type Counts, coarser, type Series } from '../series.ts';
import { at, type TimeAxis } from '../time-axis.ts';
import { wilson } from '../wilson.ts';
import { armChannels, hover, ofArm, timeX } from './parts.ts';

interface Ratio {
  readonly id: string;
  readonly title: string;
  readonly name: string;
  readonly yTitle: string;
  readonly of: keyof Counts;
  readonly per: keyof Counts;
  readonly because: string;
}

const ONLINE: Ratio = {
  id: 'online-metric',
  title: 'Online metric over time',
  name: 'positive outcomes per prediction',
  yTitle: 'positive outcomes, %',
  of: 'outcomes',
  per: 'impressions',
  because: 'no label became known',
};
const ERRORS: Ratio = {
  id: 'errors',
  title: 'Error ratio over time',
  name: 'errors per request',
  yTitle: 'errors, %',
  of: 'errors',
  per: 'requests',
  because: 'no request was sent',
};
/** A ratio needs more requests than a median: fewer, wider points. */
const MOST_POINTS = 60;
/** Below this a point says little of where the line is. */
const ENOUGH = 30;

export const onlineMetricChart = (run: RunData, series: Series, axis: TimeAxis): Chart | LeftOut =>
  ratioChart(ONLINE, run, series, axis);

export const errorChart = (run: RunData, series: Series, axis: TimeAxis): Chart | LeftOut =>
  ratioChart(ERRORS, run, series, axis);

function ratioChart(ratio: Ratio, run: RunData, series: Series, axis: TimeAxis): Chart | LeftOut {
  const head = { id: ratio.id, title: ratio.title };
  const points = coarser(series, MOST_POINTS);
  const totals = series.arms.map((arm) => ({
    arm,
    of: total(points, arm, ratio.of),
    per: total(points, arm, ratio.per),
  }));
  const seen = totals.filter((t) => t.per > 0);
  if (seen.length === 0) return { ...head, because: ratio.because };
  if (ratio === ERRORS && seen.every((t) => t.of === 0)) return { ...head, because: 'no request failed' };
  const arms = seen.map((t) => t.arm);
  const rows = points.map((point) => rowOf(ratio, point, arms, axis));
  const bands = rows.flatMap((row) => arms.map((arm) => row[`${arm}_high`] as number | null)).filter((v) => v !== null);
  const lows = rows.flatMap((row) => arms.map((arm) => row[`${arm}_low`] as number | null)).filter((v) => v !== null);
  const x = timeX(axis);
  // One wide interval at the edge of a stage must not flatten everything else; but a line that means something is shown whole.
  const lines = rows.flatMap((row) =>
    arms.flatMap((arm) => (Number(row[`${arm}_n`]) >= ENOUGH ? [row[arm] as number] : [])),
  );
  const domain = [
    ratio === ERRORS ? 0 : Math.min(quantile(lows, 0.05), ...lines) * 0.98,
    Math.max(quantile(bands, 0.95), ...lines) * 1.02,
  ];
  const span = duration((points[0]?.endMs ?? 0) - (points[0]?.startMs ?? 0));
  return {
    ...head,
    finding: `${capital(ratio.name)}: ${seen.map((t) => `${t.arm} ${percent(t.of / t.per, 4)} (${intervalText(t.of, t.per)})`).join(', ')}.`,
    note: `Each point covers ${span}; bands are 95 % Wilson intervals${ratio === ONLINE ? ', at the time the label became known' : ''}. Overlapping bands mean: not distinguishable yet.`,
    datasets: { [ratio.id]: rows },
    table: {
      dataset: ratio.id,
      columns: [
        { field: 't', label: `middle, ${axis.unit}` },
        ...arms.flatMap((arm) => [
          { field: `${arm}_n`, label: `${arm} ${ratio.per}` },
          { field: arm, label: `${arm}, %` },
          { field: `${arm}_low`, label: `${arm} low, %` },
          { field: `${arm}_high`, label: `${arm} high, %` },
        ]),
      ],
    },
    fixedWidth: false,
    spec: (theme) => ({
      data: { name: ratio.id },
      width: PLOT_WIDTH,
      height: 220,
      layer: [
        ...arms.map((arm) => ({
          mark: {
            type: 'area',
            color: theme.arm[arm],
            opacity: 0.22,
            clip: true,
            aria: false,
            invalid: 'break-paths-show-path-domains',
          },
          encoding: {
            x,
            y: {
              field: `${arm}_low`,
              type: 'quantitative',
              stack: null,
              scale: { domain, zero: false, nice: true },
              axis: { title: ratio.yTitle, format: '~r' },
            },
            y2: { field: `${arm}_high` },
          },
        })),
        ...arms.map((arm) => ({
          transform: [ofArm(arm)],
          mark: { type: 'line', strokeWidth: 1.8, clip: true, aria: false, invalid: 'break-paths-show-path-domains' },
          encoding: { x, y: { field: arm, type: 'quantitative' }, ...armChannels(arms, theme) },
        })),
        ...hover(
          'hover',
          x,
          [
            { field: 't', title: axis.title, format: '.2f' },
            ...arms.flatMap((arm) => [
              { field: arm, title: `${arm}, %`, format: '.3~r' },
              { field: `${arm}_n`, title: `${arm} ${ratio.per}`, format: ',' },
            ]),
          ],
          theme,
        ),
      ],
    }),
  };
}

function rowOf(ratio: Ratio, point: CountPoint, arms: readonly Arm[], axis: TimeAxis): Row {
  const row: Record<string, number | null> = { t: at(axis, (point.startMs + point.endMs) / 2) };
  for (const arm of arms) {
    const n = point.arms[arm]?.[ratio.per] ?? 0;
    const k = point.arms[arm]?.[ratio.of] ?? 0;
    const band = wilson(k, n);
    row[`${arm}_n`] = n;
    row[arm] = n === 0 ? null : inPercent(k / n);
    row[`${arm}_low`] = band === null ? null : inPercent(band[0]);
    row[`${arm}_high`] = band === null ? null : inPercent(band[1]);
  }
  return row;
}

const inPercent = (fraction: number): number => Number((fraction * 100).toPrecision(4));
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const total = (points: readonly CountPoint[], arm: Arm, key: keyof Counts): number =>
  points.reduce((sum, p) => sum + (p.arms[arm]?.[key] ?? 0), 0);

function intervalText(k: number, n: number): string {
  const band = wilson(k, n);
  return band === null ? '' : `95 %: ${number(band[0] * 100, 4)} to ${number(band[1] * 100, 4)}`;
}

function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
}
