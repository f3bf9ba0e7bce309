/** Colours and shapes of policies: a reader who sees no colours tells them apart by shape. */
import type { Spec } from '../chart.ts';
import type { Theme } from '../theme.ts';

const COLOURS: Readonly<Record<Theme['name'], readonly string[]>> = {
  light: ['#0072B2', '#D55E00', '#009E73', '#A2437A', '#8A6D00', '#1b1f24', '#3E7CA8', '#7A4A00'],
  dark: ['#56B4E9', '#E69F00', '#009E73', '#CC79A7', '#F0E442', '#e6e8eb', '#9BB8D3', '#D55E00'],
};
const SHAPES = ['circle', 'diamond', 'square', 'triangle-up', 'cross', 'triangle-down', 'triangle-right', 'stroke'];

/** More policies than this cannot be told apart in a picture. */
export const MOST_POLICIES: number = SHAPES.length;

/** Colour and shape by the field `policy`, with one legend for both; none for a single policy. */
export function policyChannels(policies: readonly string[], theme: Theme, shaped = true): Spec {
  const legend = { legend: policies.length > 1 ? { symbolSize: 90, symbolOpacity: 1 } : null };
  const channel = { field: 'policy', type: 'nominal', title: null, ...legend };
  const range = (values: readonly string[]) => policies.map((_, i) => values[i % values.length]!);
  return {
    color: { ...channel, scale: { domain: policies, range: range(COLOURS[theme.name]) } },
    ...(shaped && { shape: { ...channel, scale: { domain: policies, range: range(SHAPES) } } }),
  };
}
