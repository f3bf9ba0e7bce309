/** Rows of a chart: a band per subject, in it a line per policy. */
import type { Spec } from '../chart.ts';

const LINE = 17;
const GAP = 12;

export const bandHeight = (subjects: readonly string[], policies: readonly string[]): number =>
  subjects.length * (policies.length * LINE + GAP);

export function bandY(subjects: readonly string[], policies: readonly string[]): Record<string, Spec> {
  const y = {
    field: 'subject',
    type: 'nominal',
    sort: subjects,
    scale: { domain: subjects, paddingInner: 0.12, paddingOuter: 0.06 },
    axis: { title: null, labelLimit: 260, labelFontSize: 12, grid: true, tickBand: 'extent' },
  };
  if (policies.length === 1) return { y };
  return { y, yOffset: { field: 'policy', type: 'nominal', sort: policies, scale: { domain: policies } } };
}
