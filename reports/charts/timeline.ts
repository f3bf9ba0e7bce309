import { type Chart, type LeftOut, PLOT_WIDTH, type Row } from '../chart.ts';
import { type Event, events } from '../events.ts';
import { duration, plural } from '../format.ts';
import { isFault, STATE_WORDS, stateSpans, verdictsByGuard } from '../guard-log.ts';
import { fitText, laneCount, placeLabels } from '../lanes.ts';
import type { RunData } from '../run-data.ts';
import { at, type TimeAxis } from '../time-axis.ts';
import { guardView, LABEL_SIZE, labelView, STAGE_TEXT, stageView, weightView } from './timeline-views.ts';

/** Who got which share of the traffic when, what went wrong when, and what every guard said meanwhile. */
export function timelineChart(run: RunData, axis: TimeAxis): Chart | LeftOut {
  const head = { id: 'timeline', title: 'Timeline' };
  if (run.outcome.stages.length === 0) return { ...head, because: 'no stage ever began' };
  const happened = events(run).filter((event) => at(axis, event.atMs) <= axis.end);
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
    note: 'Filled steps: share of the users’ requests served by the candidate (square-root scale); dashed: share mirrored to it. Shaded: faults. Below, every guard with a bound; bar height repeats the colour, and blank means the guard was not active.',
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

/** A span as it is drawn: what outlasts the run, for ever perhaps, ends with it. */
const drawn = (axis: TimeAxis, { startMs, endMs }: { readonly startMs: number; readonly endMs: number }) => ({
  start: at(axis, startMs),
  end: Math.min(axis.end, at(axis, Math.max(startMs, endMs))),
});

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

/** A fault that never began in the rehearsal is not shown. */
const faultRows = ({ log }: RunData, axis: TimeAxis): Row[] =>
  log
    .filter(isFault)
    .filter((fault) => at(axis, fault.startMs) <= axis.end)
    .map((fault) => ({ name: fault.name, kind: fault.kind, ...drawn(axis, fault) }));

/** A guard without a bound only shows values: it has nothing to say about the rollout. */
function guardRows({ log, policy }: RunData, axis: TimeAxis): Row[] {
  const judging = [...verdictsByGuard(log, policy)].filter(([{ bound }]) => bound !== null);
  return judging.flatMap(([guard, verdicts]) =>
    stateSpans(guard, verdicts, policy.evaluateEveryMs).map((s) => ({
      guard: s.guard,
      state: STATE_WORDS[s.state],
      ...drawn(axis, s),
      evaluations: s.times,
    })),
  );
}

function findingOf({ outcome }: RunData, happened: readonly Event[]): string {
  const verdict = outcome.verdict.replace('-', ' ');
  const when = outcome.decidedAtMs === null ? '' : ` at ${duration(outcome.decidedAtMs)}`;
  const faults = happened.filter((e) => e.kind === 'fault').length;
  return `${plural(outcome.stages.length, 'stage')}, ${faults === 0 ? 'no faults' : plural(faults, 'fault')}; the rollout was ${verdict}${when}.`;
}
