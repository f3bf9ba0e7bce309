/** A small plot of what one guard saw at every evaluation, against its bound: its value, the interval of its test, and its breaches. */
import type { GuardVerdict } from '../../controller/decision.ts';
import type { Guard } from '../../controller/policy.ts';
import { type Column, PLOT_WIDTH, type Row, type Spec } from '../chart.ts';
import { type GuardState, STATES, stateOf } from '../guard-log.ts';
import { boundText, type Measure, measureOf } from '../metric.ts';
import type { Theme } from '../theme.ts';
import { at, type TimeAxis } from '../time-axis.ts';
import { boundRule, hover, timeX } from './parts.ts';

const MOST_POINTS = 400;
const HEIGHT = 92;
/** Up to so many looks are drawn one by one. */
const FEW_LOOKS = 30;

/** Columns of its rows, for the table and the CSV. */
export const guardColumns = (axis: TimeAxis): readonly Column[] => [
  { field: 'guard', label: 'guard' },
  { field: 't', label: `time, ${axis.unit}` },
  { field: 'value', label: 'value' },
  { field: 'low', label: 'low' },
  { field: 'high', label: 'high' },
  { field: 'state', label: 'state' },
  { field: 'samples', label: 'samples' },
];

export interface GuardPanel {
  readonly guard: Guard;
  readonly measure: Measure;
  readonly rows: readonly Row[];
}

/** What a plot shows beside its guard's own bound. */
export interface Extra {
  /** Replace the guard's name and what its chart says about it. */
  readonly title?: string;
  readonly subtitle?: string;
  /** Bounds of other guards on the same metric, in the plot's unit. */
  readonly bounds?: readonly { readonly value: number; readonly text: string }[];
  /** A tick for every look. */
  readonly looks?: boolean;
}

/** Without rows when the guard never had a value. */
export function guardPanel(guard: Guard, verdicts: readonly GuardVerdict[], axis: TimeAxis): GuardPanel {
  const measure = measureOf(guard);
  const rows = thin(guard, verdicts).flatMap((verdict) => {
    const value = verdict.value === null ? null : measure.of(verdict.value, verdict.reference, verdict.scale);
    const state: GuardState = stateOf(guard, verdict);
    const { low, high } = bandOf(guard, verdict);
    return [
      {
        guard: guard.name,
        stage: verdict.stage,
        t: at(axis, verdict.atMs),
        value: rounded(value),
        low: rounded(low),
        high: rounded(high),
        state,
        samples: verdict.samples,
      },
    ];
  });
  return { guard, measure, rows: rows.some((row) => row.value !== null) ? rows : [] };
}

const rounded = (value: number | null): number | null => (value === null ? null : Number(value.toPrecision(4)));

/** Where the test's interval of the change ends, in percent as the change is shown; one that is open at an end has none. */
function bandOf({ bound, metric }: Guard, { test }: GuardVerdict): { low: number | null; high: number | null } {
  if (bound?.kind !== 'relative' || metric.kind === 'distribution' || test?.low == null || test.high === null)
    return { low: null, high: null };
  return { low: test.low * 100, high: test.high * 100 };
}

const hasBand = (rows: readonly Row[]): boolean => rows.some((row) => row['low'] !== null);

/** At most MOST_POINTS verdicts: of neighbours the most alarming stays, since a breach must never be thinned away. */
function thin(guard: Guard, verdicts: readonly GuardVerdict[]): GuardVerdict[] {
  const group = Math.ceil(verdicts.length / MOST_POINTS);
  const alarm = (verdict: GuardVerdict) => ({ breach: 3, over: 2, pass: 1, inconclusive: 0 })[stateOf(guard, verdict)];
  return Array.from({ length: Math.ceil(verdicts.length / group) }, (_, i) =>
    verdicts.slice(i * group, (i + 1) * group).reduce((a, b) => (alarm(b) >= alarm(a) ? b : a)),
  );
}

/** `index` keeps the names of several plots of one chart apart; `last`: it carries the axis' labels. */
export function guardPanelSpec(
  { guard, measure, rows }: GuardPanel,
  index: number,
  last: boolean,
  axis: TimeAxis,
  theme: Theme,
  extra: Extra = {},
): Spec {
  const x = timeX(axis, last);
  const others = extra.bounds ?? [];
  // A test begins anew with every stage: what it knew before does not lead to what it knows now.
  const detail = guard.test === null ? {} : { detail: { field: 'stage', type: 'nominal' } };
  const y = {
    field: 'value',
    type: 'quantitative',
    scale: {
      zero: false,
      nice: true,
      domain: domainOf(rows, [...measure.bounds, ...others.map(({ value }) => value)]),
    },
    axis: { title: null, tickCount: 4, format: '~r' },
  };
  const states = STATES.filter((state) => state !== 'inconclusive');
  return {
    width: PLOT_WIDTH,
    height: HEIGHT,
    title: {
      text: extra.title ?? guard.name,
      subtitle: extra.subtitle ?? [measure.title, `bound: ${boundText(guard)} · ${guard.action}`],
      fontSize: 12,
      offset: 5,
    },
    transform: [{ filter: { field: 'guard', equal: guard.name } }],
    layer: [
      ...measure.bounds.map((value) => ({
        data: { values: [{ bound: value }] },
        mark: { type: 'rule', color: theme.threshold, strokeDash: [2, 2], strokeWidth: 1.2, aria: false },
        encoding: { y: { field: 'bound', type: 'quantitative' } },
      })),
      // Away from no change, where the guard's own bound is.
      ...others.map(({ value, text }) => boundRule(value, text, theme, value < 0)),
      ...(extra.looks === true ? [lookTicks(x, theme)] : []),
      ...(extra.looks === true && rows.length <= FEW_LOOKS ? fewLooks(x, y, theme) : []),
      ...(hasBand(rows)
        ? [
            {
              mark: {
                type: 'area',
                color: theme.arm.candidate,
                opacity: 0.2,
                clip: true,
                aria: false,
                invalid: 'break-paths-show-path-domains',
              },
              encoding: { x, y: { ...y, field: 'low', stack: null }, y2: { field: 'high' }, ...detail },
            },
          ]
        : []),
      {
        mark: {
          type: 'line',
          color: theme.arm.candidate,
          strokeWidth: 1.3,
          aria: false,
          invalid: 'break-paths-show-path-domains',
        },
        encoding: { x, y, ...detail },
      },
      {
        transform: [{ filter: "datum.state == 'over' || datum.state == 'breach'" }, { filter: 'isValid(datum.value)' }],
        mark: { type: 'point', strokeWidth: 1.2, aria: false },
        encoding: {
          x,
          y,
          shape: {
            field: 'state',
            type: 'nominal',
            scale: { domain: states, range: ['circle', 'circle', 'diamond'] },
            legend: null,
          },
          // No scale: a chart may have another one for the colours of arms.
          color: { condition: { test: "datum.state == 'breach'", value: theme.state.breach }, value: theme.state.over },
          fill: {
            field: 'state',
            type: 'nominal',
            scale: { domain: states, range: ['transparent', 'transparent', theme.state.breach] },
            legend: null,
          },
          size: { condition: { test: "datum.state == 'breach'", value: 46 }, value: 14 },
        },
      },
      ...hover(
        `hover_${index}`,
        x,
        [
          { field: 't', title: axis.title, format: '.2f' },
          { field: 'value', title: measure.title, format: '.4~r' },
          { field: 'samples', title: 'samples', format: ',' },
        ],
        theme,
      ),
    ],
  };
}

/** Where looks with a value were, along the lower edge. */
const lookTicks = (x: Spec, theme: Theme): Spec => ({
  transform: [{ filter: 'isValid(datum.value)' }],
  mark: { type: 'rule', color: theme.muted, strokeWidth: 0.7, opacity: 0.7, aria: false },
  encoding: { x, y: { value: HEIGHT }, y2: { value: HEIGHT - 5 } },
});

/** Every look with its interval: of a single one there is neither line nor band. */
const fewLooks = (x: Spec, y: Spec, theme: Theme): Spec[] => [
  {
    transform: [{ filter: 'isValid(datum.low)' }],
    mark: { type: 'rule', color: theme.arm.candidate, strokeWidth: 1.2, opacity: 0.6, clip: true, aria: false },
    encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' } },
  },
  {
    transform: [{ filter: 'isValid(datum.value)' }],
    mark: { type: 'point', filled: true, size: 18, color: theme.arm.candidate, opacity: 1, aria: false },
    encoding: { x, y },
  },
];

/** The values and the bounds, and zero when that is near. */
function domainOf(rows: readonly Row[], bounds: readonly number[]): [number, number] {
  const values = [...rows.map((row) => row['value'] as number | null), ...inner(rows)].filter((v) => v !== null);
  const [from, to] = [Math.min(...values, ...bounds), Math.max(...values, ...bounds)];
  const margin = (to - from || Math.abs(to) || 1) * 0.08;
  return [from > 0 && from < to / 2 ? 0 : from - margin, to + margin];
}

/** The ends of the bands but for the widest, those of a stage's first quarter: they narrow so much that nothing else would be seen. */
function inner(rows: readonly Row[]): (number | null)[] {
  const byStage = Map.groupBy(
    rows.filter((row) => row['low'] !== null),
    (row) => row['stage'],
  );
  const later = [...byStage.values()].flatMap((stage) => stage.slice(Math.floor(stage.length / 4)));
  return later.flatMap((row) => [row['low'] as number, row['high'] as number]);
}
