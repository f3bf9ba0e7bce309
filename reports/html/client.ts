/**
 * What runs in the reader's browser: draws every chart for the theme in force, again when it changes, and saves pictures and data.
 * Kept as text because it is not part of this program; a browser test runs it. Expressions are interpreted, so no eval is needed.
 */
export const CLIENT: string = `
const report = JSON.parse(document.getElementById('report-data').textContent);
const dark = matchMedia('(prefers-color-scheme: dark)');
const views = new Map();
const quiet = { level() { return quiet; }, info() { return quiet; }, debug() { return quiet; },
  warn(...m) { if (!String(m[0]).includes('Infinite extent')) console.warn(...m); return quiet; },
  error(...m) { console.error(...m); return quiet; } };
const tooltip = new tooltips.Handler({ disableDefaultStyle: true });

function rowsOf({ fields, rows }) {
  return rows.map((row) => Object.fromEntries(fields.map((field, i) => [field, row[i]])));
}

function withData(spec, datasets) {
  const data = spec.data.map((d) => (datasets[d.name] ? { ...d, values: rowsOf(datasets[d.name]) } : d));
  return { ...spec, data };
}

const isWidth = (signal) => /(^|_|[a-z])[wW]idth$/.test(signal.name) && typeof signal.value === 'number';

function narrower(spec, by) {
  const less = (width) => Math.max(180, width - by);
  const signals = (spec.signals || []).map((s) => (isWidth(s) ? { ...s, value: less(s.value) } : s));
  return { ...spec, signals, ...(typeof spec.width === 'number' ? { width: less(spec.width) } : {}) };
}

async function render(element, id, spec) {
  views.get(id)?.finalize();
  element.replaceChildren();
  const runtime = vega.parse(spec, {}, { ast: true });
  const view = new vega.View(runtime, { renderer: 'svg', container: element, expr: interpreter.expressionInterpreter, hover: true, logger: quiet });
  await view.tooltip(tooltip.call).runAsync();
  views.set(id, view);
  const chooser = document.querySelector('select[data-chooser="' + id + '"]');
  if (chooser) view.addEventListener('click', (_, item) => choose(chooser, item?.datum?.id));
  const picture = element.querySelector('svg');
  picture.setAttribute('role', 'img');
  picture.setAttribute('aria-label', report.charts[id].finding);
  for (const name of ['role', 'aria-roledescription']) element.setAttribute(name, name === 'role' ? 'region' : 'chart');
  element.setAttribute('aria-label', report.charts[id].title);
  return Number(picture.getAttribute('width'));
}

// How much room labels and titles need is known only after drawing, and changes with the width: a few attempts.
async function fit(element, id, spec, columns) {
  let shape = spec;
  for (let attempt = 0; attempt < 4; attempt++) {
    const excess = (await render(element, id, shape)) - element.clientWidth;
    if (excess <= 0 || element.classList.contains('fixed')) return;
    shape = narrower(shape, excess / columns);
  }
}

// One card of many, by a list or by a click into the picture; what has no card leaves everything as it is.
function choose(chooser, id) {
  if (![...chooser.options].some((option) => option.value === String(id))) return;
  chooser.value = String(id);
  for (const card of document.querySelectorAll('[data-policy]')) card.hidden = card.dataset.policy !== chooser.value;
}

let latest = 0;
async function draw(theme) {
  const turn = ++latest;
  for (const element of document.querySelectorAll('div.chart')) {
    const id = element.dataset.chart;
    const chart = report.charts[id];
    const spec = withData(chart.compiled[theme], chart.datasets);
    const stacked = chart.columns > 1 && element.clientWidth < 600;
    const shape = stacked ? { ...spec, layout: { ...spec.layout, columns: 1 } } : spec;
    await fit(element, id, shape, stacked ? 1 : chart.columns);
    if (turn !== latest) return;
  }
  document.documentElement.dataset.drawn = theme;
}

function save(name, type, content) {
  const link = document.createElement('a');
  link.href = typeof content === 'string' && content.startsWith('data:') ? content : URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
}

const cell = (value) => (value === null || value === undefined ? '' : /[",\\n]/.test(value) ? '"' + String(value).replaceAll('"', '""') + '"' : String(value));

function csv({ table, datasets }) {
  const rows = rowsOf(datasets[table.dataset]);
  return [table.columns.map((c) => cell(c.label)), ...rows.map((row) => table.columns.map((c) => cell(row[c.field])))].map((r) => r.join(',') + '\\n').join('');
}

function portable({ spec, datasets }) {
  const named = Object.fromEntries(Object.entries(datasets).map(([name, data]) => [name, rowsOf(data)]));
  return JSON.stringify({ ...spec, datasets: named }, null, 2);
}

async function saveChart({ chart: id, save: kind }) {
  const chart = report.charts[id];
  const view = views.get(id);
  if (kind === 'SVG') save(id + '.svg', 'image/svg+xml', await view.toSVG());
  if (kind === 'PNG') save(id + '.png', 'image/png', await view.toImageURL('png', 2));
  if (kind === 'CSV') save(id + '.csv', 'text/csv', csv(chart));
  if (kind === 'spec') save(id + '.vl.json', 'application/json', portable(chart));
}

function fillTable(details) {
  const place = details.querySelector('div');
  if (place.firstChild) return;
  const { table, datasets } = report.charts[details.dataset.chart];
  const element = place.appendChild(document.createElement('table'));
  const head = element.createTHead().insertRow();
  for (const column of table.columns) {
    const th = head.appendChild(document.createElement('th'));
    th.scope = 'col';
    th.textContent = column.label;
  }
  const body = element.createTBody();
  for (const row of rowsOf(datasets[table.dataset])) {
    const line = body.insertRow();
    for (const column of table.columns) line.insertCell().textContent = row[column.field] ?? '–';
  }
}

document.querySelectorAll('select[data-chooser]').forEach((s) => s.addEventListener('change', () => choose(s, s.value)));
const theme = () => (dark.matches ? 'dark' : 'light');
document.querySelectorAll('button[data-save]').forEach((b) => b.addEventListener('click', () => saveChart(b.dataset)));
document.querySelectorAll('details[data-chart]').forEach((d) => d.addEventListener('toggle', () => fillTable(d)));
dark.addEventListener('change', () => draw(theme()));
addEventListener('beforeprint', () => draw('light'));
addEventListener('afterprint', () => draw(theme()));
let width = innerWidth;
let waiting = 0;
addEventListener('resize', () => {
  if (innerWidth === width) return;
  width = innerWidth;
  clearTimeout(waiting);
  waiting = setTimeout(() => draw(theme()), 150);
});
draw(theme());
`;
