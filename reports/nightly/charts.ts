/** What moved tonight, and how it came about night by night. */
import type { FigureComparison, Status } from '../../nightly/compare-nights.ts';
import type { NightResult } from '../../nightly/result.ts';
import { type Chart, type LeftOut, PLOT_WIDTH, type Row, type Spec } from '../chart.ts';
import { plural } from '../format.ts';
import type { Theme } from '../theme.ts';
import { effectText, intervalText, valueText } from './words.ts';

/** More lines than this are no picture but a table. */
const MOST_EFFECTS = 40;
const MOST_PANELS = 12;
const LINE = 18;

const DRAWN: readonly Status[] = ['worse', 'unclear', 'within', 'better'];
const SHAPES = ['square', 'diamond', 'circle', 'triangle-up'];

const colours = (theme: Theme): readonly string[] => [
  theme.state.breach,
  theme.state.inconclusive,
  theme.state.pass,
  theme.arm.control,
];

/** In tolerances, above 0 being worse. */
const inTolerances = ({ worse, tolerance }: FigureComparison, value: number): number =>
  ((worse === 'more' ? 1 : -1) * value) / tolerance;

const nameOf = ({ rehearsal, title }: FigureComparison): string => `${rehearsal}: ${title}`;

/** The unit a figure is drawn in: hours are no number of milliseconds. */
function drawnIn({ unit, tonight }: FigureComparison): { readonly divisor: number; readonly name: string } {
  if (unit !== 'ms') return { divisor: 1, name: '' };
  return tonight < 60_000 ? { divisor: 1, name: ', ms' } : { divisor: 60_000, name: ', minutes' };
}
const panelOf = (figure: FigureComparison): string => `${nameOf(figure)}${drawnIn(figure).name}`;

/** Effects with their intervals, in units of what is tolerated; the worst first. */
export function effectsChart({ comparison }: NightResult): Chart | LeftOut {
  const head = { id: 'effects', title: 'What moved tonight' };
  const moved = comparison.figures
    .filter(({ status, tolerance }) => DRAWN.includes(status) && tolerance > 0)
    .map((figure) => ({ figure, place: inTolerances(figure, figure.effect) }))
    .toSorted((a, b) => b.place - a.place);
  if (moved.length === 0)
    return {
      ...head,
      because: comparison.nights === 0 ? 'there is no night before' : 'no figure with a tolerance moved',
    };
  const shown = moved.slice(0, MOST_EFFECTS);
  const data = shown.map(({ figure, place }): Row => {
    const ends = [figure.low!, figure.high!].map((value) => inTolerances(figure, value)).toSorted((a, b) => a - b);
    return {
      name: nameOf(figure),
      status: figure.status,
      place,
      from: ends[0]!,
      to: ends[1]!,
      before: valueText(figure, figure.before),
      tonight: valueText(figure, figure.tonight),
      effect: effectText(figure),
      interval: intervalText(figure),
    };
  });
  const [worst] = shown;
  const left = moved.length - shown.length;
  return {
    ...head,
    finding: `${plural(moved.length, 'figure')} moved; the most for the worse, or the least for the better: ${nameOf(worst!.figure)}, ${effectText(worst!.figure)}.`,
    note: `To the right is worse. Inside the band is tolerated; a regression has its whole interval beyond it. Intervals longer than the picture are cut.${left > 0 ? ` ${plural(left, 'figure')} that moved less are in the table below alone.` : ''}`,
    datasets: { effects: data },
    table: {
      dataset: 'effects',
      columns: [
        { field: 'name', label: 'figure' },
        { field: 'status', label: 'so it is' },
        { field: 'before', label: 'before' },
        { field: 'tonight', label: 'tonight' },
        { field: 'effect', label: 'effect' },
        { field: 'interval', label: 'interval' },
      ],
    },
    fixedWidth: false,
    spec: (theme) => effectsSpec(data, theme),
  };
}

const by = (range: readonly string[]): Spec => ({
  field: 'status',
  type: 'nominal',
  title: null,
  scale: { domain: DRAWN, range },
});

function effectsSpec(data: readonly Row[], theme: Theme): Spec {
  const names = data.map((row) => row['name'] as string);
  const most = Math.max(2, ...data.map((row) => Math.abs(row['place'] as number) * 1.3));
  const y = { field: 'name', type: 'nominal', sort: names, axis: { title: null, labelLimit: 330, grid: true } };
  const x = (field: string): Spec => ({
    field,
    type: 'quantitative',
    scale: { domain: [-most, most], nice: false, clamp: true },
    axis: { title: 'effect in tolerances; right is worse', grid: false },
  });
  const tooltip = ['name', 'status', 'before', 'tonight', 'effect', 'interval'].map((field) => ({
    field,
    title: field,
  }));
  return {
    data: { name: 'effects' },
    width: PLOT_WIDTH - 340,
    height: names.length * LINE + 10,
    layer: [
      {
        data: { values: [{ from: -1, to: 1 }] },
        mark: { type: 'rect', color: theme.state.pass, opacity: 0.14, aria: false },
        encoding: { x: x('from'), x2: { field: 'to' } },
      },
      {
        mark: { type: 'rule', strokeWidth: 2, aria: false },
        encoding: { x: x('from'), x2: { field: 'to' }, y, color: by(colours(theme)), tooltip },
      },
      {
        mark: { type: 'point', filled: true, size: 60, opacity: 1, aria: false },
        encoding: { x: x('place'), y, color: by(colours(theme)), shape: by(SHAPES), tooltip },
      },
    ],
  };
}

/** The figures that are worse or better, and speeds, night by night. */
export function historyChart({ night, comparison }: NightResult): Chart | LeftOut {
  const head = { id: 'nights', title: 'Night by night' };
  if (comparison.nights === 0) return { ...head, because: 'there is no night before' };
  const speed = comparison.figures.filter(({ figure }) => figure === 'speed');
  const told = comparison.figures.filter(({ status }) => status === 'worse' || status === 'better');
  const panels = [...new Set([...told, ...speed])].slice(0, MOST_PANELS);
  if (panels.length === 0) return { ...head, because: 'nothing got worse or better' };
  const dates = [...comparison.dates, night.date];
  const data = panels.flatMap((figure) =>
    [...figure.past, figure.tonight].flatMap((value, at): Row[] =>
      value === null
        ? []
        : [
            {
              panel: panelOf(figure),
              at,
              night: dates[at]!,
              value: value / drawnIn(figure).divisor,
              text: valueText(figure, value),
              tonight: at === dates.length - 1,
            },
          ],
    ),
  );
  return {
    ...head,
    finding: `${plural(panels.length, 'figure')} over ${plural(dates.length, 'night')}, tonight the last.`,
    note: 'Means over the seeds (ratios: geometric) of rehearsals that were the same in all that was asked for. Every panel has a scale of its own.',
    datasets: { nights: data },
    table: {
      dataset: 'nights',
      columns: [
        { field: 'panel', label: 'figure' },
        { field: 'night', label: 'night' },
        { field: 'text', label: 'value' },
      ],
    },
    fixedWidth: false,
    spec: (theme) => historySpec(panels.map(panelOf), dates, theme),
  };
}

function historySpec(panels: readonly string[], dates: readonly string[], theme: Theme): Spec {
  const labels = dates.map((date) => date.slice(5));
  return {
    data: { name: 'nights' },
    facet: {
      field: 'panel',
      type: 'nominal',
      title: null,
      sort: panels,
      header: { labelLimit: 400, labelAnchor: 'start', labelColor: theme.ink },
    },
    columns: 2,
    // Every panel its own axis: on a narrow screen they stand in one column.
    resolve: { scale: { y: 'independent' }, axis: { x: 'independent' } },
    spec: {
      width: (PLOT_WIDTH - 80) / 2,
      height: 110,
      layer: [
        {
          mark: { type: 'line', color: theme.arm.baseline, strokeWidth: 1.5, aria: false },
          encoding: { x: nightX(labels), y: VALUE },
        },
        {
          mark: { type: 'point', filled: true, size: 50, opacity: 1, aria: false },
          encoding: {
            x: nightX(labels),
            y: VALUE,
            color: { condition: { test: 'datum.tonight', value: theme.arm.candidate }, value: theme.arm.baseline },
            shape: { condition: { test: 'datum.tonight', value: 'diamond' }, value: 'circle' },
            tooltip: [
              { field: 'night', title: 'night' },
              { field: 'text', title: 'value' },
            ],
          },
        },
      ],
    },
  };
}

const VALUE: Spec = {
  field: 'value',
  type: 'quantitative',
  scale: { zero: false },
  axis: { title: null, tickCount: 4 },
};

function nightX(labels: readonly string[]): Spec {
  const step = Math.max(1, Math.ceil(labels.length / 7));
  return {
    field: 'at',
    type: 'quantitative',
    scale: { domain: [-0.2, labels.length - 0.8], nice: false },
    axis: {
      title: null,
      grid: false,
      values: labels.flatMap((_, at) => ((labels.length - 1 - at) % step === 0 ? [at] : [])),
      labelExpr: `${JSON.stringify(labels)}[datum.value]`,
    },
  };
}
