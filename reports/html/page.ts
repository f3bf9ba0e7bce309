/** One self-contained page: nothing is fetched, nothing is evaluated, and it still reads without scripts. */
import { createHash } from 'node:crypto';
import { type Chart, isChart, type LeftOut, type Row } from '../chart.ts';
import { compiled, themedSpec } from '../render.ts';
import { DARK, LIGHT, PAPER } from '../theme.ts';
import { CLIENT } from './client.ts';
import { html, inlineJson, Markup } from './escape.ts';
import { figure } from './figure.ts';
import { STYLE } from './style.ts';
import { vendorScript } from './vendor.ts';

/** What is no chart: tables, or words. */
export interface Prose {
  readonly id: string;
  readonly title: string;
  readonly body: Markup | readonly Markup[];
}

export type Section = Chart | LeftOut | Prose;

export interface Page {
  /** What the browser's tab says. */
  readonly title: string;
  readonly header: Markup;
  /** In reading order. */
  readonly sections: readonly Section[];
  /** Pictures of the charts, by id, for readers without scripts. */
  readonly svgs: ReadonlyMap<string, string>;
  readonly footer: string;
}

export const isProse = (section: Section): section is Prose => 'body' in section;

export const chartsOf = (sections: readonly Section[]): readonly Chart[] =>
  sections.flatMap((section) => (!isProse(section) && isChart(section) ? [section] : []));

export function page({ title, header, sections, svgs, footer }: Page): string {
  const charts = chartsOf(sections);
  const scripts = charts.length === 0 ? [] : [vendorScript(), CLIENT];
  const data = { charts: Object.fromEntries(charts.map((chart) => [chart.id, pageData(chart)])) };
  const document = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentPolicy(scripts)}">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${title}</title>
<style>${new Markup(STYLE)}</style></head><body>
${header}
<nav aria-label="Contents"><ul>${sections.map((section) => html`<li><a href="#${section.id}">${section.title}</a></li>`)}</ul></nav>
<main>
${sections.map((section) => (isProse(section) ? prose(section) : figure(section, svgs)))}
</main>
<footer>${footer}</footer>
${charts.length > 0 && html`<script type="application/json" id="report-data">${new Markup(inlineJson(data))}</script>`}
${scripts.map((script) => html`<script>${new Markup(script)}</script>`)}
</body></html>
`;
  return document.text;
}

const prose = ({ id, title, body }: Prose): Markup => html`<section id="${id}"><h2>${title}</h2>${body}</section>`;

/** Only our own scripts run, each named by its hash; nothing may be loaded from anywhere. */
export function contentPolicy(scripts: readonly string[]): string {
  const hashes = scripts.map((script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`);
  const allowed = hashes.length === 0 ? "'none'" : hashes.join(' ');
  return `default-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; script-src ${allowed}; base-uri 'none'; form-action 'none'`;
}

/** A chart's data once, its drawing instructions once per theme. */
function pageData(chart: Chart): unknown {
  const { title, finding, table } = chart;
  const datasets = Object.fromEntries(Object.entries(chart.datasets).map(([name, rows]) => [name, columnar(rows)]));
  const spec = themedSpec(chart, PAPER);
  const columns = typeof spec['columns'] === 'number' ? spec['columns'] : 1;
  return {
    title,
    finding,
    table,
    datasets,
    columns,
    spec,
    compiled: { light: compiled(chart, LIGHT), dark: compiled(chart, DARK) },
  };
}

/** Field names once instead of in every row. */
function columnar(rows: readonly Row[]): unknown {
  const fields = Object.keys(rows[0] ?? {});
  return { fields, rows: rows.map((row) => fields.map((field) => row[field])) };
}
