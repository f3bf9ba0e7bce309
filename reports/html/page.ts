/** One self-contained page: nothing is fetched, nothing is evaluated, and it still reads without scripts. */
import { createHash } from 'node:crypto';
import { type Chart, isChart, type LeftOut, type Row } from '../chart.ts';
import { compiled, themedSpec } from '../render.ts';
import type { RunData } from '../run-data.ts';
import { DARK, LIGHT, PAPER } from '../theme.ts';
import { VERDICT_WORDS } from '../words.ts';
import { CLIENT } from './client.ts';
import { html, inlineJson, Markup } from './escape.ts';
import { figure } from './figure.ts';
import { header } from './header.ts';
import { STYLE } from './style.ts';
import { tables } from './tables.ts';
import { vendorScript } from './vendor.ts';

export function page(run: RunData, results: readonly (Chart | LeftOut)[], svgs: ReadonlyMap<string, string>): string {
  const { outcome } = run;
  const charts = results.filter(isChart);
  const scripts = charts.length === 0 ? [] : [vendorScript(), CLIENT];
  const data = { charts: Object.fromEntries(charts.map((chart) => [chart.id, pageData(chart)])) };
  const links = [...results.map(({ id, title }) => ({ id, title })), { id: 'figures', title: 'All figures' }];
  const document = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(scripts)}">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${VERDICT_WORDS[outcome.verdict]}: ${outcome.scenario.name}</title>
<style>${new Markup(STYLE)}</style></head><body>
${header(run)}
<nav aria-label="Contents"><ul>${links.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>
<main>
${results.map((result) => figure(result, svgs))}
<section id="figures"><h2>All figures</h2>${tables(run)}</section>
</main>
<footer>Coalmine ${outcome.coalmine} on Node ${outcome.node}; seed ${outcome.seed}; ${outcome.digest}. Scenario ${outcome.scenario.file}, ${outcome.scenario.hash}; policy ${outcome.policy.hash}.</footer>
${charts.length > 0 && html`<script type="application/json" id="report-data">${new Markup(inlineJson(data))}</script>`}
${scripts.map((script) => html`<script>${new Markup(script)}</script>`)}
</body></html>
`;
  return document.text;
}

/** Only our own scripts run, each named by its hash; nothing may be loaded from anywhere. */
function policy(scripts: readonly string[]): string {
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
