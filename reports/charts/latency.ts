import type { Arm } from '../../telemetry/window.ts';
import { type Chart, type LeftOut, PLOT_WIDTH, type Row, type Spec } from '../chart.ts';
import { duration, ms, quantileName } from '../format.ts';
import type { RunData } from '../run-data.ts';
import { FETCH_QUANTILE, LATENCY_QUANTILES, type Series, type TimePoint } from '../series.ts';
import type { Theme } from '../theme.ts';
import { at, type TimeAxis } from '../time-axis.ts';
import { armChannels, boundRule, hover, logScale, logTicks, ofArm, timeX } from './parts.ts';

/** One small plot: a quantile of the latency, or of the feature fetch. */
interface Panel {
  readonly key: string;
  readonly title: string;
  readonly bound: { readonly value: number; readonly text: string } | null;
}

const HEIGHT = 96;
const round = (v: number | null | undefined): number | null => (v == null ? null : Number(v.toPrecision(4)));

/** Latency over time, one plot per percentile, both arms in each; the feature fetch below. */
export function latencyChart(run: RunData, series: Series, axis: TimeAxis): Chart | LeftOut {
  const head = { id: 'latency', title: 'Latency over time' };
  if (series.arms.length === 0) return { ...head, because: 'no request was answered' };
  const rows = series.points.map((point) => rowOf(point, series.arms, axis));
  const panels = panelsOf(run).filter((p) =>
    rows.some((row) => series.arms.some((arm) => row[`${arm}_${p.key}`] !== null)),
  );
  if (panels.length === 0) return { ...head, because: 'too few requests were answered' };
  return {
    ...head,
    finding: findingOf(run),
    note: `Each point covers ${duration(series.stepMs)} of merged histograms, not an average of percentiles; a line has a gap where fewer than one answer lies beyond the percentile. Logarithmic scale, one per plot.`,
    datasets: { latency: rows },
    table: {
      dataset: 'latency',
      columns: [
        { field: 't', label: `from, ${axis.unit}` },
        ...series.arms.flatMap((arm) => [
          { field: `${arm}_n`, label: `${arm} requests` },
          ...panels.map((p) => ({ field: `${arm}_${p.key}`, label: `${arm} ${p.title}` })),
        ]),
      ],
    },
    fixedWidth: false,
    spec: (theme) => ({
      data: { name: 'latency' },
      spacing: 14,
      vconcat: panels.map((panel, i) => panelSpec(panel, i === panels.length - 1, rows, series.arms, axis, theme)),
    }),
  };
}

function rowOf(point: TimePoint, arms: readonly Arm[], axis: TimeAxis): Row {
  const row: Record<string, number | null> = { t: at(axis, point.startMs) };
  for (const arm of arms) {
    row[`${arm}_n`] = point.arms[arm]?.requests ?? 0;
    LATENCY_QUANTILES.forEach((q, i) => {
      row[`${arm}_${keyOf(q)}`] = round(point.arms[arm]?.latencyMs[i]);
    });
    row[`${arm}_fetch`] = round(point.arms[arm]?.fetchMs);
  }
  return row;
}

const keyOf = (q: number): string => quantileName(q).replace('.', '');

function panelsOf({ policy }: RunData): Panel[] {
  const boundOf = (kind: string, q: number): Panel['bound'] => {
    const guard = policy.guards.find(
      (g) =>
        g.metric.kind === kind && 'quantile' in g.metric && g.metric.quantile === q && g.bound?.kind === 'absolute',
    );
    if (guard?.bound?.kind !== 'absolute') return null;
    return { value: guard.bound.value, text: `${guard.name}: ${guard.bound.breachWhen} ${ms(guard.bound.value)}` };
  };
  return [
    ...LATENCY_QUANTILES.map((q) => ({ key: keyOf(q), title: `${quantileName(q)}, ms`, bound: boundOf('latency', q) })),
    {
      key: 'fetch',
      title: `feature fetch ${quantileName(FETCH_QUANTILE)}, ms`,
      bound: boundOf('feature-fetch', FETCH_QUANTILE),
    },
  ];
}

function panelSpec(
  panel: Panel,
  last: boolean,
  rows: readonly Row[],
  arms: readonly Arm[],
  axis: TimeAxis,
  theme: Theme,
): Spec {
  const fields = arms.map((arm) => `${arm}_${panel.key}`);
  const values = [...rows.flatMap((row) => fields.map((f) => row[f] as number | null)), panel.bound?.value ?? null];
  const x = timeX(axis, last);
  const tips = [
    { field: 't', title: axis.title, format: '.2f' },
    ...arms.map((arm, i) => ({ field: fields[i]!, title: `${arm} ${panel.title}`, format: '.3~r' })),
  ];
  return {
    width: PLOT_WIDTH,
    height: HEIGHT,
    title: { text: panel.title, fontSize: 11.5, offset: 4 },
    layer: [
      ...arms.map((arm, i) => ({
        transform: [ofArm(arm)],
        mark: { type: 'line', strokeWidth: 1.6, invalid: 'break-paths-show-path-domains', aria: false },
        encoding: {
          x,
          y: {
            field: fields[i],
            type: 'quantitative',
            scale: logScale(values),
            axis: { values: logTicks(values), title: null, format: '~r', gridDash: [1, 0] },
          },
          ...armChannels(arms, theme),
        },
      })),
      ...(panel.bound === null ? [] : [boundRule(panel.bound.value, panel.bound.text, theme)]),
      ...hover(`hover_${panel.key}`, x, tips, theme),
    ],
  };
}

function findingOf({ outcome }: RunData): string {
  const { baseline, candidate } = outcome.latencyMs;
  if (candidate.p99 === null) return `The candidate answered no request; the baseline's p99 was ${ms(baseline.p99)}.`;
  return `Over the same windows the candidate's p50 was ${ms(candidate.p50)} and p99 ${ms(candidate.p99)}, the baseline's ${ms(baseline.p50)} and ${ms(baseline.p99)}.`;
}
