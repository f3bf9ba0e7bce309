/** What requests are measured by, over time: both arms with bands, the change on the same requests, and what lists have in common. */
import type { MeasureOutcome, Outcome } from '../../outcome.ts';
import type { MeasureInfo } from '../../telemetry/measures.ts';
import type { Arm } from '../../telemetry/window.ts';
import { type Chart, type LeftOut, PLOT_WIDTH, type Row, type Spec } from '../chart.ts';
import { change, count, duration, number } from '../format.ts';
import { type Band, meanBand, type MeasurePoint, measurePoints, pairedBand, withoutSparse } from '../measure-series.ts';
import type { RunData } from '../run-data.ts';
import type { Theme } from '../theme.ts';
import { at, type TimeAxis } from '../time-axis.ts';
import { armChannels, hover, ofArm, timeX } from './parts.ts';

const ARMS: readonly Arm[] = ['baseline', 'candidate'];
const HEIGHT = 104;
const ID = 'measures';

/** One small plot: the lines of arms, or a single one. */
interface Panel {
  readonly title: string;
  readonly subtitle: string;
  readonly lines: readonly { readonly field: string; readonly arm: Arm | null }[];
  /** A line at no change. */
  readonly hasZero: boolean;
  readonly rows: readonly Row[];
}

export function measuresChart(run: RunData, axis: TimeAxis): Chart | LeftOut | null {
  const { measures, pairMeasures = [] } = run.header;
  if (measures === undefined) return null;
  const head = { id: ID, title: 'Measures over time' };
  const points = measurePoints(run.windows);
  const panels = [
    ...measures.flatMap((info) => panelsOf(info, points, axis)),
    ...pairMeasures.map((info) => ownPanel(info, points, axis)),
  ].filter(({ rows }) => rows.length > 0);
  if (panels.length === 0) return { ...head, because: 'no request was measured' };
  const span = duration((points[0]?.endMs ?? 0) - (points[0]?.startMs ?? 0));
  return {
    ...head,
    finding: findingOf(run.outcome),
    note: `Each point covers ${span}; bands are 95 % intervals of the mean, x̄ ± 1.96 s/√n, for one look. A change on the same requests is the candidate’s mean over the baseline’s where both answered; what differs between requests cancels in it.`,
    datasets: { [ID]: panels.flatMap(({ rows }) => rows) },
    table: {
      dataset: ID,
      columns: [
        { field: 'panel', label: 'measure' },
        { field: 't', label: `middle, ${axis.unit}` },
        ...['baseline', 'candidate', 'value'].flatMap((line) => [
          { field: line, label: line === 'value' ? 'pairs' : line },
          { field: `${line}_low`, label: `${line === 'value' ? 'pairs' : line} low` },
          { field: `${line}_high`, label: `${line === 'value' ? 'pairs' : line} high` },
        ]),
      ],
    },
    fixedWidth: false,
    spec: (theme) => ({
      data: { name: ID },
      spacing: 18,
      vconcat: panels.map((panel, i) => panelSpec(panel, i, i === panels.length - 1, axis, theme)),
    }),
  };
}

const NO_ROW: Row = Object.fromEntries(
  ['baseline', 'candidate', 'value']
    .flatMap((line) => [line, `${line}_low`, `${line}_high`])
    .map((name) => [name, null]),
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

type Bands = Readonly<Record<string, (point: MeasurePoint) => Band | null>>;

/** A panel whose lines are these, by field. */
function panelOf(
  head: Pick<Panel, 'title' | 'subtitle' | 'lines' | 'hasZero'>,
  of: Bands,
  points: readonly MeasurePoint[],
  axis: TimeAxis,
): Panel {
  const bands = Object.entries(of).map(([line, bandAt]) => [line, withoutSparse(points.map(bandAt))] as const);
  const rows = points.flatMap((point, i) =>
    rowOf(head.title, point, axis, Object.fromEntries(bands.map(([line, each]) => [line, each[i]!]))),
  );
  return { ...head, rows };
}

const single = [{ field: 'value', arm: null }] as const;

function panelsOf({ name, description, step }: MeasureInfo, points: readonly MeasurePoint[], axis: TimeAxis): Panel[] {
  const meanOf = (arm: Arm) => (point: MeasurePoint) => meanBand(point.arms[arm], name, step);
  const arms = { title: name, subtitle: description, lines: ARMS.map((arm) => ({ field: arm, arm })), hasZero: false };
  const moved = { title: `${name}: change`, subtitle: 'on the same requests, %', lines: single, hasZero: true };
  return [
    panelOf(arms, { baseline: meanOf('baseline'), candidate: meanOf('candidate') }, points, axis),
    panelOf(moved, { value: (point) => pairedBand(point.pairs, name) }, points, axis),
  ];
}

function ownPanel({ name, description, step }: MeasureInfo, points: readonly MeasurePoint[], axis: TimeAxis): Panel {
  const head = { title: name, subtitle: `${description}, of mirrored pairs`, lines: single, hasZero: false };
  return panelOf(head, { value: (point) => meanBand(point.own, name, step) }, points, axis);
}

function panelSpec(panel: Panel, index: number, last: boolean, axis: TimeAxis, theme: Theme): Spec {
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
function domainOf({ rows, lines, hasZero }: Panel): [number, number] {
  const of = (suffix: string): number[] =>
    rows
      .flatMap((row) => lines.map(({ field }) => row[`${field}${suffix}`] as number | null))
      .filter((v) => v !== null);
  const [lows, highs] = [of('_low').toSorted((a, b) => a - b), of('_high').toSorted((a, b) => a - b)];
  const values = [...of(''), ...(hasZero ? [0] : [])];
  const from = Math.min(...values, lows[Math.floor(0.05 * lows.length)]!);
  const to = Math.max(...values, highs[Math.ceil(0.95 * highs.length) - 1]!);
  const margin = (to - from || Math.abs(to) || 1) * 0.06;
  return [from - margin, to + margin];
}

function findingOf({ measures = [], pairMeasures = [] }: Outcome): string {
  const parts = [
    ...measures.filter((each) => each.baseline !== null || each.candidate !== null).map(wordsOf),
    ...pairMeasures.map(({ name, mean, low, high }) => `${name} ${number(mean)} (${number(low)} to ${number(high)})`),
  ];
  return `${parts.join('; ')}.`;
}

function wordsOf({ name, baseline, candidate, paired }: MeasureOutcome): string {
  if (paired !== null)
    return `${name} ${number(paired.candidate, 4)} against ${number(paired.baseline, 4)} on ${count(paired.pairs)} requests that both answered: ${change(paired.change)} (95 %: ${change(paired.low)} to ${change(paired.high)})`;
  return `${name} ${number(candidate?.mean ?? null, 4)} against ${number(baseline?.mean ?? null, 4)}`;
}
