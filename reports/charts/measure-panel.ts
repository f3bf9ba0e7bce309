/** A small plot of what requests are measured by: one or two lines with 95 % bands over time. */
import type { Arm } from '../../telemetry/window.ts';
import { type Column, PLOT_WIDTH, type Row, type Spec } from '../chart.ts';
import { type Band, type MeasurePoint, withoutSparse } from '../measure-series.ts';
import type { Theme } from '../theme.ts';
import { at, type TimeAxis } from '../time-axis.ts';
import { armChannels, boundRule, hover, ofArm, timeX } from './parts.ts';

const ARMS: readonly Arm[] = ['baseline', 'candidate'];
const HEIGHT = 104;
/** A line of each arm, or one of its own. */
const LINES = ['baseline', 'candidate', 'value'] as const;

export interface MeasurePanel {
  readonly title: string;
  readonly subtitle: string;
  readonly lines: readonly { readonly field: string; readonly arm: Arm | null }[];
  /** A line at no change. */
  readonly hasZero: boolean;
  /** Bounds across the plot, in its unit. */
  readonly bounds: readonly { readonly value: number; readonly text: string }[];
  readonly rows: readonly Row[];
}

/** Columns of its rows, for the table and the CSV. */
export const measureColumns = (axis: TimeAxis): readonly Column[] => [
  { field: 'panel', label: 'measure' },
  { field: 't', label: `middle, ${axis.unit}` },
  ...LINES.flatMap((line) => [
    { field: line, label: line === 'value' ? 'pairs' : line },
    { field: `${line}_low`, label: `${line === 'value' ? 'pairs' : line} low` },
    { field: `${line}_high`, label: `${line === 'value' ? 'pairs' : line} high` },
  ]),
];

const NO_ROW: Row = Object.fromEntries(
  LINES.flatMap((line) => [line, `${line}_low`, `${line}_high`]).map((name) => [name, null]),
);

const tidy = (value: number): number => Number(value.toPrecision(6));

function rowOf(
  panel: string,
  point: MeasurePoint,
  axis: TimeAxis,
  bands: Readonly<Record<string, Band | null>>,
): Row[] {
  const known = Object.entries(bands).filter(([, band]) => band !== null);
  if (known.length === 0) return [];
  const values = known.flatMap(([line, band]) => [
    [line, tidy(band!.value)],
    [`${line}_low`, tidy(band!.low)],
    [`${line}_high`, tidy(band!.high)],
  ]);
  const t = at(axis, (point.startMs + point.endMs) / 2);
  return [{ panel, t, ...NO_ROW, ...(Object.fromEntries(values) as Row) }];
}

type BandAt = (point: MeasurePoint) => Band | null;
type Head = Pick<MeasurePanel, 'title' | 'subtitle'> & Partial<Pick<MeasurePanel, 'hasZero' | 'bounds'>>;

/** Without rows when there was nothing to draw. */
function panelOf(
  head: Head,
  lines: MeasurePanel['lines'],
  of: Readonly<Record<string, BandAt>>,
  points: readonly MeasurePoint[],
  axis: TimeAxis,
): MeasurePanel {
  const bands = Object.entries(of).map(([line, bandAt]) => [line, withoutSparse(points.map(bandAt))] as const);
  const rows = points.flatMap((point, i) =>
    rowOf(head.title, point, axis, Object.fromEntries(bands.map(([line, each]) => [line, each[i]!]))),
  );
  return { hasZero: false, bounds: [], ...head, lines, rows };
}

/** Both arms over time. */
export function armsPanel(
  head: Head,
  of: (point: MeasurePoint, arm: Arm) => Band | null,
  points: readonly MeasurePoint[],
  axis: TimeAxis,
): MeasurePanel {
  const lines = ARMS.map((arm) => ({ field: arm, arm }));
  const bands = Object.fromEntries(ARMS.map((arm): [string, BandAt] => [arm, (point) => of(point, arm)]));
  return panelOf(head, lines, bands, points, axis);
}

/** One line over time. */
export const singlePanel = (head: Head, of: BandAt, points: readonly MeasurePoint[], axis: TimeAxis): MeasurePanel =>
  panelOf(head, [{ field: 'value', arm: null }], { value: of }, points, axis);

/** `index` keeps the names of several plots of one chart apart; `last`: it carries the axis' labels. */
export function measurePanelSpec(
  panel: MeasurePanel,
  index: number,
  last: boolean,
  axis: TimeAxis,
  theme: Theme,
): Spec {
  const x = timeX(axis, last);
  const scale = { zero: false, nice: true, domain: domainOf(panel) };
  const yAxis = { title: null, tickCount: 4, format: '~r' };
  const colour = (arm: Arm | null): string => theme.arm[arm ?? 'candidate'];
  const zero = {
    data: { values: [{ zero: 0 }] },
    mark: { type: 'rule', color: theme.threshold, strokeDash: [2, 2], strokeWidth: 1.2, aria: false },
    encoding: { y: { field: 'zero', type: 'quantitative' } },
  };
  const invalid = 'break-paths-show-path-domains';
  return {
    width: PLOT_WIDTH,
    height: HEIGHT,
    title: { text: panel.title, subtitle: panel.subtitle, fontSize: 12, offset: 5 },
    transform: [{ filter: { field: 'panel', equal: panel.title } }],
    layer: [
      ...(panel.hasZero ? [zero] : []),
      ...panel.bounds.map(({ value, text }) => boundRule(value, text, theme)),
      ...panel.lines.map(({ field, arm }) => ({
        mark: { type: 'area', color: colour(arm), opacity: 0.22, clip: true, aria: false, invalid },
        encoding: {
          x,
          y: { field: `${field}_low`, type: 'quantitative', stack: null, scale, axis: yAxis },
          y2: { field: `${field}_high` },
        },
      })),
      ...panel.lines.map(({ field, arm }) => ({
        ...(arm === null ? {} : { transform: [ofArm(arm)] }),
        mark: {
          type: 'line',
          strokeWidth: 1.8,
          clip: true,
          aria: false,
          invalid,
          ...(arm === null ? { color: colour(null) } : {}),
        },
        encoding: { x, y: { field, type: 'quantitative' }, ...(arm === null ? {} : armChannels(ARMS, theme)) },
      })),
      ...hover(
        `measure_${index}`,
        x,
        [
          { field: 't', title: axis.title, format: '.2f' },
          ...panel.lines.map(({ field, arm }) => ({ field, title: arm ?? panel.title, format: '.4~r' })),
        ],
        theme,
      ),
    ],
  };
}

/** All lines, and all but the widest twentieth of the bands: one point at the edge of a stage must not flatten the rest. */
function domainOf({ rows, lines, hasZero, bounds }: MeasurePanel): [number, number] {
  const of = (suffix: string): number[] =>
    rows
      .flatMap((row) => lines.map(({ field }) => row[`${field}${suffix}`] as number | null))
      .filter((v) => v !== null);
  const [lows, highs] = [of('_low').toSorted((a, b) => a - b), of('_high').toSorted((a, b) => a - b)];
  const values = [...of(''), ...(hasZero ? [0] : []), ...bounds.map(({ value }) => value)];
  const from = Math.min(...values, lows[Math.floor(0.05 * lows.length)]!);
  const to = Math.max(...values, highs[Math.ceil(0.95 * highs.length) - 1]!);
  const margin = (to - from || Math.abs(to) || 1) * 0.06;
  return [from - margin, to + margin];
}
