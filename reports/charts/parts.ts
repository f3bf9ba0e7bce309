/** Pieces several charts share. */
import type { Arm } from '../../telemetry/window.ts';
import type { Spec } from '../chart.ts';
import { ARM_DASH, type Theme } from '../theme.ts';
import type { TimeAxis } from '../time-axis.ts';

/** In full: `format` on an axis takes as many digits as ticks of d3's own choice would need, and would call a quarter 0.3. */
const EXACT = "format(datum.value, '~r')";

/** The shared horizontal time axis; only the lowest of stacked panels carries its labels. */
export function timeX(axis: TimeAxis, labelled = true, field = 't'): Spec {
  const words = labelled
    ? { title: axis.title, labelExpr: EXACT }
    : { title: null, labels: false, ticks: false, domain: false };
  return {
    field,
    type: 'quantitative',
    scale: { domain: [0, axis.end], nice: false },
    axis: { values: axis.ticks, grid: false, ...words },
  };
}

/** Names a layer's arm in a field: legends of constants do not merge, so colour and dash would each get their own. */
export const ofArm = (arm: Arm): Spec => ({ calculate: `'${arm}'`, as: 'arm' });

/** Colour and dash by the field `arm`, with one legend for both. */
export function armChannels(arms: readonly Arm[], theme: Theme): Spec {
  const channel = { field: 'arm', type: 'nominal', title: null };
  return {
    color: { ...channel, scale: { domain: arms, range: arms.map((a) => theme.arm[a]) } },
    strokeDash: { ...channel, scale: { domain: arms, range: arms.map((a) => ARM_DASH[a]) } },
  };
}

/** A vertical log axis over the given values; log scales of Vega-Lite would otherwise begin a decade early. */
export function logScale(values: readonly (number | null)[]): Spec {
  const positive = values.filter((v) => v !== null && v > 0) as number[];
  const low = positive.reduce((a, b) => Math.min(a, b), Infinity);
  const high = positive.reduce((a, b) => Math.max(a, b), 0);
  return { type: 'log', domain: high === 0 ? [1, 10] : [low * 0.85, high * 1.2], nice: false };
}

/** Round values (1, 2, 5 per decade) inside a log axis; powers of ten alone where it is long. */
export function logTicks(values: readonly (number | null)[]): number[] {
  const [low, high] = logScale(values)['domain'] as [number, number];
  const ratio = high / low;
  const steps = ratio > 300 ? [1] : ratio > 30 ? [1, 3] : ratio > 6 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 6, 8];
  const ticks: number[] = [];
  for (let decade = Math.floor(Math.log10(low)); decade <= Math.log10(high); decade++)
    for (const step of steps) {
      const tick = Number((step * 10 ** decade).toPrecision(3));
      if (tick >= low && tick <= high) ticks.push(tick);
    }
  return ticks.length >= 2 ? ticks : evenTicks(low, high);
}

/** Where hardly a round value fits in: steps of 1, 2 or 5 that give at least two. */
function evenTicks(low: number, high: number): number[] {
  const decade = 10 ** Math.floor(Math.log10(high - low));
  const step = [5, 2, 1, 0.5, 0.2]
    .map((each) => each * decade)
    .find((each) => Math.floor(high / each) - Math.ceil(low / each) >= 1);
  if (step === undefined) return [];
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(6)),
  );
}

/** A bound across the plot. Its text is at the line's left end, since what breaks a bound does so later, and above it unless `below`. */
export function boundRule(value: number, text: string, theme: Theme, below = false): Spec {
  const y = { field: 'bound', type: 'quantitative' };
  const side = below ? { baseline: 'top', dy: 3 } : { baseline: 'bottom', dy: -3 };
  return {
    data: { values: [{ bound: value }] },
    layer: [
      {
        mark: { type: 'rule', color: theme.threshold, strokeWidth: 1.2, strokeDash: [2, 2], aria: false },
        encoding: { y },
      },
      {
        mark: { type: 'text', align: 'left', dx: 4, ...side, color: theme.ink, fontSize: 10.5 },
        encoding: { y, x: { value: 0 }, text: { value: text } },
      },
    ],
  };
}

/** A rule that follows the pointer and shows the nearest row's fields. Only where somebody points. */
export function hover(
  name: string,
  x: Spec,
  fields: readonly { field: string; title: string; format?: string }[],
  theme: Theme,
): Spec[] {
  if (!theme.interactive) return [];
  return [
    {
      params: [
        {
          name,
          select: { type: 'point', fields: [x['field']], nearest: true, on: 'pointermove', clear: 'pointerout' },
        },
      ],
      mark: { type: 'rule', color: theme.muted, aria: false },
      encoding: {
        x,
        opacity: { condition: { param: name, empty: false, value: 0.6 }, value: 0 },
        tooltip: fields.map((f) => ({ type: 'quantitative', ...f })),
      },
    },
  ];
}
