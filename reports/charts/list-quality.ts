/** The quality of lists: how far each measure moved, against the policy's margins, what the lists have in common, and both over time. */
import { type Chart, type LeftOut, PLOT_WIDTH, type Row, type Spec } from '../chart.ts';
import { change, duration, number } from '../format.ts';
import { edgesOf, type ListMeasure, type ListQuality, listQuality, type PairMeasure } from '../list-quality.ts';
import { listWords } from '../list-words.ts';
import { meanBand, type MeasurePoint, measurePoints, pairedBand } from '../measure-series.ts';
import { boundText } from '../metric.ts';
import type { RunData } from '../run-data.ts';
import type { Theme } from '../theme.ts';
import type { TimeAxis } from '../time-axis.ts';
import { armsPanel, measureColumns, type MeasurePanel, measurePanelSpec, singlePanel } from './measure-panel.ts';

const ID = 'list-quality';
const ROW = 40;
/** The lower half of a row is for marks, the upper one for what is said of it. */
const MARKS = { height: 20, yOffset: 9 } as const;

/** Null for a run that measures no lists. */
export function listQualityChart(run: RunData, axis: TimeAxis): Chart | LeftOut | null {
  const lists = listQuality(run);
  if (lists === null) return null;
  const title = lists.inShadow ? 'List quality, before any user saw it' : 'List quality';
  const moved = lists.measures.filter((measure) => measure.change !== null);
  if (moved.length === 0) return { id: ID, title, because: 'no list was measured in both arms' };
  const points = measurePoints(run.windows);
  const panels = panelsOf(lists, run, points, axis);
  const [from, to] = domainOf(moved);
  const span = duration(points[0]!.endMs - points[0]!.startMs);
  const views = (theme: Theme): Spec[] => [
    changesView([from, to], moved.length, lists.inShadow, theme),
    ...(lists.pairs.length === 0 ? [] : [commonView(lists.pairs.length, theme)]),
    ...panels.map((panel, i) => measurePanelSpec(panel, i, i === panels.length - 1, axis, theme)),
  ];
  return {
    id: ID,
    title,
    finding: listWords(lists),
    note: `Above: the candidate’s mean over the baseline’s${lists.inShadow ? ' on the same requests, so that what differs between requests cancels' : ''}, with its 95 % interval at one look; shaded is what a guard of the policy does not allow. Below, over the whole run: each point covers ${span}, bands are 95 % intervals of the mean, x̄ ± 1.96 s/√n.`,
    datasets: {
      changes: moved.map(changeRow),
      beyond: moved.flatMap((measure) => beyondRows(measure, from, to)),
      common: lists.pairs.map((pair) => commonRow(pair, run)),
      lists: panels.flatMap(({ rows }) => rows),
    },
    table: { dataset: 'lists', columns: measureColumns(axis) },
    fixedWidth: false,
    spec: (theme) => ({ data: { name: 'lists' }, spacing: 18, vconcat: views(theme) }),
  };
}

const inPercent = (fraction: number): number => Number((100 * fraction).toPrecision(5));

const COLOURS = { within: 'pass', beyond: 'breach', open: 'over' } as const;

function changeRow({ name, description, change: moved, margin, standing }: ListMeasure): Row {
  const { value, low, high } = moved!;
  const against = margin === null ? 'no guard on it' : `${margin.guard.name}: ${boundText(margin.guard)}`;
  return {
    name,
    head: `${name} · ${description} · ${against}`,
    value: inPercent(value),
    low: inPercent(low),
    high: inPercent(high),
    said: `${change(value)} (${change(low)} to ${change(high)})${standing === 'beyond' ? ' ✗' : standing === 'within' ? ' ✓' : ''}`,
    state: standing === null ? 'none' : COLOURS[standing],
  };
}

/** What the margin does not allow, up to the plot's edge. */
function beyondRows({ name, margin }: ListMeasure, from: number, to: number): Row[] {
  if (margin === null) return [];
  return edgesOf(margin).map((edge) => ({
    name,
    edge: inPercent(edge),
    end: edge < 0 || margin.bound.direction === 'drop' ? from : to,
  }));
}

/** All intervals and margins, in percent, and no change. */
function domainOf(moved: readonly ListMeasure[]): [number, number] {
  const values = moved.flatMap(({ change: interval, margin }) => [
    interval!.low,
    interval!.high,
    ...(margin === null ? [] : edgesOf(margin)),
  ]);
  const [from, to] = [100 * Math.min(0, ...values), 100 * Math.max(0, ...values)];
  const room = (to - from || 1) * 0.08;
  return [from - room, to + room];
}

/** The guard that wants a measure of pairs to be no less than a number. */
function floorOf({ policy }: RunData, name: string): { readonly value: number; readonly text: string } | null {
  for (const guard of policy.guards) {
    const { metric, bound } = guard;
    if (
      metric.kind === 'measure' &&
      metric.name === name &&
      bound?.kind === 'absolute' &&
      bound.breachWhen.startsWith('<')
    )
      return { value: bound.value, text: `${guard.name}: ${guard.action} ${boundText(guard)}` };
  }
  return null;
}

function commonRow({ name, description, band }: PairMeasure, run: RunData): Row {
  const floor = floorOf(run, name);
  return {
    name,
    head: `${name} · ${description}${floor === null ? '' : ` · ${floor.text}`}`,
    value: Number(band.value.toPrecision(5)),
    said: `${number(band.value, 4)} (${number(band.low, 4)} to ${number(band.high, 4)})`,
    floor: floor?.value ?? null,
  };
}

/** What is said of a row, above it: what it is on the left, what was found on the right. */
function rowTexts(y: Spec, theme: Theme): Spec[] {
  const text = (field: string, align: 'left' | 'right', x: number): Spec => ({
    mark: {
      type: 'text',
      align,
      baseline: 'bottom',
      dy: -3,
      fontSize: 11,
      color: align === 'left' ? theme.muted : theme.ink,
    },
    encoding: { y, x: { value: x }, text: { field } },
  });
  return [text('head', 'left', 4), text('said', 'right', PLOT_WIDTH - 4)];
}

const rowY = (rows: number): Spec => ({
  field: 'name',
  type: 'nominal',
  sort: null,
  axis: null,
  scale: { range: [0, rows * ROW] },
});

function changesView(domain: readonly [number, number], rows: number, inShadow: boolean, theme: Theme): Spec {
  const y = rowY(rows);
  const scale = { domain, nice: false };
  const along = { type: 'quantitative', scale, axis: { title: null, format: '~r', grid: false } };
  const x = { field: 'value', ...along };
  // No scale: the panels below have one for the colours of arms.
  const colour = {
    condition: (['pass', 'over', 'breach'] as const).map((state) => ({
      test: `datum.state == '${state}'`,
      value: theme.state[state],
    })),
    value: theme.muted,
  };
  return {
    data: { name: 'changes' },
    width: PLOT_WIDTH,
    height: rows * ROW,
    title: {
      text: `The candidate’s mean against the baseline’s, %`,
      subtitle: `${inShadow ? 'on the same requests, before any user saw the candidate; ' : ''}point and 95 % interval; shaded: not allowed`,
      fontSize: 12,
      offset: 5,
    },
    layer: [
      {
        data: { name: 'beyond' },
        mark: { type: 'bar', ...MARKS, color: theme.state.breach, opacity: 0.2, aria: false },
        encoding: { y, x: { ...x, field: 'edge' }, x2: { field: 'end' } },
      },
      {
        mark: {
          type: 'tick',
          size: MARKS.height,
          yOffset: MARKS.yOffset,
          color: theme.threshold,
          thickness: 1.2,
          aria: false,
        },
        encoding: { y, x: { datum: 0, ...along } },
      },
      {
        mark: { type: 'rule', strokeWidth: 3, aria: false, yOffset: MARKS.yOffset },
        encoding: { y, x: { ...x, field: 'low' }, x2: { field: 'high' }, color: colour },
      },
      {
        mark: {
          type: 'point',
          filled: true,
          size: 90,
          opacity: 1,
          stroke: theme.ink,
          strokeWidth: 0.8,
          yOffset: MARKS.yOffset,
        },
        encoding: {
          y,
          x,
          color: colour,
          tooltip: [
            { field: 'name', title: 'measure' },
            { field: 'said', title: 'change' },
          ],
        },
      },
      ...rowTexts(y, theme),
    ],
  };
}

function commonView(rows: number, theme: Theme): Spec {
  const y = rowY(rows);
  const x = {
    field: 'value',
    type: 'quantitative',
    scale: { domain: [0, 1], nice: false },
    axis: { title: null, format: '~r', grid: false, tickCount: 5 },
  };
  return {
    data: { name: 'common' },
    width: PLOT_WIDTH,
    height: rows * ROW,
    title: {
      text: 'What both lists have in common',
      subtitle: 'of mirrored pairs: 1 is the same list',
      fontSize: 12,
      offset: 5,
    },
    layer: [
      {
        transform: [{ filter: 'isValid(datum.floor)' }],
        mark: { type: 'bar', ...MARKS, color: theme.state.breach, opacity: 0.2, aria: false },
        encoding: { y, x: { ...x, field: 'floor' }, x2: { datum: 0 } },
      },
      {
        mark: { type: 'bar', height: 9, color: theme.arm.candidate, yOffset: MARKS.yOffset },
        encoding: { y, x, tooltip: [{ field: 'name' }, { field: 'said', title: 'mean' }] },
      },
      ...rowTexts(y, theme),
    ],
  };
}

/** Every measure over the whole run: both arms, and the change on the same requests against the margin; then those of pairs. */
function panelsOf(lists: ListQuality, run: RunData, points: readonly MeasurePoint[], axis: TimeAxis): MeasurePanel[] {
  const { measures = [], pairMeasures = [] } = run.header;
  const panels = [
    ...measures.flatMap(({ name, description, step }) => {
      const margin = lists.measures.find((measure) => measure.name === name)?.margin ?? null;
      const bounds = (margin === null ? [] : edgesOf(margin)).map((edge) => ({
        value: 100 * edge,
        text: `${margin!.guard.name}: ${change(edge)}`,
      }));
      const moved = { title: `${name}: change`, subtitle: 'on the same requests, %', hasZero: true, bounds };
      return [
        armsPanel(
          { title: name, subtitle: description },
          (point, arm) => meanBand(point.arms[arm], name, step),
          points,
          axis,
        ),
        singlePanel(moved, (point) => pairedBand(point.pairs, name), points, axis),
      ];
    }),
    ...pairMeasures.map(({ name, description, step }) => {
      const floor = floorOf(run, name);
      const head = {
        title: name,
        subtitle: `${description}, of mirrored pairs`,
        bounds: floor === null ? [] : [floor],
      };
      return singlePanel(head, (point) => meanBand(point.own, name, step), points, axis);
    }),
  ];
  return panels.filter(({ rows }) => rows.length > 0);
}
