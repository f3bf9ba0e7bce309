import { type Chart, type LeftOut, PLOT_WIDTH, type Row, type Spec } from '../chart.ts';
import { citiesOf, type City, rowOf, shiftOf } from '../cities.ts';
import { fitText } from '../lanes.ts';
import type { RunData } from '../run-data.ts';
import { ScoreTotal } from '../../telemetry/scores.ts';
import type { Theme } from '../theme.ts';
import { at, type TimeAxis } from '../time-axis.ts';
import { timeX } from './parts.ts';

/** Points per city at most; with fewer requests of users behind it than this a median says little. */
const POINTS = 60;
const FEWEST = 150;
const ROW = 24;
const PANEL = 54;
const TEXT = 10.5;
/** The alert of the field. */
const BOUND = 10;

/** City by city: in which order they met the candidate, and how far its median prediction was from the baseline's there. */
export function citiesChart(run: RunData, axis: TimeAxis): Chart | LeftOut {
  const head = { id: 'cities', title: 'City by city' };
  const cities = citiesOf(run);
  if (cities.every(({ openedMs }) => openedMs === null))
    return { ...head, because: 'no user of any city met the candidate' };
  const order = cities.map(({ segment }) => segment);
  const opened = cities.filter(({ openedMs }) => openedMs !== null).map(({ segment }) => segment);
  const shifts = opened.flatMap((segment) => shiftRows(run, segment, axis));
  return {
    ...head,
    finding: findingOf(cities),
    note: `Above: which city’s users met the candidate when, and at which share. Below: the candidate’s median prediction against the baseline’s in the same city and the same minutes, in percent; dashed at ±${BOUND} %. Points stand for at least ${FEWEST} answers of the candidate.`,
    datasets: { expansion: order.flatMap((segment) => expansionRows(run, segment, axis)), shifts },
    table: {
      dataset: 'shifts',
      columns: [
        { field: 'city', label: 'city' },
        { field: 't', label: `time, ${axis.unit}` },
        { field: 'shift', label: 'median shift, %' },
        { field: 'answers', label: 'answers of the candidate' },
      ],
    },
    fixedWidth: true,
    spec: (theme) => ({
      spacing: 14,
      vconcat: [expansionView(order, axis, theme), shiftView(opened, axis, theme, shifts)],
    }),
  };
}

function expansionRows({ outcome }: RunData, segment: string, axis: TimeAxis): Row[] {
  return outcome.stages.flatMap(({ name, weightPercent, segments, startMs, endMs }) => {
    const open = weightPercent > 0 && (segments === undefined || segments.includes(segment));
    const [start, end] = [at(axis, startMs), Math.min(axis.end, at(axis, endMs))];
    if (!open || end <= start) return [];
    const label = fitText(`${weightPercent} %`, ((end - start) / axis.end) * PLOT_WIDTH - 4, TEXT);
    return [{ city: segment, stage: name, weight: weightPercent, start, end, label }];
  });
}

function shiftRows({ windows, header }: RunData, segment: string, axis: TimeAxis): Row[] {
  const group = Math.max(1, Math.ceil(windows.length / POINTS));
  const rows: Row[] = [];
  let [baseline, candidate] = [new ScoreTotal(header.scoreGrid), new ScoreTotal(header.scoreGrid)];
  for (const [i, window] of windows.entries()) {
    const b = rowOf(window, 'baseline', segment);
    const c = rowOf(window, 'candidate', segment);
    // Copies have no users; in shadow the shift by percentile says more.
    if (b !== undefined && c !== undefined && c.mirrored === 0 && c.scores.count > 0) {
      baseline.add(b.scores);
      candidate.add(c.scores);
    }
    if ((i + 1) % group !== 0 && i < windows.length - 1) continue;
    if (candidate.count < FEWEST) {
      // A thin city waits for more; one that is not open yet has nothing to wait for.
      if (candidate.count === 0) rows.push({ city: segment, t: at(axis, window.endMs), shift: null, answers: 0 });
      continue;
    }
    const shift = shiftOf(baseline.quantile(0.5), candidate.quantile(0.5));
    rows.push({
      city: segment,
      t: at(axis, window.endMs),
      shift: shift === null ? null : Number((100 * shift).toPrecision(4)),
      answers: candidate.count,
    });
    [baseline, candidate] = [new ScoreTotal(header.scoreGrid), new ScoreTotal(header.scoreGrid)];
  }
  return rows;
}

function expansionView(order: readonly string[], axis: TimeAxis, theme: Theme): Spec {
  const x = timeX(axis, false, 'start');
  const y = {
    field: 'city',
    type: 'nominal',
    sort: order,
    scale: { domain: order },
    axis: { title: null, grid: true, tickBand: 'extent', domain: false },
  };
  return {
    data: { name: 'expansion' },
    width: PLOT_WIDTH,
    height: order.length * ROW,
    layer: [
      {
        mark: { type: 'bar', height: { band: 0.8 }, color: theme.arm.candidate, stroke: theme.ink, strokeWidth: 0.6 },
        encoding: {
          x,
          x2: { field: 'end' },
          y,
          opacity: {
            field: 'weight',
            type: 'quantitative',
            scale: { type: 'sqrt', domain: [0, 100], range: [0.1, 0.85] },
            legend: null,
          },
          tooltip: [
            { field: 'city' },
            { field: 'stage' },
            { field: 'weight', type: 'quantitative', title: 'weight, %' },
          ],
        },
      },
      {
        mark: { type: 'text', align: 'left', dx: 4, fontSize: TEXT, color: theme.ink },
        encoding: { x, y, text: { field: 'label' } },
      },
    ],
  };
}

function shiftView(opened: readonly string[], axis: TimeAxis, theme: Theme, shifts: readonly Row[]): Spec {
  const most = shifts.reduce((far, { shift }) => Math.max(far, Math.abs((shift as number | null) ?? 0)), 1.5 * BOUND);
  const y = {
    field: 'shift',
    type: 'quantitative',
    scale: { domain: [-most * 1.08, most * 1.08], nice: false },
    axis: { title: null, values: [-BOUND, 0, BOUND], format: '+~r' },
  };
  return {
    spacing: 4,
    vconcat: opened.map((city, i) => ({
      width: PLOT_WIDTH,
      height: PANEL,
      title: { text: `${city}: median shift, %`, fontSize: 11, anchor: 'start', frame: 'group', offset: 2 },
      layer: [
        {
          data: { values: [{ bound: -BOUND }, { bound: BOUND }] },
          mark: { type: 'rule', color: theme.threshold, strokeWidth: 1, strokeDash: [2, 2], aria: false },
          encoding: { y: { field: 'bound', type: 'quantitative' } },
        },
        {
          data: { name: 'shifts' },
          transform: [{ filter: { field: 'city', equal: city } }],
          mark: {
            type: 'line',
            color: theme.arm.candidate,
            strokeWidth: 1.6,
            point: { size: 16, color: theme.arm.candidate, filled: true },
            aria: false,
          },
          encoding: { x: timeX(axis, i === opened.length - 1), y },
        },
      ],
    })),
  };
}

function findingOf(cities: readonly City[]): string {
  const of = (verdict: City['verdict']): string[] =>
    cities.filter((city) => city.verdict === verdict).map(({ segment }) => segment);
  const stopped = cities.find(({ verdict }) => verdict === 'stopped here');
  const parts = [
    stopped === undefined ? '' : `stopped in ${stopped.segment} by ${stopped.guard}`,
    of('passed').length === 0 ? '' : `passed in ${of('passed').join(', ')}`,
    of('inconclusive').length === 0 ? '' : `open in ${of('inconclusive').join(', ')}`,
    of('not reached').length === 0 ? '' : `never reached ${of('not reached').join(', ')}`,
  ].filter((part) => part !== '');
  return `${capital(parts.join('; '))}.`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
