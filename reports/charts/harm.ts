import { type Chart, type LeftOut, PLOT_WIDTH } from '../chart.ts';
import { count, number } from '../format.ts';
import type { RunData } from '../run-data.ts';
import { harmText } from '../words.ts';

export interface HarmRow {
  readonly kind: string;
  readonly requests: number | null;
  /** Per thousand requests that the candidate answered to users. */
  readonly perThousand: number | null;
}

/** What the rollout cost users, against what the baseline would have done to the same requests. */
export function harmRows({ outcome }: RunData): HarmRow[] {
  const { requestsToCandidate: all, excessErrors, excessSlow, lostOutcomes } = outcome.harm;
  const row = (kind: string, requests: number | null): HarmRow => ({
    kind,
    requests,
    perThousand: requests === null || all === 0 ? null : Number(((1000 * requests) / all).toPrecision(3)),
  });
  return [
    row('excess errors', excessErrors),
    row('excess slow answers', excessSlow),
    row('lost positive outcomes', lostOutcomes),
  ];
}

export function harmChart(run: RunData): Chart | LeftOut {
  const head = { id: 'harm', title: 'What it cost users' };
  const { harm } = run.outcome;
  if (harm.requestsToCandidate === 0) return { ...head, because: 'the candidate answered no user' };
  const rows = harmRows(run)
    .filter((row) => row.requests !== null)
    .map((row) => ({
      ...row,
      text: `${count(row.requests)}  (${number(row.perThousand)} per 1,000)`,
      better: (row.requests ?? 0) < 0,
      textAt: Math.max(0, row.requests ?? 0),
    }));
  if (rows.length === 0) return { ...head, because: 'nothing could be compared with the baseline' };
  const order = rows.map((row) => row.kind);
  const most = Math.max(1, ...rows.map((row) => Math.abs(row.requests ?? 0)));
  const least = Math.min(0, ...rows.map((row) => row.requests ?? 0));
  const y = {
    field: 'kind',
    type: 'nominal',
    sort: order,
    scale: { domain: order },
    axis: { title: null, labelLimit: 260, labelFontSize: 12 },
  };
  // Room for the text at the end of the longest bar.
  const x = {
    field: 'requests',
    type: 'quantitative',
    scale: { domain: [least * 1.35, most * 1.35], nice: false },
    axis: { title: 'requests', tickCount: 6, labelExpr: "format(datum.value, '~s')" },
  };
  return {
    ...head,
    finding: `${count(harm.requestsToCandidate)} requests of users went to the candidate: ${harmText(run.outcome)}.`,
    note: 'Beyond what the baseline would have done to the same number of requests; negative means the candidate was better.',
    datasets: { harm: rows },
    table: {
      dataset: 'harm',
      columns: [
        { field: 'kind', label: 'what' },
        { field: 'requests', label: 'requests' },
        { field: 'perThousand', label: 'per 1,000 requests to the candidate' },
      ],
    },
    fixedWidth: false,
    spec: (theme) => ({
      data: { name: 'harm' },
      width: PLOT_WIDTH - 120,
      height: rows.length * 34,
      layer: [
        {
          mark: { type: 'bar', height: { band: 0.6 } },
          encoding: {
            x,
            y,
            color: {
              field: 'better',
              type: 'nominal',
              scale: { domain: [false, true], range: [theme.arm.candidate, theme.arm.baseline] },
              legend: null,
            },
          },
        },
        {
          mark: { type: 'text', align: 'left', dx: 6, color: theme.ink },
          encoding: { x: { field: 'textAt', type: 'quantitative' }, y, text: { field: 'text' } },
        },
      ],
    }),
  };
}
