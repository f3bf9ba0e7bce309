/** Distributions, a line per subject and policy: from the least to the most, the middle eight tenths thick, the median a dot. */
import type { Spread } from '../../tuning/distribution.ts';
import { type Chart, PLOT_WIDTH, type Row, type Spec } from '../chart.ts';
import type { Theme } from '../theme.ts';
import { bandHeight, bandY } from './bands.ts';
import { policyChannels } from './palette.ts';

export interface SpreadRow {
  readonly subject: string;
  readonly policy: string;
  readonly spread: Spread;
  /** Every single value, where they are worth showing. */
  readonly values?: readonly number[];
}

type Head = Pick<Chart, 'id' | 'title' | 'finding' | 'note'>;

/** What the values are. */
export interface Unit {
  /** What one unit of the axis is in the values' own. */
  readonly per: number;
  readonly title: string;
  /** A value in words. */
  readonly text: (value: number) => string;
  /** Values of both signs over many decades. */
  readonly symlog?: boolean;
}

const QUANTILES = ['min', 'p10', 'p50', 'p90', 'max'] as const;
/** More dots than this are a smear. */
const MOST_DOTS = 1500;

export function spreadsChart(head: Head, rows: readonly SpreadRow[], policies: readonly string[], unit: Unit): Chart {
  const at = (value: number): number => Number((value / unit.per).toPrecision(6));
  const data = rows.map(({ subject, policy, spread }): Row => {
    const quantiles = Object.fromEntries(QUANTILES.map((name) => [name, at(spread[name])]));
    return { subject, policy, n: spread.n, ...quantiles, text: unit.text(spread.p50) };
  });
  const dots = rows.flatMap(({ subject, policy, values }) =>
    (values ?? []).map((value): Row => ({ subject, policy, value: at(value) })),
  );
  const kept = dots.length > MOST_DOTS ? [] : dots;
  const subjects = [...new Set(rows.map(({ subject }) => subject))];
  return {
    ...head,
    datasets: { spreads: data, ...(kept.length > 0 && { dots: kept }) },
    table: {
      dataset: 'spreads',
      columns: [
        { field: 'subject', label: 'what' },
        { field: 'policy', label: 'policy' },
        { field: 'n', label: 'rollouts' },
        ...QUANTILES.map((field) => ({ field, label: `${NAMES[field]}, ${unit.title}` })),
      ],
    },
    fixedWidth: false,
    spec: (theme) => specOf(theme, subjects, policies, unit, kept.length > 0, extentOf(rows, at)),
  };
}

const NAMES = { min: 'least', p10: '10 %', p50: 'median', p90: '90 %', max: 'most' } as const;

/** 0 and the powers of ten on both sides of it. */
function decades([low, high]: readonly [number, number]): number[] {
  const tens = Array.from({ length: 12 }, (_, i) => 10 ** (i + 1));
  return [...tens.map((each) => -each), 0, ...tens].filter((each) => each >= low && each <= high);
}

/** All values, with room for the text right of the highest. */
function extentOf(rows: readonly SpreadRow[], at: (value: number) => number): readonly [number, number] {
  const low = Math.min(0, ...rows.map(({ spread }) => at(spread.min)));
  const high = Math.max(...rows.map(({ spread }) => at(spread.max)), low + 1e-3);
  return [low, high + (high - low) * 0.14];
}

function specOf(
  theme: Theme,
  subjects: readonly string[],
  policies: readonly string[],
  unit: Unit,
  dotted: boolean,
  domain: readonly [number, number],
): Spec {
  const scale = { domain, nice: false, ...(unit.symlog && { type: 'symlog', constant: 10 }) };
  const x = (field: string): Spec => ({
    field,
    type: 'quantitative',
    scale,
    axis: {
      title: unit.title,
      grid: true,
      ...(unit.symlog
        ? { values: decades(domain), labelExpr: "format(datum.value, '~s')" }
        : { format: '~r', tickCount: 8 }),
    },
  });
  const y = bandY(subjects, policies);
  const colour = policyChannels(policies, theme, false);
  const tooltip = [
    { field: 'subject', title: 'what' },
    { field: 'policy', title: 'policy' },
    { field: 'n', title: 'rollouts' },
    ...QUANTILES.map((field) => ({ field, type: 'quantitative', title: NAMES[field], format: '.4~r' })),
  ];
  const rule = (from: string, to: string, strokeWidth: number, opacity: number): Spec => ({
    mark: { type: 'rule', strokeWidth, opacity, aria: false },
    encoding: { x: x(from), x2: { field: to }, ...y, ...colour, tooltip },
  });
  const dots: Spec = {
    data: { name: 'dots' },
    mark: { type: 'tick', thickness: 1.2, size: 11, opacity: 0.55, aria: false },
    encoding: { x: x('value'), ...y, ...colour },
  };
  return {
    data: { name: 'spreads' },
    width: PLOT_WIDTH - 150,
    height: bandHeight(subjects, policies),
    layer: [
      rule('min', 'max', 1.2, 1),
      rule('p10', 'p90', 5, 0.45),
      ...(dotted ? [dots] : []),
      {
        mark: { type: 'point', filled: true, size: 70, opacity: 1, aria: false },
        encoding: { x: x('p50'), ...y, ...policyChannels(policies, theme), tooltip },
      },
      {
        mark: { type: 'text', align: 'left', dx: 8, fontSize: 10.5, color: theme.muted, aria: false },
        encoding: { x: x('max'), ...y, text: { field: 'text' } },
      },
    ],
  };
}
