/** Outcome metrics look by look: both arms over time, the change since the stage began with its sequence and margins, and what is not known yet. */
import { type Chart, type LeftOut, PLOT_WIDTH, type Row, type Spec } from '../chart.ts';
import { change, duration } from '../format.ts';
import { type Band, meanBand, type MeasurePoint, measurePoints } from '../measure-series.ts';
import { boundText, ruleText } from '../metric.ts';
import { type Counted, type OutcomeMetric, outcomeMetrics, type Watch } from '../outcome-metrics.ts';
import { outcomeWords } from '../outcome-words.ts';
import type { RunData } from '../run-data.ts';
import type { Theme } from '../theme.ts';
import { at, type TimeAxis } from '../time-axis.ts';
import { guardColumns, guardPanel, type GuardPanel, guardPanelSpec } from './guard-panel.ts';
import type { Elsewhere } from './guard-values.ts';
import { armsPanel, type MeasurePanel, measurePanelSpec } from './measure-panel.ts';
import { hover, timeX } from './parts.ts';

const ID = 'outcome-metrics';
const TITLE = 'Outcome metrics, look by look';
const MOST_LABELS = 240;
const HEIGHT = 80;

type View = (last: boolean, theme: Theme) => Spec;

/** Null for a run whose outcomes are not measured. */
export function outcomeMetricsChart(run: RunData, axis: TimeAxis): Chart | LeftOut | null {
  const outcomes = outcomeMetrics(run);
  if (outcomes === null) return null;
  if (outcomes.metrics.length === 0)
    return { id: ID, title: TITLE, because: 'no label became known while users saw both arms' };
  const points = measurePoints(run.windows);
  const parts = outcomes.metrics.map((metric) => ({
    metric,
    arms: armsOf(metric, points, axis),
    change: changeOf(metric, axis),
  }));
  const labels = labelRows(outcomes.labels, axis);
  const looks = parts.flatMap(({ change: panel }) => panel?.rows ?? []);
  const views: View[] = [
    ...parts.flatMap(({ metric, arms, change: panel }, i): View[] => [
      (last, theme) => ({ data: { name: 'arms' }, ...measurePanelSpec(arms, i, last, axis, theme) }),
      ...(panel === null ? [] : [(last: boolean, theme: Theme) => changeSpec(metric, panel, i, last, axis, theme)]),
    ]),
    ...(labels.length === 0 ? [] : [(last: boolean, theme: Theme) => labelSpec(last, axis, theme)]),
  ];
  const span = duration(points[0]!.endMs - points[0]!.startMs);
  return {
    id: ID,
    title: TITLE,
    finding: outcomeWords(run, outcomes),
    note: `Both arms: each point covers ${span}, bands are 95 % intervals at one look. Changes: everything since the stage began, with the interval of the guard’s test; a guard breaks where it leaves the bound behind (filled diamond). Short ticks along the lower edge mark looks. A stage begins anew.`,
    datasets: { arms: parts.flatMap(({ arms }) => arms.rows), looks, labels },
    table:
      looks.length > 0
        ? { dataset: 'looks', columns: guardColumns(axis) }
        : { dataset: 'labels', columns: labelColumns(axis) },
    fixedWidth: false,
    spec: (theme) => ({ spacing: 18, vconcat: views.map((view, i) => view(i === views.length - 1, theme)) }),
  };
}

/** The guards that this section draws, for those that draw all others. */
export function drawnByOutcomes(run: RunData): Elsewhere | null {
  const outcomes = outcomeMetrics(run);
  if (outcomes === null) return null;
  const guards = outcomes.metrics.flatMap(({ watches }) => watches.map(({ guard }) => guard.name));
  return { guards: new Set(run.policy.guards.filter(({ name }) => guards.includes(name))), section: TITLE };
}

function armsOf(metric: OutcomeMetric, points: readonly MeasurePoint[], axis: TimeAxis): MeasurePanel {
  const { name, description, scale, unit, step } = metric;
  const of = (point: MeasurePoint, arm: 'baseline' | 'candidate' | 'control'): Band | null => {
    const band = meanBand(point.arms[arm], name, step);
    return band && { ...band, value: scale * band.value, low: scale * band.low, high: scale * band.high };
  };
  const subtitle = unit === '' ? description : `${description.replace(/, ms$/, '')}, in ${unit}`;
  return armsPanel({ title: name, subtitle }, of, points, axis);
}

/** What the first of the metric's guards saw; null when none had a value. */
function changeOf({ watches }: OutcomeMetric, axis: TimeAxis): GuardPanel | null {
  const panels = watches.map(({ guard, verdicts }) => guardPanel(guard, verdicts, axis));
  return panels.find(({ rows }) => rows.length > 0) ?? null;
}

function changeSpec(
  metric: OutcomeMetric,
  panel: GuardPanel,
  index: number,
  last: boolean,
  axis: TimeAxis,
  theme: Theme,
): Spec {
  const { guard } = panel;
  const others = metric.watches.filter((watch) => watch.guard.name !== guard.name);
  const spec = guardPanelSpec(panel, index, last, axis, theme, {
    title: `${metric.name}: change since the stage began, %`,
    subtitle: `guard ${guard.name}: ${boundText(guard)}, ${ruleText(guard)} · ${guard.action}`,
    bounds: others.flatMap(boundsOf),
    looks: true,
  });
  return { data: { name: 'looks' }, ...spec };
}

/** Where another guard on the same metric has its bounds. */
function boundsOf({ guard: { name, bound } }: Watch): { value: number; text: string }[] {
  const edges = { drop: [-bound.by], rise: [bound.by], either: [-bound.by, bound.by] }[bound.direction];
  return edges.map((edge) => ({ value: 100 * edge, text: `${name}: ${change(edge)}` }));
}

function labelRows(labels: readonly Counted[], axis: TimeAxis): Row[] {
  const group = Math.ceil(labels.length / MOST_LABELS);
  return labels
    .filter((_, i) => (i + 1) % group === 0 || i === labels.length - 1)
    .map(({ atMs, answered, counted }) => ({
      t: at(axis, atMs),
      answered,
      counted,
      open: Number(((100 * (answered - counted)) / answered).toPrecision(4)),
    }));
}

const labelColumns = (axis: TimeAxis) => [
  { field: 't', label: `time, ${axis.unit}` },
  { field: 'answered', label: 'answered' },
  { field: 'counted', label: 'counted' },
  { field: 'open', label: 'not counted yet, %' },
];

/** How much of what the candidate did nobody can judge yet. */
function labelSpec(last: boolean, axis: TimeAxis, theme: Theme): Spec {
  const x = timeX(axis, last);
  const y = {
    field: 'open',
    type: 'quantitative',
    scale: { domain: [0, 100] },
    axis: { title: null, tickCount: 4, format: '~r' },
  };
  return {
    data: { name: 'labels' },
    width: PLOT_WIDTH,
    height: HEIGHT,
    title: {
      text: 'hidden by label delay, %',
      subtitle: 'of the answers the candidate has given so far: those that do not count yet',
      fontSize: 12,
      offset: 5,
    },
    layer: [
      { mark: { type: 'area', color: theme.state.inconclusive, opacity: 0.35, aria: false }, encoding: { x, y } },
      { mark: { type: 'line', color: theme.muted, strokeWidth: 1.3, aria: false }, encoding: { x, y } },
      ...hover(
        'labels',
        x,
        [
          { field: 't', title: axis.title, format: '.2f' },
          { field: 'answered', title: 'answered', format: ',' },
          { field: 'counted', title: 'counted', format: ',' },
          { field: 'open', title: 'not counted yet, %', format: '.3~r' },
        ],
        theme,
      ),
    ],
  };
}
