import type { GuardVerdict } from '../../controller/decision.ts';
import type { Guard } from '../../controller/policy.ts';
import { type Chart, type LeftOut, PLOT_WIDTH, type Row, type Spec } from '../chart.ts';
import { plural } from '../format.ts';
import { type GuardState, STATES, stateOf, verdictsByGuard } from '../guard-log.ts';
import { boundText, type Measure, measureOf } from '../metric.ts';
import type { RunData } from '../run-data.ts';
import type { Theme } from '../theme.ts';
import { at, type TimeAxis } from '../time-axis.ts';
import { hover, timeX } from './parts.ts';

const MOST_POINTS = 400;
const HEIGHT = 92;

interface Panel {
  readonly guard: Guard;
  readonly measure: Measure;
  readonly rows: readonly Row[];
}

/** What every guard saw, against its bound: one small plot per guard. */
export function guardValuesChart(run: RunData, axis: TimeAxis): Chart | LeftOut {
  const head = { id: 'guards', title: 'What the guards saw' };
  const all = [...verdictsByGuard(run.log, run.policy)].map(([guard, verdicts]) => panelOf(guard, verdicts, axis));
  const panels = all.filter((panel) => panel.rows.length > 0);
  if (panels.length === 0) return { ...head, because: 'no guard was evaluated on enough samples to have a value' };
  return {
    ...head,
    finding: findingOf(panels),
    note: 'Filled diamonds are breaches, hollow circles values over the bound that did not end the rollout. Relative guards show the change against the reference arm; a band is the interval of the guard’s test, which for a sequence holds at every look, and a breach is where it leaves the bound behind. Gaps: the guard had too few samples, or was not active.',
    datasets: { guards: panels.flatMap((panel) => panel.rows) },
    table: {
      dataset: 'guards',
      columns: [
        { field: 'guard', label: 'guard' },
        { field: 't', label: `time, ${axis.unit}` },
        { field: 'value', label: 'value' },
        { field: 'low', label: 'low' },
        { field: 'high', label: 'high' },
        { field: 'state', label: 'state' },
        { field: 'samples', label: 'samples' },
      ],
    },
    fixedWidth: false,
    spec: (theme) => ({
      data: { name: 'guards' },
      spacing: 16,
      vconcat: panels.map((panel, i) => panelSpec(panel, i, i === panels.length - 1, axis, theme)),
    }),
  };
}

function panelOf(guard: Guard, verdicts: readonly GuardVerdict[], axis: TimeAxis): Panel {
  const measure = measureOf(guard);
  const rows = thin(guard, verdicts).flatMap((verdict) => {
    const value = verdict.value === null ? null : measure.of(verdict.value, verdict.reference);
    const state: GuardState = stateOf(guard, verdict);
    const { low, high } = bandOf(guard, verdict);
    return [
      {
        guard: guard.name,
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

function panelSpec({ guard, measure, rows }: Panel, index: number, last: boolean, axis: TimeAxis, theme: Theme): Spec {
  const x = timeX(axis, last);
  const y = {
    field: 'value',
    type: 'quantitative',
    scale: { zero: false, nice: true, domain: domainOf(rows, measure.bounds) },
    axis: { title: null, tickCount: 4, format: '~r' },
  };
  const states = STATES.filter((state) => state !== 'inconclusive');
  return {
    width: PLOT_WIDTH,
    height: HEIGHT,
    title: {
      text: guard.name,
      subtitle: [measure.title, `bound: ${boundText(guard)} · ${guard.action}`],
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
              encoding: { x, y: { ...y, field: 'low', stack: null }, y2: { field: 'high' } },
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
        encoding: { x, y },
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
          color: {
            field: 'state',
            type: 'nominal',
            scale: { domain: states, range: states.map((s) => theme.state[s]) },
            legend: null,
          },
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

/** The values and the bounds, and zero when that is near. */
function domainOf(rows: readonly Row[], bounds: readonly number[]): [number, number] {
  const values = [...rows.map((row) => row['value'] as number | null), ...inner(rows)].filter((v) => v !== null);
  const [from, to] = [Math.min(...values, ...bounds), Math.max(...values, ...bounds)];
  const margin = (to - from || Math.abs(to) || 1) * 0.08;
  return [from > 0 && from < to / 2 ? 0 : from - margin, to + margin];
}

/** The ends of the bands but for the widest, those of the first looks: they narrow so much that nothing else would be seen. */
function inner(rows: readonly Row[]): (number | null)[] {
  const later = rows.filter((row) => row['low'] !== null);
  return later.slice(Math.floor(later.length / 8)).flatMap((row) => [row['low'] as number, row['high'] as number]);
}

function findingOf(panels: readonly Panel[]): string {
  const breached = panels.filter((panel) => panel.rows.some((row) => row['state'] === 'breach'));
  const over = panels.filter((panel) => !breached.includes(panel) && panel.rows.some((row) => row['state'] === 'over'));
  const names = (list: readonly Panel[]) => list.map((p) => p.guard.name).join(', ');
  const parts = [
    `${plural(panels.length, 'guard')} had values`,
    breached.length === 0 ? 'none was breached' : `breached: ${names(breached)}`,
    ...(over.length === 0 ? [] : [`over the bound for a while: ${names(over)}`]),
  ];
  return `${parts.join('; ')}.`;
}
