/** All charts of a report, in reading order. */
import type { Chart, LeftOut } from '../chart.ts';
import { latencyByNines } from '../distribution.ts';
import type { RunData } from '../run-data.ts';
import { shadowScores } from '../scores.ts';
import { timeSeries } from '../series.ts';
import { timeAxis } from '../time-axis.ts';
import { citiesChart } from './cities.ts';
import { guardValuesChart } from './guard-values.ts';
import { harmChart } from './harm.ts';
import { latencyChart } from './latency.ts';
import { listQualityChart } from './list-quality.ts';
import { ninesChart } from './nines.ts';
import { errorChart, onlineMetricChart } from './ratios.ts';
import { drawnByOutcomes, outcomeMetricsChart } from './outcome-metrics.ts';
import { rollbackChart } from './rollback.ts';
import { shadowChart } from './shadow.ts';
import { timelineChart } from './timeline.ts';

export async function allCharts(run: RunData): Promise<(Chart | LeftOut)[]> {
  const series = await timeSeries(run.windows);
  const axis = timeAxis(endMs(run));
  // Only of runs that measure something: for all others there is nothing to be missed.
  const lists = listQualityChart(run, axis);
  const outcomes = outcomeMetricsChart(run, axis);
  return [
    timelineChart(run, axis),
    // Only where there are some to tell about.
    ...(run.header.segments.length > 1 ? [citiesChart(run, axis)] : []),
    ...(lists === null ? [] : [lists]),
    ...(outcomes === null ? [] : [outcomes]),
    guardValuesChart(run, axis, drawnByOutcomes(run)),
    latencyChart(run, series, axis),
    ninesChart(run, await latencyByNines(series)),
    shadowChart(run, shadowScores(run.windows, run.header.scoreGrid)),
    // The label is one of the outcome metrics.
    ...(outcomes === null ? [onlineMetricChart(run, series, axis)] : []),
    errorChart(run, series, axis),
    rollbackChart(run),
    harmChart(run),
  ];
}

/** When the last thing of the run happened. */
function endMs({ outcome, windows }: RunData): number {
  const { decidedAtMs, rollback, stages } = outcome;
  return Math.max(
    1,
    windows.at(-1)?.endMs ?? 0,
    decidedAtMs ?? 0,
    rollback?.completeMs ?? 0,
    stages.at(-1)?.endMs ?? 0,
  );
}
