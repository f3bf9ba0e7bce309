import { type Chart, type LeftOut, PLOT_WIDTH } from '../chart.ts';
import { duration } from '../format.ts';
import type { RunData } from '../run-data.ts';
import { at, timeAxis } from '../time-axis.ts';
import { timeX } from './parts.ts';

/** The steps of the rollback against its deadline, from the moment of the decision. */
export function rollbackChart({ outcome }: RunData): Chart | LeftOut {
  const head = { id: 'rollback', title: 'Rollback, step by step' };
  const { rollback } = outcome;
  if (rollback === null) return { ...head, because: 'nothing was rolled back' };
  const begin = rollback.decidedAtMs;
  const lastMs = Math.max(rollback.completeMs ?? 0, ...rollback.steps.map((s) => s.endMs ?? s.startMs)) - begin;
  const axis = timeAxis(Math.max(lastMs, rollback.deadlineMs) * 1.08, 'the decision');
  const rows = rollback.steps.map((step) => {
    const endMs = (step.endMs ?? begin + lastMs) - begin;
    const startMs = step.startMs - begin;
    const took = step.endMs === null ? 'not finished' : duration(endMs - startMs);
    return {
      step: step.name,
      label: `${step.name}  ${took}`,
      start: at(axis, startMs),
      end: at(axis, endMs),
      seconds: (endMs - startMs) / 1000,
    };
  });
  const deadline = at(axis, rollback.deadlineMs);
  const off = rollback.trafficOffMs === null ? null : at(axis, rollback.trafficOffMs - begin);
  const marks = [
    { at: deadline, text: `deadline ${duration(rollback.deadlineMs)}`, kind: 'deadline', lift: -5 },
    ...(off === null
      ? []
      : [{ at: off, text: `traffic off ${duration(off * axis.unitMs)}`, kind: 'traffic off', lift: -20 }]),
  ];
  const order = rows.map((row) => row.label);
  const y = {
    field: 'label',
    type: 'nominal',
    sort: order,
    scale: { domain: order },
    axis: { title: null, labelFontSize: 12, labelLimit: 220 },
  };
  return {
    ...head,
    finding: findingOf(outcome),
    note: 'Each bar is one step; the dashed line is the policy’s deadline, the dotted one the last request routed to the candidate.',
    datasets: { steps: rows, marks },
    table: {
      dataset: 'steps',
      columns: [
        { field: 'step', label: 'step' },
        { field: 'start', label: `start, ${axis.unit}` },
        { field: 'end', label: `end, ${axis.unit}` },
        { field: 'seconds', label: 'seconds' },
      ],
    },
    fixedWidth: false,
    spec: (theme) => ({
      width: PLOT_WIDTH - 100,
      height: rows.length * 30,
      layer: [
        {
          data: { name: 'steps' },
          mark: {
            type: 'bar',
            height: { band: 0.62 },
            color: theme.arm.baseline,
            stroke: theme.arm.baseline,
            strokeWidth: 2,
          },
          encoding: { x: timeX(axis, true, 'start'), x2: { field: 'end' }, y },
        },
        {
          data: { name: 'marks' },
          mark: { type: 'rule', strokeWidth: 1.5, aria: false },
          encoding: {
            x: { field: 'at', type: 'quantitative' },
            color: {
              field: 'kind',
              type: 'nominal',
              scale: { domain: ['deadline', 'traffic off'], range: [theme.arm.candidate, theme.ink] },
              legend: null,
            },
            strokeDash: {
              field: 'kind',
              type: 'nominal',
              scale: {
                domain: ['deadline', 'traffic off'],
                range: [
                  [6, 3],
                  [1, 3],
                ],
              },
              legend: null,
            },
          },
        },
        {
          data: { name: 'marks' },
          mark: { type: 'text', baseline: 'bottom', color: theme.ink, fontSize: 11 },
          encoding: {
            x: { field: 'at', type: 'quantitative' },
            y: { value: 0 },
            yOffset: { field: 'lift', type: 'quantitative', scale: null },
            text: { field: 'text' },
          },
        },
      ],
    }),
  };
}

function findingOf({ rollback }: RunData['outcome']): string {
  if (rollback === null) return '';
  const deadline = `the deadline of ${duration(rollback.deadlineMs)}`;
  if (rollback.completeMs === null)
    return `The rollback had not finished when the rehearsal ended; ${deadline} ${rollback.withinDeadline ? 'was kept' : 'was missed'}.`;
  const took = duration(rollback.completeMs - rollback.decidedAtMs);
  const off =
    rollback.trafficOffMs === null
      ? ''
      : `, the last request reached the candidate after ${duration(rollback.trafficOffMs - rollback.decidedAtMs)}`;
  return `The rollback took ${took}, ${rollback.withinDeadline ? 'within' : 'beyond'} ${deadline}${off}.`;
}
