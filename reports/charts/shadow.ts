import { type Chart, type LeftOut, PLOT_WIDTH, type Row } from '../chart.ts';
import { change, count, percent } from '../format.ts';
import type { RunData } from '../run-data.ts';
import type { ShadowScores } from '../scores.ts';
import type { ScoreTotal } from '../../telemetry/scores.ts';
import type { Arm } from '../../telemetry/window.ts';
import { armChannels, ofArm } from './parts.ts';

const ARMS: readonly Arm[] = ['baseline', 'candidate'];
const MOST_BINS = 80;
/** Percentiles of the scores at which both models are compared; the outermost 1 % is noise. */
const PERCENTILES: readonly number[] = Array.from({ length: 99 }, (_, i) => i + 1);

/** Both models' scores for the same mirrored requests: their distributions, and the shift at every percentile. */
export function shadowChart(run: RunData, scores: ShadowScores): Chart | LeftOut {
  const head = { id: 'shadow-scores', title: 'Shadow comparison of scores' };
  if (scores.baseline.count === 0 || scores.candidate.count === 0)
    return { ...head, because: 'no mirrored request was answered by both models' };
  const bins = binned(scores);
  const shifts = shiftsOf(scores);
  const score = {
    field: 'score',
    type: 'quantitative',
    scale: { zero: false, nice: false },
    axis: { title: 'score', grid: false },
  };
  const half = (PLOT_WIDTH - 70) / 2;
  return {
    ...head,
    finding: findingOf(run),
    note: `Left: share of the compared pairs per score. Right: candidate minus baseline at each percentile of the scores; a flat line at 0 means the models agree in distribution.`,
    datasets: { scores: bins, shifts },
    table: {
      dataset: 'shifts',
      columns: [
        { field: 'percentile', label: 'percentile of the scores' },
        { field: 'baseline', label: 'baseline score' },
        { field: 'candidate', label: 'candidate score' },
        { field: 'shift', label: 'candidate − baseline' },
      ],
    },
    fixedWidth: false,
    spec: (theme) => ({
      columns: 2,
      spacing: 26,
      concat: [
        {
          data: { name: 'scores' },
          width: half,
          height: 230,
          title: { text: 'Distribution', fontSize: 12 },
          layer: ARMS.map((arm) => ({
            transform: [ofArm(arm)],
            mark: { type: 'line', interpolate: 'step', strokeWidth: 1.8, aria: false },
            encoding: {
              x: score,
              y: { field: arm, type: 'quantitative', axis: { title: '% of the pairs', format: '~r' } },
              ...armChannels(ARMS, theme),
            },
          })),
        },
        {
          data: { name: 'shifts' },
          width: half,
          height: 230,
          title: { text: 'Shift by percentile', fontSize: 12 },
          layer: [
            {
              data: { values: [{ zero: 0 }] },
              mark: { type: 'rule', color: theme.muted, strokeDash: [2, 2], aria: false },
              encoding: { y: { field: 'zero', type: 'quantitative' } },
            },
            {
              mark: { type: 'line', color: theme.ink, strokeWidth: 1.8, aria: false },
              encoding: {
                x: {
                  field: 'percentile',
                  type: 'quantitative',
                  scale: { domain: [0, 100] },
                  axis: { title: 'percentile of the scores', values: [1, 10, 25, 50, 75, 90, 99], grid: false },
                },
                y: {
                  field: 'shift',
                  type: 'quantitative',
                  axis: { title: 'candidate − baseline', format: '~r', tickCount: 6 },
                },
              },
            },
          ],
        },
      ],
    }),
  };
}

/** At most MOST_BINS bars over the scores that occur. */
function binned({ baseline, candidate }: ShadowScores): Row[] {
  const { grid } = baseline;
  const used = [...baseline.counts.keys()].filter((i) => baseline.counts[i]! + candidate.counts[i]! > 0);
  const first = used[0]!;
  const last = used.at(-1)!;
  const group = Math.ceil((last - first + 1) / MOST_BINS);
  const width = (grid.high - grid.low) / grid.bins;
  const share = (total: ScoreTotal, from: number) => {
    const inBar = total.counts.subarray(from, from + group).reduce((a, b) => a + b, 0);
    return Number(((100 * inBar) / total.count).toPrecision(4));
  };
  return Array.from({ length: Math.ceil((last - first + 1) / group) }, (_, i) => {
    const from = first + i * group;
    const score = Number((grid.low + width * (from + group / 2)).toPrecision(5));
    return { score, baseline: share(baseline, from), candidate: share(candidate, from) };
  });
}

const tidy = (v: number): number => Number(v.toPrecision(5));

function shiftsOf({ baseline, candidate }: ShadowScores): Row[] {
  return PERCENTILES.map((percentile) => {
    const b = baseline.quantile(percentile / 100)!;
    const c = candidate.quantile(percentile / 100)!;
    return { percentile, baseline: tidy(b), candidate: tidy(c), shift: tidy(c - b) };
  });
}

function findingOf({ outcome: { shadow } }: RunData): string {
  return `Over ${count(shadow.compared)} mirrored pairs the median score shifted by ${change(shadow.scoreMedianShift)}, the mean by ${change(shadow.scoreMeanShift)}; ${percent(shadow.mismatchRatio)} of the pairs differ beyond the tolerance; mirroring cost ${count(shadow.extraInferences)} extra inferences.`;
}
