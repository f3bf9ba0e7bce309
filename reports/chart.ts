import type { Theme } from './theme.ts';

export type Cell = string | number | boolean | null;
export type Row = Readonly<Record<string, Cell>>;

/** A Vega-Lite specification. Vega-Lite's own type takes the compiler minutes to relate; `render.ts` checks it by compiling it. */
export type Spec = Readonly<Record<string, unknown>>;

export interface Column {
  readonly field: string;
  readonly label: string;
}

/** A chart with its data apart, so that a page holds the data once for all themes. */
export interface Chart {
  readonly id: string;
  readonly title: string;
  /** What the picture shows, in one sentence with numbers: caption, aria-label and description. */
  readonly finding: string;
  /** How to read it. */
  readonly note: string;
  readonly datasets: Readonly<Record<string, readonly Row[]>>;
  /** Which dataset is the data table and the CSV. */
  readonly table: { readonly dataset: string; readonly columns: readonly Column[] };
  /** Label positions were computed for the full width: on a narrow screen it scrolls instead of shrinking. */
  readonly fixedWidth: boolean;
  /** The specification for a theme, without its data. */
  readonly spec: (theme: Theme) => Spec;
}

/** A chart there is no data for. */
export interface LeftOut {
  readonly id: string;
  readonly title: string;
  readonly because: string;
}

export const isChart = (result: Chart | LeftOut): result is Chart => 'spec' in result;

/** Width of every plot, px. */
export const PLOT_WIDTH = 840;
