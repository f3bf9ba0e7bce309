/** How the latencies of two worlds differ: quantile against quantile, and the difference along the quantiles. */
import type { ArmComparison, Comparison } from '../../comparison/comparison.ts';
import { type Chart, type LeftOut, type Row, type Spec } from '../chart.ts';
import { change, ms, quantileName } from '../format.ts';
import type { Theme } from '../theme.ts';
import { armChannels, logScale, logTicks } from '../charts/parts.ts';

const QQ_SIZE = 380;
const HEIGHT = 220;
const WIDTH = 840;
/** Probabilities named on the axis that stretches the tail. */
const NAMED = [0.1, 0.5, 0.9, 0.95, 0.99, 0.999, 0.9999];
/** Bands drawn behind the differences: from, to, share. */
const BANDS = [
  [0, 0.9, 0.05],
  [0.9, 0.97, 0.1],
  [0.97, 0.995, 0.15],
  [0.995, 1, 0.2],
] as const;

/** Place of a probability on the axis: −log₁₀(1 − p), so that every nine is as wide as the one before. */
const nines = (p: number): number => -Math.log10(1 - p);
const round = (value: number): number => Number(value.toPrecision(5));

const rowsOf = (arms: readonly ArmComparison[]): Row[] =>
  arms.flatMap(({ arm, quantiles }) =>
    quantiles.map(([p, sim, live]) => ({
      arm,
      p: round(p),
      nines: round(nines(p)),
      sim: round(sim),
      live: round(live),
      difference: round((live / sim - 1) * 100),
    })),
  );

const TABLE = [
  { field: 'arm', label: 'arm' },
  { field: 'p', label: 'probability' },
  { field: 'sim', label: 'simulated, ms' },
  { field: 'live', label: 'live, ms' },
  { field: 'difference', label: 'difference, %' },
];

/** Live quantile over simulated quantile of one arm: on the diagonal where the worlds agree. */
export function qqChart(comparison: ArmComparison): Chart | LeftOut {
  const head = { id: `qq-${comparison.arm}`, title: `Latency of the ${comparison.arm}, quantile against quantile` };
  const rows = rowsOf([comparison]);
  if (rows.length === 0) return { ...head, because: 'too few requests were answered' };
  const values = rows.flatMap((row) => [row['sim'] as number, row['live'] as number]);
  const [low, high] = logScale(values)['domain'] as [number, number];
  const last = comparison.quantiles.at(-1)!;
  return {
    ...head,
    finding: `${quantileName(0.5)} ${pairText(comparison, 0.5)}; ${quantileName(Number(last[0].toPrecision(4)))} ${ms(last[1])} simulated, ${ms(last[2])} live.`,
    note: 'Every point is one quantile in both worlds, both axes logarithmic; on the line they are equal. The last points are those with ten answers beyond them.',
    datasets: { qq: rows },
    table: { dataset: 'qq', columns: TABLE },
    fixedWidth: false,
    spec: (theme) => qqSpec(comparison.arm, [low, high], logTicks(values), theme),
  };
}

function qqSpec(
  arm: ArmComparison['arm'],
  domain: readonly [number, number],
  ticks: readonly number[],
  theme: Theme,
): Spec {
  const scale = { type: 'log', domain, nice: false };
  const axis = { values: ticks, format: '~r' };
  return {
    width: QQ_SIZE,
    height: QQ_SIZE,
    layer: [
      {
        data: { values: domain.map((value) => ({ sim: value, live: value })) },
        mark: { type: 'line', color: theme.muted, strokeDash: [4, 3], strokeWidth: 1.2, aria: false },
        encoding: qqPlace(scale, axis),
      },
      {
        data: { name: 'qq' },
        mark: { type: 'point', filled: true, size: 34, opacity: 0.85, color: theme.arm[arm] },
        encoding: {
          ...qqPlace(scale, axis),
          ...(theme.interactive
            ? {
                tooltip: [
                  { field: 'p', type: 'quantitative', title: 'probability' },
                  { field: 'sim', type: 'quantitative', title: 'simulated, ms' },
                  { field: 'live', type: 'quantitative', title: 'live, ms' },
                ],
              }
            : {}),
        },
      },
    ],
  };
}

const qqPlace = (scale: Spec, axis: Spec): Spec => ({
  x: { field: 'sim', type: 'quantitative', scale, axis: { ...axis, title: 'simulated, ms' } },
  y: { field: 'live', type: 'quantitative', scale, axis: { ...axis, title: 'live, ms' } },
});

function pairText({ quantiles }: ArmComparison, p: number): string {
  const [, sim, live] = quantiles.find(([each]) => Math.abs(each - p) < 1e-9) ?? [p, null, null];
  return sim === null || live === null
    ? 'is not known'
    : `${ms(sim)} simulated, ${ms(live)} live (${change(live / sim - 1)})`;
}

/** Live/simulated − 1 along the quantiles, both arms, over the bands of agreement. */
export function differenceChart({ arms }: Comparison): Chart | LeftOut {
  const head = { id: 'quantile-differences', title: 'How far the worlds are apart, quantile by quantile' };
  const rows = rowsOf(arms);
  if (rows.length === 0) return { ...head, because: 'too few requests were answered' };
  const most = Math.max(...rows.map((row) => row['nines'] as number));
  const names = arms.filter(({ quantiles }) => quantiles.length > 0).map(({ arm }) => arm);
  return {
    ...head,
    finding:
      arms
        .filter(({ quantiles }) => quantiles.length > 0)
        .map((arm) => `${capital(arm.arm)}: p95 ${nearText(arm, 0.95)}, p99 ${nearText(arm, 0.99)}`)
        .join('. ') + '.',
    note: 'Above 0 the live world is slower. The shaded band is what counts as agreement up to a utilisation of 60 %. Every further nine of the probability is as wide as the one before.',
    datasets: { differences: rows },
    table: { dataset: 'differences', columns: TABLE },
    fixedWidth: false,
    spec: (theme) => ({
      width: WIDTH,
      height: HEIGHT,
      layer: [...bandLayers(most, theme), lineLayer(names, most, theme)],
    }),
  };
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function nearText({ quantiles }: ArmComparison, p: number): string {
  const near = quantiles.reduce<readonly [number, number, number] | null>(
    (best, each) =>
      best === null || Math.abs(nines(each[0]) - nines(p)) < Math.abs(nines(best[0]) - nines(p)) ? each : best,
    null,
  );
  return near === null || Math.abs(nines(near[0]) - nines(p)) > 0.2 ? 'is not known' : change(near[2] / near[1] - 1);
}

function bandLayers(most: number, theme: Theme): Spec[] {
  const values = BANDS.map(([from, to, share]) => ({
    from: nines(from),
    to: Math.min(most, to === 1 ? most : nines(to)),
    low: -share * 100,
    high: share * 100,
  })).filter(({ from, to }) => from < to);
  return [
    {
      data: { values },
      mark: { type: 'rect', color: theme.state.pass, opacity: 0.14, aria: false },
      encoding: {
        x: { field: 'from', type: 'quantitative' },
        x2: { field: 'to' },
        y: { field: 'low', type: 'quantitative' },
        y2: { field: 'high' },
      },
    },
    {
      data: { values: [{ zero: 0 }] },
      mark: { type: 'rule', color: theme.muted, strokeDash: [4, 3], aria: false },
      encoding: { y: { field: 'zero', type: 'quantitative' } },
    },
  ];
}

function lineLayer(names: readonly ArmComparison['arm'][], most: number, theme: Theme): Spec {
  const ticks = NAMED.filter((p) => nines(p) <= most + 1e-9);
  const labels = ticks
    .map((p) => `abs(datum.value - ${nines(p).toFixed(6)}) < 1e-4 ? '${quantileName(p)}'`)
    .join(' : ');
  return {
    data: { name: 'differences' },
    mark: { type: 'line', strokeWidth: 2, interpolate: 'linear' },
    encoding: {
      x: {
        field: 'nines',
        type: 'quantitative',
        scale: { domain: [0, most], nice: false },
        axis: {
          title: null,
          values: ticks.map((p) => Number(nines(p).toFixed(6))),
          labelExpr: `${labels} : ''`,
          grid: true,
        },
      },
      y: { field: 'difference', type: 'quantitative', axis: { title: 'live − simulated, %' } },
      ...armChannels(names, theme),
    },
  };
}
