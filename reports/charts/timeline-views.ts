/** The four rows of the timeline: event labels, stages, the candidate's share, and the guards. */
import { PLOT_WIDTH, type Spec } from '../chart.ts';
import type { Event } from '../events.ts';
import { STATE_WORDS, STATES } from '../guard-log.ts';
import type { RunData } from '../run-data.ts';
import type { Theme } from '../theme.ts';
import type { TimeAxis } from '../time-axis.ts';
import { timeX } from './parts.ts';

/** Font sizes of events and stages, and heights of a lane of labels and of a row, px. */
export const LABEL_SIZE = 11;
export const STAGE_TEXT = 11;
const LANE = 17;
const ROW = 24;

/** One layer per kind of event, colour and dash as constants: as scales they would mix with the guards' colours. */
function eventRules(x: Spec, theme: Theme, lane: Spec | null = null): Spec[] {
  const kinds: readonly [Event['kind'], string, readonly number[]][] = [
    ['decision', theme.ink, [1, 0]],
    ['alert', theme.muted, [2, 2]],
    ['onset', theme.onset, [6, 2]],
    ['fault', theme.fault, [3, 2]],
  ];
  const y = lane === null ? {} : { y: lane, y2: { value: 'height' } };
  return kinds.map(([kind, color, strokeDash]) => ({
    data: { name: 'labels' },
    transform: [{ filter: { field: 'kind', equal: kind } }],
    mark: { type: 'rule', strokeWidth: 1.2, color, strokeDash, aria: false },
    encoding: { x: { ...x, field: 't' }, ...y },
  }));
}

export function labelView(lanes: number, axis: TimeAxis, theme: Theme): Spec {
  const scale = { domain: [-0.5, lanes - 0.5], reverse: true, nice: false, zero: false };
  const y = { field: 'lane', type: 'quantitative', axis: null, scale };
  const side = (align: 'left' | 'right') => ({
    data: { name: 'labels' },
    transform: [{ filter: { field: 'align', equal: align } }],
    mark: {
      type: 'text',
      align,
      dx: align === 'left' ? 4 : -4,
      baseline: 'middle',
      fontSize: LABEL_SIZE,
      color: theme.ink,
    },
    encoding: {
      x: timeX(axis, false),
      y,
      text: { field: 'text' },
    },
  });
  const rules = eventRules(timeX(axis, false), theme, y);
  return { width: PLOT_WIDTH, height: lanes * LANE, layer: [...rules, side('left'), side('right')] };
}

export function stageView(axis: TimeAxis, theme: Theme): Spec {
  const x = timeX(axis, false, 'start');
  const y = { field: 'row', type: 'nominal', axis: { title: null } };
  return {
    width: PLOT_WIDTH,
    height: ROW,
    data: { name: 'stages' },
    layer: [
      {
        mark: { type: 'bar', height: { band: 0.84 }, fill: theme.grid, stroke: theme.muted, strokeWidth: 0.6 },
        encoding: { x, x2: { field: 'end' }, y },
      },
      {
        mark: { type: 'text', align: 'left', dx: 5, fontSize: STAGE_TEXT, color: theme.ink },
        encoding: { x, y, text: { field: 'label' } },
      },
    ],
  };
}

export function weightView(run: RunData, axis: TimeAxis, theme: Theme, last: boolean): Spec {
  const ticks = [...new Set([0, ...run.outcome.stages.map((s) => s.weightPercent), 100])];
  const x = timeX(axis, last);
  const y = {
    field: 'weight',
    type: 'quantitative',
    scale: { type: 'sqrt', domain: [0, 100], nice: false },
    stack: null,
    axis: { title: 'candidate’s share, %', values: ticks },
  };
  const mirrored = { data: { name: 'stages' }, transform: [{ filter: 'datum.mirror > 0' }] };
  return {
    width: PLOT_WIDTH,
    height: 150,
    layer: [
      {
        data: { name: 'faults' },
        mark: { type: 'rect', color: theme.fault, opacity: 0.22 },
        encoding: { x: timeX(axis, last, 'start'), x2: { field: 'end' } },
      },
      {
        data: { name: 'weights' },
        mark: {
          type: 'area',
          interpolate: 'step-after',
          color: theme.arm.candidate,
          opacity: 0.3,
          line: { color: theme.arm.candidate, strokeWidth: 2 },
          aria: false,
        },
        encoding: { x, y },
      },
      {
        ...mirrored,
        mark: { type: 'rule', color: theme.arm.candidate, strokeDash: [4, 3], strokeWidth: 2, aria: false },
        encoding: { x: timeX(axis, last, 'start'), x2: { field: 'end' }, y: { ...y, field: 'mirror' } },
      },
      {
        ...mirrored,
        mark: { type: 'text', align: 'left', baseline: 'top', dx: 3, dy: 5, fontSize: STAGE_TEXT, color: theme.ink },
        encoding: { x: timeX(axis, last, 'start'), y: { ...y, field: 'mirror' }, text: { field: 'copies' } },
      },
      ...eventRules(x, theme),
      {
        data: { name: 'stages' },
        mark: {
          type: 'text',
          align: 'left',
          baseline: 'bottom',
          dx: 3,
          dy: -3,
          fontSize: STAGE_TEXT,
          fontWeight: 'bold',
          color: theme.ink,
        },
        encoding: { x: timeX(axis, last, 'start'), y, text: { field: 'share' } },
      },
    ],
  };
}

/** Height and colour both say the state. */
const HEIGHTS = { pass: 0.34, inconclusive: 0.14, over: 0.6, breach: 0.92 } as const;

export function guardView(names: readonly string[], axis: TimeAxis, theme: Theme): Spec {
  const words = STATES.map((state) => STATE_WORDS[state]);
  return {
    width: PLOT_WIDTH,
    height: names.length * ROW,
    layer: [
      ...STATES.map((state) => ({
        data: { name: 'guards' },
        transform: [{ filter: { field: 'state', equal: STATE_WORDS[state] } }],
        mark: { type: 'bar', height: { band: HEIGHTS[state] }, aria: false },
        encoding: {
          x: timeX(axis, true, 'start'),
          x2: { field: 'end' },
          y: {
            field: 'guard',
            type: 'nominal',
            sort: names,
            scale: { domain: names },
            axis: { title: null, grid: true, tickBand: 'extent', labelLimit: 200 },
          },
          color: {
            field: 'state',
            type: 'nominal',
            scale: { domain: words, range: STATES.map((s) => theme.state[s]) },
            legend: { orient: 'bottom', title: null, symbolType: 'square', symbolStrokeWidth: 0 },
          },
          tooltip: [{ field: 'guard' }, { field: 'state' }, { field: 'evaluations', type: 'quantitative' }],
        },
      })),
      ...eventRules(timeX(axis), theme),
    ],
  };
}
