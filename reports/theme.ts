import type { Arm } from '../telemetry/window.ts';

/** Colours and fonts of one rendering. Every series colour is from the Okabe–Ito palette, chosen per background for contrast. */
export interface Theme {
  readonly name: 'light' | 'dark';
  readonly font: string;
  readonly background: string | null;
  readonly ink: string;
  readonly muted: string;
  readonly grid: string;
  readonly arm: Readonly<Record<Arm, string>>;
  readonly threshold: string;
  readonly onset: string;
  readonly fault: string;
  readonly state: {
    readonly pass: string;
    readonly over: string;
    readonly breach: string;
    readonly inconclusive: string;
  };
  /** Adds hover rules with tooltips; left out of files that nobody points at. */
  readonly interactive: boolean;
}

const PAGE_FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';

export const LIGHT: Theme = {
  name: 'light',
  font: PAGE_FONT,
  background: null,
  ink: '#1b1f24',
  muted: '#57606a',
  grid: '#e4e7eb',
  arm: { baseline: '#0072B2', candidate: '#D55E00', control: '#009E73' },
  threshold: '#1b1f24',
  onset: '#A2437A',
  fault: '#E69F00',
  state: { pass: '#56B4E9', over: '#E69F00', breach: '#D55E00', inconclusive: '#9aa3ad' },
  interactive: true,
};

export const DARK: Theme = {
  name: 'dark',
  font: PAGE_FONT,
  background: null,
  ink: '#e6e8eb',
  muted: '#a3acb8',
  grid: '#2f363f',
  arm: { baseline: '#56B4E9', candidate: '#E69F00', control: '#009E73' },
  threshold: '#e6e8eb',
  onset: '#CC79A7',
  fault: '#F0E442',
  state: { pass: '#0072B2', over: '#F0E442', breach: '#D55E00', inconclusive: '#6b7580' },
  interactive: true,
};

/** SVG and PNG files: white paper and the one font that is shipped, so that the picture is the same everywhere. */
export const PAPER: Theme = {
  ...LIGHT,
  font: '"DejaVu Sans", Verdana, sans-serif',
  background: '#ffffff',
  interactive: false,
};

/** Dash per arm: colour is never the only difference. */
export const ARM_DASH: Readonly<Record<Arm, readonly number[]>> = {
  baseline: [5, 3],
  candidate: [1, 0],
  control: [1, 3],
};

/** Vega-Lite configuration of a theme; without it text is compiled black and views white. */
export function config(theme: Theme): Readonly<Record<string, unknown>> {
  const { font, ink, muted, grid } = theme;
  return {
    font,
    background: theme.background ?? 'transparent',
    padding: 6,
    text: { color: ink, fill: ink, font, fontSize: 11 },
    view: { stroke: null },
    title: {
      color: ink,
      subtitleColor: muted,
      anchor: 'start',
      frame: 'group',
      fontSize: 13,
      subtitleFontSize: 11.5,
      font,
      subtitleFont: font,
    },
    axis: {
      labelColor: muted,
      titleColor: muted,
      titleFontWeight: 'normal',
      labelFontSize: 11,
      titleFontSize: 11,
      gridColor: grid,
      domainColor: muted,
      tickColor: muted,
      labelFont: font,
      titleFont: font,
    },
    axisY: { minExtent: 44, domain: false, ticks: false, labelPadding: 6 },
    legend: {
      orient: 'top',
      direction: 'horizontal',
      labelColor: ink,
      titleColor: muted,
      labelFontSize: 11.5,
      labelFont: font,
      titleFont: font,
      labelLimit: 400,
      symbolSize: 240,
      symbolStrokeWidth: 2.5,
      title: null,
    },
  };
}
