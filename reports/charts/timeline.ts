import type { Chart, LeftOut, Row, Spec } from '../chart.ts';
import { PLOT_WIDTH } from '../chart.ts';
import { type Event, events } from '../events.ts';
import { duration, plural } from '../format.ts';
import { isFault, STATE_WORDS, STATES, stateSpans, verdictsByGuard } from '../guard-log.ts';
import { fitText, laneCount, placeLabels } from '../lanes.ts';
import type { RunData } from '../run-data.ts';
import type { Theme } from '../theme.ts';
import { at, type TimeAxis } from '../time-axis.ts';
import { timeX } from './parts.ts';

const LABEL_SIZE = 11;
const LANE = 17;
const ROW = 24;
/** Stage names inside their bars. */
const STAGE_TEXT = 11;

/** Who got which share of the traffic when, what went wrong when, and what every guard said meanwhile. */
export function timelineChart(run: RunData, axis: TimeAxis): Chart | LeftOut {
  const head = { id: 'timeline', title: 'Timeline' };
  if (run.outcome.stages.length === 0) return { ...head, because: 'no stage ever began' };
  const happened = events(run);
  const labels = labelRows(happened, axis);
  const guards = guardRows(run, axis);
  const stages = stageRows(run, axis);
  const guardNames = [...new Set(guards.map((row) => row['guard'] as string))];
  const datasets = {
    labels: labels.rows,
    stages,
    weights: weightRows(run, axis),
    faults: faultRows(run, axis),
    ...(guards.length > 0 && { guards }),
  };
  return {
    ...head,
    finding: findingOf(run, happened),
    note: 'Filled steps: share of the users’ requests served by the candidate (square-root scale); dashed: share mirrored to it. Shaded: faults. Below, every guard over time; bar height repeats the colour, and blank means the guard was not active.',
    datasets,
    table: {
      dataset: 'stages',
      columns: [
        { field: 'name', label: 'stage' },
        { field: 'start', label: `from, ${axis.unit}` },
        { field: 'end', label: `to, ${axis.unit}` },
        { field: 'weight', label: 'weight, %' },
        { field: 'mirror', label: 'mirrored, %' },
        { field: 'requests', label: 'requests' },
      ],
    },
    fixedWidth: true,
    spec: (theme) => ({
      spacing: 2,
      resolve: { scale: { color: 'independent', y: 'independent' } },
      vconcat: [
        labelView(labels.lanes, axis, theme),
        stageView(axis, theme),
        weightView(run, axis, theme, guards.length === 0),
        ...(guards.length > 0 ? [guardView(guardNames, axis, theme)] : []),
      ],
    }),
  };
}

const pixel = (axis: TimeAxis, ms: number): number => (at(axis, ms) / axis.end) * PLOT_WIDTH;

function labelRows(happened: readonly Event[], axis: TimeAxis): { rows: Row[]; lanes: number } {
  const labels = happened.map((event) => ({ ...event, x: Math.min(PLOT_WIDTH, pixel(axis, event.atMs)) }));
  const placed = placeLabels(labels, PLOT_WIDTH, LABEL_SIZE);
  const rows = placed.map(({ atMs, text, kind, lane, align }) => ({ t: at(axis, atMs), text, kind, lane, align }));
  return { rows, lanes: Math.max(1, laneCount(placed)) };
}

function stageRows({ outcome, policy }: RunData, axis: TimeAxis): Row[] {
  return outcome.stages.map((stage) => {
    const mirror = policy.stages.find((s) => s.name === stage.name)?.mirrorPercent ?? 0;
    const width = pixel(axis, stage.endMs) - pixel(axis, stage.startMs);
    return {
      row: 'stage',
      name: stage.name,
      label: fitText(stage.name, width - 6, STAGE_TEXT),
      copies: fitText(`${mirror} % mirrored`, width, STAGE_TEXT),
      share: fitText(`${stage.weightPercent} %`, width + 8, STAGE_TEXT),
      start: at(axis, stage.startMs),
      end: at(axis, stage.endMs),
      weight: stage.weightPercent,
      mirror,
      requests: stage.requests,
    };
  });
}

/** Corners of the weight's steps; after a rollback or a pause it stays where the verdict left it. */
function weightRows({ outcome }: RunData, axis: TimeAxis): Row[] {
  const rows: Row[] = outcome.stages.map((s) => ({ t: at(axis, s.startMs), weight: s.weightPercent }));
  const last = outcome.stages.at(-1)!;
  const left = outcome.verdict === 'promoted' ? 100 : outcome.verdict === 'paused' ? last.weightPercent : 0;
  rows.push({ t: at(axis, outcome.rollback?.trafficOffMs ?? last.endMs), weight: left });
  rows.push({ t: axis.end, weight: left });
  return rows;
}

const faultRows = ({ log }: RunData, axis: TimeAxis): Row[] =>
  log.filter(isFault).map((f) => ({ name: f.name, kind: f.kind, start: at(axis, f.startMs), end: at(axis, Math.max(f.endMs, f.startMs)) }));

function guardRows({ log, policy }: RunData, axis: TimeAxis): Row[] {
  return [...verdictsByGuard(log, policy)].flatMap(([guard, verdicts]) =>
    stateSpans(guard, verdicts, policy.evaluateEveryMs).map((s) => ({
      guard: s.guard,
      state: STATE_WORDS[s.state],
      start: at(axis, s.startMs),
      end: at(axis, s.endMs),
      evaluations: s.times,
    })),
  );
}

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

function labelView(lanes: number, axis: TimeAxis, theme: Theme): Spec {
  const scale = { domain: [-0.5, lanes - 0.5], reverse: true, nice: false, zero: false };
  const y = { field: 'lane', type: 'quantitative', axis: null, scale };
  const side = (align: 'left' | 'right') => ({
    data: { name: 'labels' },
    transform: [{ filter: { field: 'align', equal: align } }],
    mark: { type: 'text', align, dx: align === 'left' ? 4 : -4, baseline: 'middle', fontSize: LABEL_SIZE, color: theme.ink },
    encoding: {
      x: timeX(axis, false),
      y,
      text: { field: 'text' },
    },
  });
  const rules = eventRules(timeX(axis, false), theme, y);
  return { width: PLOT_WIDTH, height: lanes * LANE, layer: [...rules, side('left'), side('right')] };
}

function stageView(axis: TimeAxis, theme: Theme): Spec {
  const x = timeX(axis, false, 'start');
  const y = { field: 'row', type: 'nominal', axis: { title: null } };
  return {
    width: PLOT_WIDTH,
    height: ROW,
    data: { name: 'stages' },
    layer: [
      { mark: { type: 'bar', height: { band: 0.84 }, fill: theme.grid, stroke: theme.muted, strokeWidth: 0.6 }, encoding: { x, x2: { field: 'end' }, y } },
      { mark: { type: 'text', align: 'left', dx: 5, fontSize: STAGE_TEXT, color: theme.ink }, encoding: { x, y, text: { field: 'label' } } },
    ],
  };
}

function weightView(run: RunData, axis: TimeAxis, theme: Theme, last: boolean): Spec {
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
        mark: { type: 'area', interpolate: 'step-after', color: theme.arm.candidate, opacity: 0.3, line: { color: theme.arm.candidate, strokeWidth: 2 }, aria: false },
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
        mark: { type: 'text', align: 'left', baseline: 'bottom', dx: 3, dy: -3, fontSize: STAGE_TEXT, fontWeight: 'bold', color: theme.ink },
        encoding: { x: timeX(axis, last, 'start'), y, text: { field: 'share' } },
      },
    ],
  };
}

/** Height and colour both say the state. */
const HEIGHTS = { pass: 0.34, inconclusive: 0.14, over: 0.6, breach: 0.92 } as const;

function guardView(names: readonly string[], axis: TimeAxis, theme: Theme): Spec {
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
          y: { field: 'guard', type: 'nominal', sort: names, scale: { domain: names }, axis: { title: null, grid: true, tickBand: 'extent', labelLimit: 150 } },
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

function findingOf({ outcome }: RunData, happened: readonly Event[]): string {
  const verdict = outcome.verdict.replace('-', ' ');
  const when = outcome.decidedAtMs === null ? '' : ` at ${duration(outcome.decidedAtMs)}`;
  const faults = happened.filter((e) => e.kind === 'fault').length;
  return `${plural(outcome.stages.length, 'stage')}, ${faults === 0 ? 'no faults' : plural(faults, 'fault')}; the rollout was ${verdict}${when}.`;
}
