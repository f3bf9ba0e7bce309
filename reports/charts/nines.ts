import type { Arm } from '../../telemetry/window.ts';
import { type Chart, type LeftOut, PLOT_WIDTH, type Row } from '../chart.ts';
import type { Nine } from '../distribution.ts';
import { ms, quantileName } from '../format.ts';
import type { RunData } from '../run-data.ts';
import { armChannels, boundRule, logScale, logTicks } from './parts.ts';

/** Ticks at 0, 50, 90, 99, 99.9 … %, where 1/(1 − q) is a round number. */
const TICKS = [1, 2, 10, 100, 1000, 1e4, 1e5, 1e6, 1e7];
const LABEL =
  "datum.value < 1.5 ? '0 %' : datum.value < 3 ? '50 %' : datum.value < 50 ? '90 %' : datum.value < 500 ? '99 %' : datum.value < 5000 ? '99.9 %' : datum.value < 50000 ? '99.99 %' : datum.value < 500000 ? '99.999 %' : datum.value < 5000000 ? '99.9999 %' : '99.99999 %'";

/** The latency distribution with a scale of nines, so that the tail gets as much room as the body. */
export function ninesChart(run: RunData, nines: ReadonlyMap<Arm, readonly Nine[]>): Chart | LeftOut {
  const head = { id: 'percentiles', title: 'Latency percentiles by nines' };
  const arms = [...nines.keys()];
  if (arms.length === 0) return { ...head, because: 'too few requests were answered' };
  const rows: Row[] = [...nines].flatMap(([arm, points]) =>
    points.map(({ x, latencyMs }) => ({
      arm,
      x,
      percentile: Number((100 * (1 - 1 / x)).toPrecision(8)),
      latencyMs: Number(latencyMs.toPrecision(4)),
    })),
  );
  const guards = run.policy.guards.filter((g) => g.metric.kind === 'latency' && g.bound?.kind === 'absolute');
  const bounds = [...new Map(guards.map((g) => [g.bound?.kind === 'absolute' ? g.bound.value : 0, g])).entries()];
  const values = [...rows.map((r) => r['latencyMs'] as number), ...bounds.map(([value]) => value)];
  const xEnd = rows.reduce((most, row) => Math.max(most, row['x'] as number), 10);
  const y = {
    field: 'latencyMs',
    type: 'quantitative',
    scale: logScale(values),
    axis: { values: logTicks(values), title: 'latency, ms', format: '~r' },
  };
  const x = {
    field: 'x',
    type: 'quantitative',
    scale: { type: 'log', domain: [1, xEnd], nice: false },
    axis: {
      values: TICKS,
      labelExpr: LABEL,
      title: 'share of answers at least this fast',
      labelFlush: true,
      labelOverlap: false,
    },
  };
  const tooltip = [
    { field: 'arm', title: 'arm' },
    { field: 'percentile', type: 'quantitative', title: 'percentile', format: '~r' },
    { field: 'latencyMs', type: 'quantitative', title: 'latency, ms', format: '.4~r' },
  ];
  return {
    ...head,
    finding: findingOf(run),
    note: 'Both axes are logarithmic; every step to the right is a tenth of the remaining answers. A line ends where fewer than five answers lie beyond. Both arms over the stages in which users saw the candidate; over the shadow when none did.',
    datasets: { nines: rows },
    table: {
      dataset: 'nines',
      columns: [
        { field: 'arm', label: 'arm' },
        { field: 'percentile', label: 'percentile' },
        { field: 'latencyMs', label: 'latency, ms' },
      ],
    },
    fixedWidth: false,
    spec: (theme) => ({
      data: { name: 'nines' },
      width: PLOT_WIDTH,
      height: 300,
      layer: [
        ...arms.map((arm) => ({
          transform: [{ filter: { field: 'arm', equal: arm } }],
          mark: { type: 'line', strokeWidth: 2, aria: false },
          encoding: { x, y, ...armChannels(arms, theme) },
        })),
        ...bounds.map(([value, guard]) =>
          boundRule(
            value,
            `${guard.metric.kind === 'latency' ? quantileName(guard.metric.quantile) : ''} bound of ${guard.name}: ${ms(value)}`,
            theme,
          ),
        ),
        ...(theme.interactive
          ? [
              {
                params: [
                  { name: 'nearest', select: { type: 'point', nearest: true, on: 'pointermove', clear: 'pointerout' } },
                ],
                mark: { type: 'point', filled: true, size: 50, aria: false, color: theme.ink },
                encoding: {
                  x,
                  y,
                  tooltip,
                  opacity: { condition: { param: 'nearest', empty: false, value: 1 }, value: 0 },
                },
              },
            ]
          : []),
      ],
    }),
  };
}

function findingOf({ outcome }: RunData): string {
  const { baseline, candidate } = outcome.latencyMs;
  if (baseline.p999 === null || candidate.p999 === null) return 'Only one arm answered requests.';
  const worst = (['p50', 'p90', 'p95', 'p99', 'p999'] as const)
    .map((key) => ({ key, ratio: candidate[key]! / baseline[key]! }))
    .reduce((a, b) => (Math.abs(Math.log(b.ratio)) > Math.abs(Math.log(a.ratio)) ? b : a));
  const name = worst.key === 'p999' ? 'p99.9' : worst.key;
  return `The arms differ most at ${name}, where the candidate takes ${worst.ratio.toFixed(2)} times the baseline (${ms(candidate[worst.key])} against ${ms(baseline[worst.key])}).`;
}
